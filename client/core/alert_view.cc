#include "client/core/alert_view.h"

#include <algorithm>
#include <utility>

#include "crypto/pki/profession.h"

namespace renkei::client {
namespace {

using thread::AlertEvent;
using thread::CallOutcome;

const char* OutcomeName(CallOutcome outcome) {
  switch (outcome) {
    case CallOutcome::kRang:
      return "rang";
    case CallOutcome::kLeft:
      return "left";
    case CallOutcome::kNotMember:
      return "not_member";
    case CallOutcome::kNoDevice:
      return "no_device";
    case CallOutcome::kNobody:
      return "nobody";
  }
  return "left";
}

Result<AlertCallView> CallOf(const thread::AlertTarget& who, const PersonLookup& person_of) {
  AlertCallView out;
  if (who.person.has_value()) {
    RENKEI_ASSIGN(out.person, person_of({*who.institution, *who.person}));
  } else if (who.profession <= static_cast<std::uint32_t>(pki::Profession::kOther)) {
    out.profession =
        std::string(pki::NamesOf(static_cast<pki::Profession>(who.profession)).certificate);
  }
  return out;
}

Result<std::vector<AlertStepView>> PlanOf(const thread::AlertPlan& plan,
                                          const PersonLookup& person_of) {
  std::vector<AlertStepView> out;
  for (const thread::AlertStep& step : plan.steps) {
    AlertStepView view;
    view.step = static_cast<std::uint32_t>(out.size()) + 1;
    view.wait = step.wait;
    for (const thread::AlertTarget& target : step.targets) {
      RENKEI_ASSIGN(auto call, CallOf(target, person_of));
      view.calls.push_back(std::move(call));
    }
    out.push_back(std::move(view));
  }
  return out;
}

// The record's own plan, out of the relay's first note.
std::optional<thread::AlertPlan> PlanIn(const RecordRow& record,
                                        const std::vector<thread::RelayNote>& notes) {
  for (const thread::RelayNote& note : notes) {
    if (note.alert->event == AlertEvent::kBegun &&
        thread::HashOfAlertPlan(note.alert->plan) == record.alert_plan_hash) {
      auto plan = thread::ParseAlertPlan(note.alert->plan);
      return plan.ok() ? std::optional(std::move(*plan)) : std::nullopt;
    }
  }
  return std::nullopt;
}

Result<AlertStepView> StepOf(const thread::RelayNote& note, const PersonLookup& person_of,
                             const OwnerLookup& owner_of) {
  AlertStepView out;
  out.step = note.alert->step;
  out.at = note.at;
  if (note.alert->event == AlertEvent::kAcknowledged) {
    out.event = AlertStepView::Event::kAcknowledged;
    RENKEI_ASSIGN(const auto owner, owner_of(*note.actor));
    if (owner.has_value()) {
      RENKEI_ASSIGN(out.responder, person_of(*owner));
    }
  } else if (note.alert->event == AlertEvent::kEnded) {
    out.event = AlertStepView::Event::kEnded;
  }
  for (const thread::AlertCall& call : note.alert->calls) {
    RENKEI_ASSIGN(auto view, CallOf(call.who, person_of));
    view.outcome = OutcomeName(call.outcome);
    out.calls.push_back(std::move(view));
  }
  return out;
}

}  // namespace

const char* AlertStateName(AlertState state) {
  switch (state) {
    case AlertState::kWaiting:
      return "waiting";
    case AlertState::kUnconfirmed:
      return "unconfirmed";
    case AlertState::kCalling:
      return "calling";
    case AlertState::kAcknowledged:
      return "acknowledged";
    case AlertState::kEnded:
      return "ended";
  }
  return "waiting";
}

const char* AlertNewsName(AlertNews::Kind kind) {
  switch (kind) {
    case AlertNews::Kind::kCallsYou:
      return "calls_you";
    case AlertNews::Kind::kCalls:
      return "calls";
    case AlertNews::Kind::kAcknowledged:
      return "acknowledged";
    case AlertNews::Kind::kEnded:
      return "ended";
    case AlertNews::Kind::kLate:
      return "late";
  }
  return "late";
}

AlertProgress ProgressOf(const RecordRow& record, const std::vector<thread::RelayNote>& notes) {
  AlertProgress out;
  out.last_at = record.received_at;
  const auto plan = PlanIn(record, notes);
  out.begun = plan.has_value();
  for (const thread::RelayNote& note : notes) {
    out.last_at = note.at;
    out.step = note.alert->step;
    out.open = out.open && (note.alert->event == AlertEvent::kBegun ||
                            note.alert->event == AlertEvent::kCalled);
  }
  if (plan.has_value() && out.step > 0) {
    out.wait = thread::StepAt(*plan, out.step - 1).wait;
  }
  return out;
}

Result<AlertView> MakeAlertView(const RecordRow& record,
                                const std::vector<thread::RelayNote>& notes,
                                const PersonLookup& person_of, const OwnerLookup& owner_of) {
  AlertView out;
  const AlertProgress progress = ProgressOf(record, notes);
  out.state = progress.begun ? AlertState::kCalling : AlertState::kUnconfirmed;
  if (const auto plan = PlanIn(record, notes); plan.has_value()) {
    out.rounds = plan->rounds;
    RENKEI_ASSIGN(out.plan, PlanOf(*plan, person_of));
    out.next_at = progress.last_at + progress.wait;
  }
  for (const thread::RelayNote& note : notes) {
    if (note.alert->event == AlertEvent::kBegun) {
      continue;
    }
    RENKEI_ASSIGN(auto step, StepOf(note, person_of, owner_of));
    if (step.event == AlertStepView::Event::kAcknowledged && !out.responder.has_value()) {
      out.state = AlertState::kAcknowledged;
      out.responder = step.responder;
    } else if (step.event == AlertStepView::Event::kEnded) {
      out.state = AlertState::kEnded;
    }
    out.steps.push_back(std::move(step));
  }
  if (out.state != AlertState::kCalling) {
    out.next_at.reset();
  }
  return out;
}

Result<AlertView> MakeWaitingAlert(ByteView plan, const PersonLookup& person_of) {
  AlertView out;
  const auto parsed = thread::ParseAlertPlan(plan);
  if (!parsed.ok()) {
    return Error(Code::kCorrupt, "outbox: damaged alert plan");
  }
  out.rounds = parsed->rounds;
  RENKEI_ASSIGN(out.plan, PlanOf(*parsed, person_of));
  return out;
}

Result<AlertNews> MakeAlertNews(const RecordRow& record, const thread::RelayNote& note,
                                const thread::PersonRef& self, const PersonLookup& person_of,
                                const OwnerLookup& owner_of) {
  AlertNews out;
  out.case_id = record.case_id;
  out.record_id = record.record_id;
  RENKEI_ASSIGN(out.step, StepOf(note, person_of, owner_of));
  switch (out.step.event) {
    case AlertStepView::Event::kAcknowledged:
      out.kind = AlertNews::Kind::kAcknowledged;
      return out;
    case AlertStepView::Event::kEnded:
      out.kind = AlertNews::Kind::kEnded;
      return out;
    case AlertStepView::Event::kCalled:
      break;
  }
  const auto& calls = note.alert->calls;
  const bool you = std::any_of(calls.begin(), calls.end(), [&](const thread::AlertCall& call) {
    return call.who.person == self.person && call.who.institution == self.institution &&
           (call.outcome == CallOutcome::kRang || call.outcome == CallOutcome::kLeft);
  });
  out.kind = you ? AlertNews::Kind::kCallsYou : AlertNews::Kind::kCalls;
  return out;
}

}  // namespace renkei::client
