#include "client/core/card_check.h"

#include <algorithm>
#include <variant>

#include "client/core/credential.h"
#include "crypto/base/labels.h"
#include "crypto/seal/archive.h"
#include "crypto/thread/policy.h"
#include "crypto/thread/succession.h"

namespace renkei::client {
namespace {

Status CheckOutside(const thread::Card& card, const mls::Group& group) {
  if (!Equal(card.mls_group_id, group.group_id()) || card.at.epoch != group.epoch().value) {
    return Error(Code::kDenied, "card: names another group or epoch than the commit made");
  }
  const mls::Extension* policy = group.FindExtension(kPolicyExtension);
  if (policy == nullptr || policy->data != thread::SerializePolicy(card.policy)) {
    return Error(Code::kDenied, "card: its policy is not the group's");
  }
  const SecretBytes secret = ArchiveSecretOf(group, card.case_id);
  if (!Equal(card.epoch_id, seal::EpochId(secret))) {
    return Error(Code::kDenied, "card: its epoch id is not that of the group's secret");
  }
  return Ok();
}

Status CompareMembers(const thread::Card& card, std::vector<thread::CardMember> members,
                      bool history_known) {
  if (!history_known) {
    for (std::size_t i = 0; i < members.size() && i < card.members.size(); ++i) {
      members[i].joined_epoch = card.members[i].joined_epoch;
    }
  }
  if (members != card.members) {
    return Error(Code::kDenied, "card: its members are not the group's");
  }
  return Ok();
}

const thread::CardRecipient* SameRecipient(const thread::Card* card,
                                           const thread::CardRecipient& wanted) {
  if (card == nullptr) {
    return nullptr;
  }
  const auto at = std::find(card->recipients.begin(), card->recipients.end(), wanted);
  return at == card->recipients.end() ? nullptr : &*at;
}

Status CheckMember(const thread::Card& card, const thread::CardMember& member, Millis at,
                   Certificates& certificates) {
  auto identity =
      certificates.Verify(member.signing_certificate_hash, at, pki::CertRole::kDeviceSigning);
  if (!identity.ok()) {
    return identity.error().code() == Code::kAuthFailed
               ? Error(Code::kDenied, "card: a member's certificate does not hold")
               : identity.error();
  }
  const auto institution =
      std::find_if(card.institutions.begin(), card.institutions.end(),
                   [&](const auto& each) { return each.institution == member.person.institution; });
  if (ToSigner(*identity).person != member.person || identity->device != member.device ||
      institution == card.institutions.end() || institution->ca_key != identity->institution_key) {
    return Error(Code::kDenied, "card: a member's certificate is somebody else's");
  }
  return Ok();
}

Status CheckRecipient(const thread::CardRecipient& recipient, Millis at,
                      Certificates& certificates) {
  const pki::CertRole role = recipient.person.has_value() ? pki::CertRole::kPersonArchive
                                                          : pki::CertRole::kInstitutionArchive;
  auto identity = certificates.Verify(recipient.key_id, at, role);
  if (!identity.ok()) {
    return identity.error().code() == Code::kAuthFailed
               ? Error(Code::kDenied, "card: a recipient's certificate does not hold")
               : identity.error();
  }
  if (identity->institution != recipient.institution ||
      identity->person != recipient.person.value_or(PersonId{}) ||
      identity->archive_version != recipient.key_version) {
    return Error(Code::kDenied, "card: a recipient's certificate is somebody else's");
  }
  return Ok();
}

}  // namespace

SecretBytes ArchiveSecretOf(const mls::Group& group, const CaseId& case_id) {
  return group.Export(labels::kArchiveExport, case_id.view(), seal::kArchiveSecretBytes);
}

Result<std::vector<thread::CardMember>> MembersOf(const mls::Group& group,
                                                  const thread::Card* previous) {
  std::vector<thread::CardMember> out;
  for (const mls::Member& member : group.Members()) {
    const auto* x509 = std::get_if<mls::X509Credential>(&member.leaf.credential.value);
    if (x509 == nullptr || x509->certificates.empty()) {
      return Error(Code::kMalformed, "group: a leaf without certificate");
    }
    RENKEI_ASSIGN(const auto certificate, pki::Certificate::Parse(x509->certificates.front()));
    const pki::SubjectIds& ids = certificate.ids();
    out.push_back({.leaf_index = member.index.value,
                   .person = {ids.institution, ids.person},
                   .device = ids.device,
                   .signing_certificate_hash = certificate.fingerprint(),
                   .joined_epoch = thread::JoinedEpoch(previous, ids.device, group.epoch().value)});
  }
  return out;
}

Status CheckCardAgainstGroup(const thread::Card& card, const thread::Card* previous,
                             const mls::Group& group) {
  RENKEI_TRY(CheckOutside(card, group));
  RENKEI_ASSIGN(auto members, MembersOf(group, previous));
  return CompareMembers(card, std::move(members), true);
}

Status CheckJoinedGroup(const thread::Card& card, const mls::Group& group) {
  RENKEI_TRY(CheckOutside(card, group));
  RENKEI_ASSIGN(auto members, MembersOf(group, nullptr));
  return CompareMembers(card, std::move(members), false);
}

Status CheckCardCertificates(const thread::Card& card, const thread::Card* previous, Millis at,
                             Certificates& certificates) {
  for (const thread::CardMember& member : card.members) {
    const thread::CardMember* before =
        previous == nullptr ? nullptr : thread::FindMember(*previous, member.device);
    if (before == nullptr || before->signing_certificate_hash != member.signing_certificate_hash) {
      RENKEI_TRY(CheckMember(card, member, at, certificates));
    }
  }
  for (const thread::CardRecipient& recipient : card.recipients) {
    if (SameRecipient(previous, recipient) == nullptr) {
      RENKEI_TRY(CheckRecipient(recipient, at, certificates));
    }
  }
  return Ok();
}

}  // namespace renkei::client
