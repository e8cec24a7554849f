#include "client/core/call_list.h"

#include <algorithm>
#include <array>

#include "crypto/thread/alert_plan.h"

namespace renkei::client {
namespace {

constexpr std::uint32_t kDefaultRounds = 2;
constexpr Millis kDefaultWait = Minutes(5);

enum class Rank : std::size_t { kFirst, kDeputies, kHospital, kCoordinators, kNobody };
constexpr std::size_t kRanks = 4;

bool IsNurse(pki::Profession profession) {
  return profession == pki::Profession::kNurse ||
         profession == pki::Profession::kPublicHealthNurse ||
         profession == pki::Profession::kAssistantNurse;
}

bool IsCoordinator(pki::Profession profession) {
  return profession == pki::Profession::kCareManager ||
         profession == pki::Profession::kSocialWorker ||
         profession == pki::Profession::kMedicalSocialWorker;
}

Rank RankOf(const PersonView& person, bool leads) {
  const auto profession =
      pki::ProfessionFromCertificate(person.profession).value_or(pki::Profession::kNone);
  const auto kind = pki::InstitutionKindFromCertificate(person.institution_kind)
                        .value_or(pki::InstitutionKind::kNone);
  const bool doctor = profession == pki::Profession::kDoctor;
  const bool nurse = IsNurse(profession);
  if ((doctor || nurse || profession == pki::Profession::kMedicalSocialWorker) &&
      kind == pki::InstitutionKind::kHospital) {
    return Rank::kHospital;
  }
  if (doctor) {
    return leads ? Rank::kFirst : Rank::kDeputies;
  }
  if (nurse) {
    return kind == pki::InstitutionKind::kVisitingNurseStation ? Rank::kFirst : Rank::kDeputies;
  }
  return IsCoordinator(profession) ? Rank::kCoordinators : Rank::kNobody;
}

bool IsHomeDoctor(const MemberView& member) {
  return RankOf(member.person, true) == Rank::kFirst &&
         pki::ProfessionFromCertificate(member.person.profession) == pki::Profession::kDoctor;
}

// The steward among the doctors outside hospitals, else the first of them.
const MemberView* LeadingDoctor(const CaseView& view) {
  const MemberView* out = nullptr;
  for (const MemberView& member : view.members) {
    if (IsHomeDoctor(member) && (out == nullptr || (member.steward && !out->steward))) {
      out = &member;
    }
  }
  return out;
}

thread::AlertTarget ToTarget(const Callee& callee) {
  if (callee.person.has_value()) {
    return {callee.person->institution_id, callee.person->person_id, 0};
  }
  return {std::nullopt, std::nullopt, static_cast<std::uint32_t>(callee.profession)};
}

}  // namespace

CallList DefaultCallList(const CaseView& view) {
  std::array<CallStep, kRanks> steps;
  const MemberView* leading = LeadingDoctor(view);
  for (const MemberView& member : view.members) {
    const Rank rank = RankOf(member.person, &member == leading);
    if (rank == Rank::kNobody || member.person.self) {
      continue;
    }
    CallStep& step = steps[static_cast<std::size_t>(rank)];
    if (step.callees.size() < thread::kMaxAlertTargets) {
      step.callees.push_back({member.person, pki::Profession::kNone});
    }
  }
  CallList out;
  out.rounds = kDefaultRounds;
  for (CallStep& step : steps) {
    if (!step.callees.empty()) {
      step.wait = kDefaultWait;
      out.steps.push_back(std::move(step));
    }
  }
  return out;
}

Result<Bytes> ToAlertPlan(const CallList& list) {
  thread::AlertPlan plan;
  plan.rounds = list.rounds;
  for (const CallStep& step : list.steps) {
    thread::AlertStep out;
    for (const Callee& callee : step.callees) {
      out.targets.push_back(ToTarget(callee));
    }
    out.wait = step.wait;
    plan.steps.push_back(std::move(out));
  }
  RENKEI_TRY(thread::ValidateAlertPlan(plan));
  return thread::SerializeAlertPlan(plan);
}

}  // namespace renkei::client
