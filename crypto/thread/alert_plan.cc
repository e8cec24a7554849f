#include "crypto/thread/alert_plan.h"

#include <algorithm>

#include "crypto/thread/alert_encoding.h"

namespace renkei::thread {
namespace {

constexpr std::uint32_t kVersion = 1;
constexpr std::int64_t kMillisPerSecond = 1000;

Status ValidateStep(const AlertStep& step) {
  if (step.targets.empty()) {
    return Error(Code::kMalformed, "alert plan: a step that calls nobody");
  }
  if (step.targets.size() > kMaxAlertTargets) {
    return Error(Code::kTooLarge, "alert plan: too many called at once");
  }
  for (const AlertTarget& target : step.targets) {
    RENKEI_TRY(ValidateTarget(target));
  }
  if (step.wait < kMinAlertWait || step.wait > kMaxAlertWait ||
      step.wait.value % kMillisPerSecond != 0) {
    return Error(Code::kMalformed, "alert plan: a wait out of range");
  }
  return Ok();
}

Result<AlertStep> ParseStep(ByteView bytes) {
  FieldReader in(bytes);
  AlertStep step;
  for (ByteView item; in.Next(1, item);) {
    if (step.targets.size() == kMaxAlertTargets) {
      return Error(Code::kTooLarge, "alert plan: too many called at once");
    }
    FieldReader target(item);
    step.targets.push_back(ReadTarget(target));
    RENKEI_TRY(target.Finish(Error(Code::kMalformed, "alert plan: not the one encoding")));
  }
  step.wait = Seconds(std::int64_t{in.U32(2)});
  RENKEI_TRY(in.Finish(Error(Code::kMalformed, "alert plan: not the one encoding")));
  return step;
}

// One person of the case, or somebody of the step's targets whom the case does not have.
AlertCall CallOf(const AlertTarget& target, std::span<const AlertMember> members) {
  const PersonRef wanted{*target.institution, *target.person};
  const auto member = std::find_if(members.begin(), members.end(),
                                   [&](const AlertMember& each) { return each.person == wanted; });
  if (member == members.end()) {
    return {target, CallOutcome::kNotMember};
  }
  return {target, member->has_device ? CallOutcome::kLeft : CallOutcome::kNoDevice};
}

std::vector<PersonRef> PersonsOf(const AlertTarget& target, std::span<const AlertMember> members,
                                 const PersonRef& sender) {
  std::vector<PersonRef> out;
  for (const AlertMember& member : members) {
    const bool here = !target.institution || member.person.institution == *target.institution;
    if (here && member.profession == target.profession && member.person != sender) {
      out.push_back(member.person);
    }
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

void WritePlan(FieldWriter& out, const AlertPlan& plan) {
  out.U64(1, kVersion);
  out.U64(2, plan.rounds);
  for (const AlertStep& step : plan.steps) {
    out.MessageItem(3, [&](FieldWriter& item) {
      for (const AlertTarget& target : step.targets) {
        item.MessageItem(1, [&](FieldWriter& inner) { WriteTarget(inner, target); });
      }
      item.U64(2, static_cast<std::uint64_t>(step.wait.value / kMillisPerSecond));
    });
  }
}

void AddOnce(const AlertCall& call, std::vector<AlertCall>& out) {
  const auto same = [&](const AlertCall& each) { return each.who == call.who; };
  if (std::none_of(out.begin(), out.end(), same)) {
    out.push_back(call);
  }
}

}  // namespace

Status ValidateAlertPlan(const AlertPlan& plan) {
  if (plan.steps.empty() || plan.rounds == 0) {
    return Error(Code::kMalformed, "alert plan: no step or no round");
  }
  if (plan.steps.size() > kMaxAlertSteps || plan.rounds > kMaxAlertRounds) {
    return Error(Code::kTooLarge, "alert plan: too many steps or rounds");
  }
  Millis round;
  for (const AlertStep& step : plan.steps) {
    RENKEI_TRY(ValidateStep(step));
    round = round + step.wait;
  }
  if (round.value * std::int64_t{plan.rounds} > kMaxAlertLength.value) {
    return Error(Code::kTooLarge, "alert plan: longer than a week");
  }
  if (FieldWriter::SizeOf([&](FieldWriter& out) { WritePlan(out, plan); }) > kMaxAlertPlanBytes) {
    return Error(Code::kTooLarge, "alert plan: too long");
  }
  return Ok();
}

Bytes SerializeAlertPlan(const AlertPlan& plan) {
  RENKEI_CHECK(ValidateAlertPlan(plan).ok());
  return Encode([&](FieldWriter& out) { WritePlan(out, plan); });
}

Result<AlertPlan> ParseAlertPlan(ByteView bytes) {
  if (bytes.empty()) {
    return Error(Code::kMalformed, "alert plan: none");
  }
  if (bytes.size() > kMaxAlertPlanBytes) {
    return Error(Code::kTooLarge, "alert plan: too long");
  }
  FieldReader in(bytes);
  RENKEI_TRY(CheckVersion(in.U32(1)));
  AlertPlan plan;
  plan.rounds = in.U32(2);
  for (ByteView item; in.Next(3, item);) {
    if (plan.steps.size() == kMaxAlertSteps) {
      return Error(Code::kTooLarge, "alert plan: too many steps or rounds");
    }
    RENKEI_ASSIGN(AlertStep step, ParseStep(item));
    plan.steps.push_back(std::move(step));
  }
  RENKEI_TRY(in.Finish(Error(Code::kMalformed, "alert plan: not the one encoding")));
  RENKEI_TRY(ValidateAlertPlan(plan));
  return plan;
}

std::vector<AlertCall> CallsAt(const AlertPlan& plan, std::uint32_t k,
                               std::span<const AlertMember> members, const PersonRef& sender) {
  std::vector<AlertCall> out;
  for (const AlertTarget& target : StepAt(plan, k).targets) {
    if (target.person) {
      AddOnce(CallOf(target, members), out);
      continue;
    }
    const std::vector<PersonRef> persons = PersonsOf(target, members, sender);
    for (const PersonRef& person : persons) {
      AddOnce(CallOf({person.institution, person.person, 0}, members), out);
    }
    if (persons.empty()) {
      AddOnce({target, CallOutcome::kNobody}, out);
    }
  }
  return out;
}

}  // namespace renkei::thread
