#include "crypto/thread/succession.h"

#include <algorithm>

#include "crypto/thread/commit_frame.h"

namespace renkei::thread {

Hash32 SignerCertificateHash(const Card* previous, const Card& next) {
  if (previous != nullptr) {
    if (const CardMember* member = FindMember(*previous, next.committer_device)) {
      return member->signing_certificate_hash;
    }
  }
  const CardMember* member = FindMember(next, next.committer_device);
  return member == nullptr ? Hash32{} : member->signing_certificate_hash;
}

std::uint64_t JoinedEpoch(const Card* previous, const DeviceId& device, std::uint64_t epoch) {
  const CardMember* member = previous == nullptr ? nullptr : FindMember(*previous, device);
  return member == nullptr ? epoch : member->joined_epoch;
}

namespace {

// One commit as the judge sees it.
struct Change {
  const Card& from;
  const Card& to;
  const Signer& committer;
  const JudgedEvidence& evidence;
};

bool Holds(const std::vector<DeviceId>& devices, const DeviceId& device) {
  return std::find(devices.begin(), devices.end(), device) != devices.end();
}

// Where no steward is a member any longer, every member counts as one: a case must not stop (G8).
bool ActsAsSteward(const Card& card, const PersonRef& person) {
  const bool any = std::any_of(card.members.begin(), card.members.end(), [&](const CardMember& m) {
    return IsSteward(card.policy, m.person);
  });
  return !any || IsSteward(card.policy, person);
}

bool May(const Change& change, Rule rule) {
  return rule == Rule::kAnyMember || ActsAsSteward(change.from, change.committer.person);
}

Status JudgeSigner(const Card* previous, const Card& next, const Signer& committer) {
  const CardMember* member = FindMember(next, next.committer_device);
  if (member == nullptr || committer.device != next.committer_device ||
      committer.person != member->person) {
    return Error(Code::kDenied, "succession: the card is signed by another device or person");
  }
  if (committer.certificate_hash != SignerCertificateHash(previous, next)) {
    return Error(Code::kDenied, "succession: signed under another certificate than the card's");
  }
  return Ok();
}

Status JudgeFirst(const Card& next, const Signer& committer) {
  if (next.at.generation != 0) {
    return Error(Code::kUnsupported, "succession: refounding is not in this version");
  }
  if (next.at.epoch != 0) {
    return Error(Code::kFutureEpoch, "succession: the cards before are missing");
  }
  if (next.members.size() != 1) {
    return Error(Code::kMalformed, "succession: a case begins with one device");
  }
  RENKEI_TRY(JudgeSigner(nullptr, next, committer));
  if (!IsSteward(next.policy, committer.person)) {
    return Error(Code::kDenied, "succession: who opens a case is a steward of it");
  }
  return Ok();
}

Status JudgeOrder(const SignedCard& previous, const Card& next) {
  const Card& from = previous.card;
  if (next.case_id != from.case_id) {
    return Error(Code::kMalformed, "succession: another case");
  }
  if (next.at <= from.at) {
    return Error(Code::kStaleEpoch, "succession: that epoch is in force or over");
  }
  if (next.at.generation != from.at.generation) {
    return Error(Code::kUnsupported, "succession: refounding is not in this version");
  }
  if (next.at.epoch != from.at.epoch + 1) {
    return Error(Code::kFutureEpoch, "succession: a card between is missing");
  }
  if (next.previous_card_hash != previous.hash) {
    return Error(Code::kMalformed, "succession: follows another card than the one in force");
  }
  if (next.mls_group_id != from.mls_group_id) {
    return Error(Code::kMalformed, "succession: another group id");
  }
  return Ok();
}

// What a card may say of a device, institution or key that the one before named already.
Status JudgeMembersKept(const Card& from, const Card& to) {
  for (const CardMember& member : to.members) {
    const CardMember* before = FindMember(from, member.device);
    if (before != nullptr && before->person != member.person) {
      return Error(Code::kMalformed, "succession: a device changed its person");
    }
    if (member.joined_epoch != JoinedEpoch(&from, member.device, to.at.epoch)) {
      return Error(Code::kMalformed, "succession: a member's joined epoch is wrong");
    }
  }
  return Ok();
}

Status JudgeKeysKept(const Card& from, const Card& to) {
  for (const CardInstitution& institution : to.institutions) {
    for (const CardInstitution& before : from.institutions) {
      if (before.institution == institution.institution && before.ca_key != institution.ca_key) {
        return Error(Code::kDenied, "succession: an institution's CA key changed");
      }
    }
  }
  for (const CardRecipient& recipient : to.recipients) {
    const CardRecipient* before = FindRecipient(from, recipient.institution, recipient.person);
    if (before == nullptr) {
      continue;
    }
    if (recipient.key_version < before->key_version) {
      return Error(Code::kDenied, "succession: an archive key went back to an older version");
    }
    if ((recipient.key_version == before->key_version) != (recipient.key_id == before->key_id)) {
      return Error(Code::kDenied, "succession: an archive key changed without a new version");
    }
  }
  return Ok();
}

Status JudgePolicyChange(const Change& change) {
  if (change.to.policy == change.from.policy) {
    return Ok();
  }
  if (!ActsAsSteward(change.from, change.committer.person)) {
    return Error(Code::kDenied, "succession: only a steward changes the policy");
  }
  const auto& stewards = change.to.policy.stewards;
  if (std::none_of(stewards.begin(), stewards.end(),
                   [&](const PersonRef& person) { return HasPerson(change.to, person); })) {
    return Error(Code::kDenied, "succession: the new policy leaves the case without steward");
  }
  return Ok();
}

// The same leaf: same place and, except for the committer's own (its update path), same
// certificate.
bool SameLeaf(const CardMember& a, const CardMember& b, const DeviceId& committer) {
  return a.leaf_index == b.leaf_index && a.device == b.device &&
         (a.signing_certificate_hash == b.signing_certificate_hash || a.device == committer);
}

bool Stays(const CardMember& member, const Card& card, const DeviceId& committer) {
  const CardMember* same = FindMember(card, member.device);
  return same != nullptr && SameLeaf(member, *same, committer);
}

// A request counts for who asked, since they last came in, and only when all their devices go.
bool LeaveAsked(const Change& change, const PersonRef& person) {
  if (HasPerson(change.to, person)) {
    return false;
  }
  std::uint64_t joined = change.from.at.epoch;
  for (const CardMember& member : change.from.members) {
    if (member.person == person) {
      joined = std::min(joined, member.joined_epoch);
    }
  }
  const auto counts = [&](const LeaveRequest& request) {
    const CardMember* device = FindMember(change.from, request.device);
    return request.case_id == change.from.case_id && request.person == person &&
           device != nullptr && device->person == person && request.at <= change.from.at &&
           request.at.generation == change.from.at.generation && request.at.epoch >= joined;
  };
  return std::any_of(change.evidence.leaving.begin(), change.evidence.leaving.end(), counts);
}

// Whether evidence.link vouches for this device, by a device that is still trusted here.
bool Linked(const Change& change, const CardMember& member) {
  const auto& link = change.evidence.link;
  if (!link || link->new_device != member.device || link->person != member.person) {
    return false;
  }
  const CardMember* linking = FindMember(change.from, link->linking_device);
  return linking != nullptr && linking->person == member.person &&
         !Holds(change.evidence.revoked, link->linking_device);
}

Status JudgeRemoved(const Change& change) {
  for (const CardMember& member : change.from.members) {
    const bool allowed =
        Stays(member, change.to, change.committer.device) ||
        member.person == change.committer.person || Holds(change.evidence.revoked, member.device) ||
        LeaveAsked(change, member.person) || May(change, change.from.policy.who_may_remove);
    if (!allowed) {
      return Error(Code::kDenied, "succession: the policy does not let the committer remove");
    }
  }
  return Ok();
}

Status JudgeAdded(const Change& change) {
  for (const CardMember& member : change.to.members) {
    const bool own = member.person == change.committer.person;
    const bool allowed = Stays(member, change.from, change.committer.device) || own ||
                         Linked(change, member) || May(change, change.from.policy.who_may_add);
    if (!allowed) {
      return Error(Code::kDenied, "succession: the policy does not let the committer add");
    }
  }
  return Ok();
}

Status JudgeRevoked(const Change& change) {
  for (const DeviceId& device : change.evidence.revoked) {
    if (FindMember(change.to, device) != nullptr) {
      return Error(Code::kDenied, "succession: a device that the card shows revoked stays");
    }
  }
  return Ok();
}

Status JudgeMemberCommit(const Change& change) {
  const CardMember* before = FindMember(change.from, change.committer.device);
  RENKEI_CHECK(before != nullptr);  // JudgeFrame
  if (!Stays(*before, change.to, change.committer.device)) {
    return Error(Code::kMalformed, "succession: the committer's leaf moved");
  }
  RENKEI_TRY(JudgePolicyChange(change));
  RENKEI_TRY(JudgeRemoved(change));
  return JudgeAdded(change);
}

// An external commit touches one leaf: the sender's own.
bool OthersUntouched(const Change& change) {
  const auto others = [&](const Card& card) {
    std::vector<CardMember> out;
    std::copy_if(card.members.begin(), card.members.end(), std::back_inserter(out),
                 [&](const CardMember& m) { return m.device != change.committer.device; });
    return out;
  };
  return others(change.from) == others(change.to) && change.from.policy == change.to.policy;
}

Status JudgeNewDevice(const Change& change, const CardMember& device) {
  if (!HasPerson(change.from, device.person)) {
    return Error(Code::kDenied, "succession: external commit of a person who is no member");
  }
  if (!change.evidence.link) {
    return Error(Code::kNotFound, "succession: external commit without link signature");
  }
  if (!Linked(change, device) || change.evidence.link->signing_key != change.committer.key) {
    return Error(Code::kNotFound, "succession: the link signature is not for this device");
  }
  return Ok();
}

// A device replacing its own leaf must be the same client (RFC 9420 §12.4.3.2): the same
// certificate, or whoever certifies devices could take its place.
Status JudgeResync(const CardMember& before, const CardMember& after) {
  if (before.signing_certificate_hash != after.signing_certificate_hash) {
    return Error(Code::kDenied, "succession: resync under another certificate");
  }
  return Ok();
}

Status JudgeExternalCommit(const Change& change) {
  if (!OthersUntouched(change)) {
    return Error(Code::kDenied, "succession: external commit changes more than its own leaf");
  }
  const CardMember* before = FindMember(change.from, change.committer.device);
  const CardMember* after = FindMember(change.to, change.committer.device);
  RENKEI_CHECK(after != nullptr);  // JudgeSigner
  return before == nullptr ? JudgeNewDevice(change, *after) : JudgeResync(*before, *after);
}

// The MLS message must be of the card's group and epoch, and sent from the committer's leaf.
Status JudgeFrame(const Change& change, const CommitFrame& frame) {
  if (frame.group_id != change.from.mls_group_id || frame.epoch != change.from.at.epoch) {
    return Error(Code::kMalformed, "succession: the commit is of another group or epoch");
  }
  const CardMember* before = FindMember(change.from, change.committer.device);
  if (frame.sender_leaf && (before == nullptr || before->leaf_index != *frame.sender_leaf)) {
    return Error(Code::kDenied, "succession: the commit is sent from another leaf");
  }
  return Ok();
}

}  // namespace

Status JudgeSuccession(const SignedCard* previous, const CommitPayload& next,
                       const Signer& committer, const JudgedEvidence& evidence) {
  const Card& card = next.card.card;
  if (previous == nullptr) {
    return JudgeFirst(card, committer);
  }
  const Change change{previous->card, card, committer, evidence};
  RENKEI_TRY(JudgeOrder(*previous, card));
  RENKEI_ASSIGN(const CommitFrame frame, ParseCommitFrame(next.commit));
  RENKEI_TRY(JudgeSigner(&previous->card, card, committer));
  RENKEI_TRY(JudgeFrame(change, frame));
  RENKEI_TRY(JudgeMembersKept(change.from, card));
  RENKEI_TRY(JudgeKeysKept(change.from, card));
  RENKEI_TRY(JudgeRevoked(change));
  return frame.sender_leaf ? JudgeMemberCommit(change) : JudgeExternalCommit(change);
}

}  // namespace renkei::thread
