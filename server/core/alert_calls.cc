#include "server/core/alert_calls.h"

#include <algorithm>
#include <map>

namespace renkei::server {
namespace {

// By the person's newest device certificate; 0: none is published.
Result<std::uint32_t> ProfessionOf(ReadTransaction& transaction, const PersonRef& person) {
  RENKEI_ASSIGN(const auto devices, transaction.DevicesOf(person, pki::CertRole::kDeviceSigning));
  for (const DeviceCertificate& device : devices) {
    RENKEI_ASSIGN(const auto row, transaction.FindCertificate(device.fingerprint));
    const auto certificate = row ? pki::Certificate::Parse(row->der)
                                 : Result<pki::Certificate>(Error(Code::kNotFound, "alert: none"));
    if (certificate.ok()) {
      return static_cast<std::uint32_t>(certificate->profession());
    }
  }
  return std::uint32_t{0};
}

bool Calls(const AlertRow& alert, const thread::AlertMember& member) {
  const auto plan = thread::ParseAlertPlan(alert.plan);
  if (!plan.ok()) {
    return false;
  }
  // Later rounds call the same again.
  const std::uint32_t done =
      std::min(alert.next_step, static_cast<std::uint32_t>(plan->steps.size()));
  for (std::uint32_t k = 0; k < done; ++k) {
    const auto calls = thread::CallsAt(*plan, k, std::span(&member, 1), alert.sender);
    if (std::any_of(calls.begin(), calls.end(), [](const thread::AlertCall& call) {
          return call.outcome == thread::CallOutcome::kLeft;
        })) {
      return true;
    }
  }
  return false;
}

}  // namespace

Result<std::vector<thread::AlertMember>> MembersOf(ReadTransaction& transaction,
                                                   Directory& directory, const thread::Card& card,
                                                   Millis now) {
  std::map<PersonRef, thread::AlertMember> persons;
  for (const thread::CardMember& device : card.members) {
    thread::AlertMember& member = persons[device.person];
    member.person = device.person;
    RENKEI_ASSIGN(const auto known, directory.Find(transaction, device.signing_certificate_hash));
    if (!known) {
      continue;  // lost with a backup: its person is a member all the same
    }
    const pki::Certificate& certificate = known->certificate;
    member.profession = static_cast<std::uint32_t>(certificate.profession());
    member.has_device =
        member.has_device || (certificate.ValidAt(now) && !directory.IsRevoked(certificate));
  }
  std::vector<thread::AlertMember> out;
  out.reserve(persons.size());
  for (const auto& [person, member] : persons) {
    out.push_back(member);
  }
  return out;
}

Result<std::vector<AlertRow>> AlertsThatCall(ReadTransaction& transaction,
                                             const PersonRef& person) {
  RENKEI_ASSIGN(std::vector<AlertRow> open, transaction.OpenAlertsOf(person));
  if (open.empty()) {
    return open;
  }
  RENKEI_ASSIGN(const std::uint32_t profession, ProfessionOf(transaction, person));
  const thread::AlertMember member{person, profession, true};
  std::erase_if(open, [&](const AlertRow& alert) { return !Calls(alert, member); });
  return open;
}

}  // namespace renkei::server
