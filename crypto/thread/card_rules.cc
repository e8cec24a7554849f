// What one epoch card must satisfy by itself (crypto/README.md "Epoch card", rules).
#include <algorithm>

#include "crypto/thread/card.h"
#include "crypto/thread/leave.h"
#include "crypto/thread/link.h"

namespace renkei::thread {
namespace {

bool IsZero(const Hash32& hash) {
  return hash == Hash32{};
}

Status CheckHeader(const Card& card) {
  if (card.case_id.IsZero()) {
    return Error(Code::kMalformed, "card: no case id");
  }
  if (card.mls_group_id.size() < kMinGroupIdBytes || card.mls_group_id.size() > kMaxGroupIdBytes) {
    return Error(Code::kMalformed, "card: length of the group id");
  }
  if (IsZero(card.commit_hash) != (card.at.epoch == 0)) {
    return Error(Code::kMalformed, "card: a commit hash exactly from epoch 1 on");
  }
  if (IsZero(card.previous_card_hash) != (card.at == EpochRef{})) {
    return Error(Code::kMalformed, "card: a previous card exactly from the second card on");
  }
  return ValidatePolicy(card.policy);
}

Status CheckMembers(const Card& card) {
  if (card.members.empty()) {
    return Error(Code::kMalformed, "card: no member");
  }
  if (card.members.size() > kMaxMembers) {
    return Error(Code::kTooLarge, "card: too many members");
  }
  const auto not_ascending = [](const CardMember& a, const CardMember& b) {
    return a.leaf_index >= b.leaf_index;
  };
  if (std::adjacent_find(card.members.begin(), card.members.end(), not_ascending) !=
      card.members.end()) {
    return Error(Code::kMalformed, "card: members not in order, or a leaf named twice");
  }
  for (const CardMember& member : card.members) {
    if (member.joined_epoch > card.at.epoch) {
      return Error(Code::kMalformed, "card: a member joined in the future");
    }
  }
  return Ok();
}

Status CheckDevices(const Card& card) {
  std::vector<DeviceId> devices;
  for (const CardMember& member : card.members) {
    devices.push_back(member.device);
  }
  std::sort(devices.begin(), devices.end());
  if (std::adjacent_find(devices.begin(), devices.end()) != devices.end()) {
    return Error(Code::kMalformed, "card: a device named twice");
  }
  if (!std::binary_search(devices.begin(), devices.end(), card.committer_device)) {
    return Error(Code::kMalformed, "card: the committer is no member");
  }
  return Ok();
}

// Ascending by (institution, person), each once.
std::vector<PersonRef> PersonsOf(const Card& card) {
  std::vector<PersonRef> persons;
  for (const CardMember& member : card.members) {
    persons.push_back(member.person);
  }
  std::sort(persons.begin(), persons.end());
  persons.erase(std::unique(persons.begin(), persons.end()), persons.end());
  return persons;
}

Status CheckPersons(const std::vector<PersonRef>& persons) {
  std::vector<PersonId> ids;
  ids.reserve(persons.size());
  for (const PersonRef& person : persons) {
    ids.push_back(person.person);
  }
  std::sort(ids.begin(), ids.end());
  if (std::adjacent_find(ids.begin(), ids.end()) != ids.end()) {
    return Error(Code::kMalformed, "card: one person id in two institutions");
  }
  return Ok();
}

Status CheckInstitutions(const Card& card, const std::vector<PersonRef>& persons) {
  std::vector<InstitutionId> expected;
  for (const PersonRef& person : persons) {
    if (expected.empty() || expected.back() != person.institution) {
      expected.push_back(person.institution);
    }
  }
  const bool same = std::equal(
      expected.begin(), expected.end(), card.institutions.begin(), card.institutions.end(),
      [](const InstitutionId& a, const CardInstitution& b) { return a == b.institution; });
  if (!same) {
    return Error(Code::kMalformed, "card: institutions are not exactly those of the members");
  }
  return Ok();
}

using RecipientName = std::pair<InstitutionId, std::optional<PersonId>>;

// Who must be a recipient, in the card's order: each institution's own key, then its persons.
std::vector<RecipientName> RecipientsFor(const std::vector<PersonRef>& persons) {
  std::vector<RecipientName> out;
  for (std::size_t i = 0; i < persons.size(); ++i) {
    if (i == 0 || persons[i - 1].institution != persons[i].institution) {
      out.emplace_back(persons[i].institution, std::nullopt);
    }
    out.emplace_back(persons[i].institution, persons[i].person);
  }
  return out;
}

Status CheckRecipients(const Card& card, const std::vector<PersonRef>& persons) {
  std::vector<RecipientName> named;
  for (const CardRecipient& recipient : card.recipients) {
    named.emplace_back(recipient.institution, recipient.person);
  }
  const auto not_ascending = [](const RecipientName& a, const RecipientName& b) { return a >= b; };
  if (std::adjacent_find(named.begin(), named.end(), not_ascending) != named.end()) {
    return Error(Code::kMalformed, "card: recipients not in order or named twice");
  }
  const std::vector<RecipientName> expected = RecipientsFor(persons);
  if (!std::includes(expected.begin(), expected.end(), named.begin(), named.end())) {
    return Error(Code::kDenied, "card: a recipient too many");
  }
  if (named.size() != expected.size()) {
    return Error(Code::kDenied, "card: a recipient too few");
  }
  return Ok();
}

Status CheckRecipientKeys(const Card& card) {
  std::vector<Hash32> keys;
  for (const CardRecipient& recipient : card.recipients) {
    if (recipient.key_version == 0) {
      return Error(Code::kMalformed, "card: a key without version");
    }
    keys.push_back(recipient.key_id);
  }
  std::sort(keys.begin(), keys.end());
  if (std::adjacent_find(keys.begin(), keys.end()) != keys.end()) {
    return Error(Code::kMalformed, "card: one key for two recipients");
  }
  return Ok();
}

bool AnyOutOfBounds(const std::vector<Bytes>& items, std::size_t limit) {
  return std::any_of(items.begin(), items.end(),
                     [&](const Bytes& item) { return item.empty() || item.size() > limit; });
}

Status CheckEvidence(const CardEvidence& evidence) {
  if (evidence.revocation_lists.size() > kMaxEvidenceItems ||
      evidence.leave_requests.size() > kMaxEvidenceItems) {
    return Error(Code::kTooLarge, "card: too much evidence");
  }
  if (AnyOutOfBounds(evidence.revocation_lists, kMaxCardBytes) ||
      AnyOutOfBounds(evidence.leave_requests, kMaxSignedLeaveBytes) ||
      evidence.link.size() > kMaxSignedLinkBytes) {
    return Error(Code::kMalformed, "card: length of evidence");
  }
  return Ok();
}

}  // namespace

Status ValidateCard(const Card& card) {
  RENKEI_TRY(CheckHeader(card));
  RENKEI_TRY(CheckMembers(card));
  RENKEI_TRY(CheckDevices(card));
  const std::vector<PersonRef> persons = PersonsOf(card);
  RENKEI_TRY(CheckPersons(persons));
  RENKEI_TRY(CheckInstitutions(card, persons));
  RENKEI_TRY(CheckRecipients(card, persons));
  RENKEI_TRY(CheckRecipientKeys(card));
  return CheckEvidence(card.evidence);
}

}  // namespace renkei::thread
