#include "server/core/commit_check.h"

#include <algorithm>
#include <set>

#include "crypto/thread/leave.h"
#include "crypto/thread/link.h"
#include "server/core/entry_keys.h"
#include "server/core/limits.h"

namespace renkei::server {
namespace {

using thread::Card;
using thread::CardMember;
using thread::CardRecipient;

// The welcomes are for exactly the devices that this card brings in, each once. The committer of
// an external commit brings itself in and needs none.
bool WelcomesMatch(const std::vector<WelcomeView>& welcomes, const Card& card) {
  std::multiset<DeviceId> welcomed;
  for (const WelcomeView& welcome : welcomes) {
    welcomed.insert(welcome.devices.begin(), welcome.devices.end());
  }
  std::multiset<DeviceId> joined;
  for (const CardMember& member : card.members) {
    if (member.joined_epoch == card.at.epoch && member.device != card.committer_device) {
      joined.insert(member.device);
    }
  }
  return welcomed == joined;
}

const PublicKey* CaKeyOf(const Card& card, const InstitutionId& institution) {
  for (const thread::CardInstitution& item : card.institutions) {
    if (item.institution == institution) {
      return &item.ca_key;
    }
  }
  return nullptr;
}

PostOutcome OutcomeOfJudgement(const Error& error, const std::optional<ThreadRow>& row) {
  switch (error.code()) {
    case Code::kStaleEpoch:
    case Code::kFutureEpoch:
      if (row) {
        return Stale{row->in_force, row->head.seq};
      }
      return Refusal::kBadCard;
    case Code::kNotFound:
      return Refusal::kLinkMissing;
    case Code::kDenied:
      return Refusal::kPolicy;
    default:
      return Refusal::kBadCard;
  }
}

bool IsStoreFault(const Error& error) {
  return error.code() == Code::kUnavailable || error.code() == Code::kCorrupt;
}

}  // namespace

Result<std::variant<CheckedCommit, PostOutcome>> CommitCheck::Run(const Caller& caller,
                                                                  const CommitView& view,
                                                                  bool is_new_thread) {
  using Out = std::variant<CheckedCommit, PostOutcome>;
  RENKEI_TRY(CheckShape(view));
  auto parsed = thread::SignedCardFromParts(view.card, view.signature);
  if (!parsed.ok()) {
    return Out(PostOutcome(parsed.error().code() == Code::kDenied ? Refusal::kRecipients
                                                                  : Refusal::kBadCard));
  }
  const CardMember* committer = thread::FindMember(parsed->card, parsed->card.committer_device);
  if (committer == nullptr || committer->device != caller.device ||
      committer->person != caller.person) {
    return Error(Code::kDenied, "commit: the caller is not the committer");
  }
  RENKEI_ASSIGN(Step end, ReadPrevious(caller, *parsed, is_new_thread));
  if (end) {
    return Out(std::move(*end));
  }
  auto payload = thread::CommitPayloadFromParts(*parsed, view.commit);
  if (!payload.ok() || Sha256(view.group_info) != parsed->card.group_info_hash ||
      !WelcomesMatch(view.welcomes, parsed->card)) {
    return Out(PostOutcome(Refusal::kBadCard));
  }
  if (!thread::JudgeEnvelopes(view.envelopes, parsed->card).ok()) {
    return Out(PostOutcome(Refusal::kRecipients));
  }
  RENKEI_ASSIGN(end, Judge(*payload));
  if (end) {
    return Out(std::move(*end));
  }
  CheckedCommit checked;
  RENKEI_ASSIGN(checked.payload, thread::SerializeCommitPayload(payload->card, payload->commit));
  checked.payload_hash = Sha256(checked.payload);
  checked.key = KeyOfCommit(parsed->hash);
  checked.card = MakeCardInForce(std::move(*parsed));
  checked.previous = previous_;
  checked.valid_until = valid_until_;
  return Out(std::move(checked));
}

Status CommitCheck::CheckShape(const CommitView& view) const {
  if (view.commit.size() > kMaxCommitPartBytes || view.group_info.size() > kMaxCommitPartBytes) {
    return Error(Code::kTooLarge, "commit: commit or GroupInfo");
  }
  if (view.group_info.empty() || view.welcomes.size() > kMaxWelcomes) {
    return Error(Code::kMalformed, "commit: no GroupInfo, or too many welcomes");
  }
  for (const WelcomeView& welcome : view.welcomes) {
    if (welcome.welcome.size() > kMaxWelcomeBytes) {
      return Error(Code::kTooLarge, "commit: welcome");
    }
    if (welcome.welcome.empty() || welcome.devices.empty() ||
        welcome.devices.size() > thread::kMaxMembers) {
      return Error(Code::kMalformed, "commit: empty welcome, or for nobody");
    }
  }
  return Ok();
}

// The card in force, and what can be told before looking closer: a retry first.
Result<CommitCheck::Step> CommitCheck::ReadPrevious(const Caller& caller,
                                                    const thread::SignedCard& card,
                                                    bool is_new_thread) {
  const CaseId& case_id = card.card.case_id;
  RENKEI_ASSIGN(row_, transaction_.FindThread(case_id));
  if (!row_) {
    // A case that was deleted does not come back under its name.
    RENKEI_ASSIGN(const auto deletion, transaction_.FindDeletion(case_id));
    if (is_new_thread) {
      return deletion ? Step(Refusal::kThreadExists) : Step();
    }
    return Step(Refusal::kUnknownThread);
  }
  RENKEI_ASSIGN(std::optional<Acknowledged> there,
                FindByKey(transaction_, case_id, KeyOfCommit(card.hash)));
  if (there) {
    return Step(Duplicate{std::move(*there)});
  }
  if (is_new_thread) {
    return Step(Refusal::kThreadExists);
  }
  now_ = std::max(now_, row_->head.received_at);
  RENKEI_ASSIGN(previous_, cards_.Get(transaction_, *row_));
  if (!previous_->HasPerson(caller.person)) {
    return Step(NotAMember{});
  }
  return Step();
}

// Also whether everybody and every key that the card brings in is known and good.
Result<CommitCheck::Step> CommitCheck::Judge(const thread::CommitPayload& payload) {
  const Card& card = payload.card.card;
  RENKEI_ASSIGN(Step end, CheckSigner(payload.card));
  if (end) {
    return end;
  }
  RENKEI_ASSIGN(const thread::JudgedEvidence evidence, JudgeEvidence(card.evidence));
  const Status judged = thread::JudgeSuccession(previous_ ? &previous_->signed_card : nullptr,
                                                payload, *signer_, evidence);
  if (!judged.ok()) {
    return Step(OutcomeOfJudgement(judged.error(), row_));
  }
  RENKEI_ASSIGN(const bool members_known, MembersKnown(card));
  RENKEI_ASSIGN(const bool recipients_known, RecipientsKnown(card));
  if (!members_known || !recipients_known) {
    return Step(Refusal::kUnknownCertificate);
  }
  return Step();
}

Result<CommitCheck::Step> CommitCheck::CheckSigner(const thread::SignedCard& card) {
  // An old epoch's signer may be gone; say "stale" rather than "unknown certificate".
  if (previous_ && card.card.at <= previous_->card().at) {
    return Step(Stale{row_->in_force, row_->head.seq});
  }
  const Hash32 hash = thread::SignerCertificateHash(previous_card(), card.card);
  RENKEI_ASSIGN(const auto known, directory_.Find(transaction_, hash));
  if (!known || known->certificate.role() != pki::CertRole::kDeviceSigning) {
    return Step(Refusal::kUnknownCertificate);
  }
  if (!thread::VerifyCard(card, known->certificate.public_key()).ok()) {
    return Step(Refusal::kBadCard);
  }
  signer_ = thread::Signer{known->person, known->device, known->certificate.public_key(), hash};
  return Step();
}

Result<thread::JudgedEvidence> CommitCheck::JudgeEvidence(const thread::CardEvidence& evidence) {
  thread::JudgedEvidence judged;
  // Evidence that does not hold is as good as none: the judge says what is missing.
  for (const Status& status :
       {JudgeLink(evidence.link, judged), JudgeLists(evidence.revocation_lists, judged),
        JudgeLeaving(evidence.leave_requests, judged)}) {
    if (!status.ok() && IsStoreFault(status.error())) {
      return status.error();
    }
  }
  return judged;
}

Status CommitCheck::JudgeLink(ByteView link, thread::JudgedEvidence& judged) {
  if (link.empty()) {
    return Ok();
  }
  RENKEI_ASSIGN(const thread::SignedLink parsed, thread::ParseSignedLink(link));
  RENKEI_ASSIGN(const auto linking, Usable(Sha256(parsed.linking_certificate)));
  if (!linking || linking->certificate.role() != pki::CertRole::kDeviceSigning) {
    return Error(Code::kAuthFailed, "commit: the linking certificate is unknown");
  }
  RENKEI_TRY(thread::VerifyLink(
      parsed, {linking->person, linking->device, linking->certificate.public_key(),
               linking->certificate.fingerprint()}));
  judged.link = parsed.link;
  return Ok();
}

Status CommitCheck::JudgeLists(const std::vector<Bytes>& lists, thread::JudgedEvidence& judged) {
  if (lists.empty() || !previous_) {
    return Ok();
  }
  pki::RevocationSet set;
  for (const Bytes& der : lists) {
    RENKEI_ASSIGN(const pki::RevocationList list, pki::RevocationList::Parse(der));
    RENKEI_ASSIGN(const pki::Certificate issuer,
                  directory_.IssuerOf(transaction_, list.fields().issuer_key_id));
    RENKEI_TRY(set.Add(list, issuer));
  }
  for (const CardMember& member : previous_->card().members) {
    RENKEI_ASSIGN(const auto known, directory_.Find(transaction_, member.signing_certificate_hash));
    if (known && set.IsRevoked(known->certificate, now_)) {
      judged.revoked.push_back(member.device);
    }
  }
  return Ok();
}

Status CommitCheck::JudgeLeaving(const std::vector<Bytes>& requests,
                                 thread::JudgedEvidence& judged) {
  for (const Bytes& bytes : requests) {
    RENKEI_ASSIGN(const thread::SignedLeaveRequest request, thread::ParseLeaveRequest(bytes));
    const CardMember* member =
        previous_ ? thread::FindMember(previous_->card(), request.request.device) : nullptr;
    if (member == nullptr) {
      continue;
    }
    RENKEI_ASSIGN(const auto known,
                  directory_.Find(transaction_, member->signing_certificate_hash));
    if (known && thread::VerifyLeaveRequest(
                     request, {known->person, known->device, known->certificate.public_key(),
                               known->certificate.fingerprint()})
                     .ok()) {
      judged.leaving.push_back(request.request);
    }
  }
  return Ok();
}

Result<std::shared_ptr<const KnownCertificate>> CommitCheck::Usable(const Hash32& fingerprint) {
  RENKEI_ASSIGN(auto known, directory_.Find(transaction_, fingerprint));
  if (!known || !known->certificate.ValidAt(now_) || directory_.IsRevoked(known->certificate)) {
    return std::shared_ptr<const KnownCertificate>();
  }
  valid_until_ = std::min(valid_until_, known->certificate.not_after());
  return known;
}

// Only what the previous card does not have already: that was judged when it came.
Result<bool> CommitCheck::MembersKnown(const Card& card) {
  for (const CardMember& member : card.members) {
    const CardMember* before =
        previous_ ? thread::FindMember(previous_->card(), member.device) : nullptr;
    if (before != nullptr && before->signing_certificate_hash == member.signing_certificate_hash) {
      continue;
    }
    RENKEI_ASSIGN(const auto known, Usable(member.signing_certificate_hash));
    const PublicKey* ca_key = CaKeyOf(card, member.person.institution);
    if (!known || known->certificate.role() != pki::CertRole::kDeviceSigning ||
        known->person != member.person || known->device != member.device || ca_key == nullptr ||
        known->institution_key != *ca_key) {
      return false;
    }
  }
  return true;
}

Result<bool> CommitCheck::RecipientsKnown(const Card& card) {
  for (const CardRecipient& recipient : card.recipients) {
    const CardRecipient* before =
        previous_
            ? thread::FindRecipient(previous_->card(), recipient.institution, recipient.person)
            : nullptr;
    if (before != nullptr && *before == recipient) {
      continue;
    }
    RENKEI_ASSIGN(const auto known, Usable(recipient.key_id));
    const pki::CertRole role =
        recipient.person ? pki::CertRole::kPersonArchive : pki::CertRole::kInstitutionArchive;
    const PersonRef person{recipient.institution, recipient.person.value_or(PersonId{})};
    const PublicKey* ca_key = CaKeyOf(card, recipient.institution);
    if (!known || known->certificate.role() != role || known->person != person ||
        known->certificate.ids().archive_version != recipient.key_version || ca_key == nullptr ||
        known->institution_key != *ca_key) {
      return false;
    }
  }
  return true;
}

}  // namespace renkei::server
