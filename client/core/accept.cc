#include "client/core/accept.h"

#include <utility>

#include "client/core/card_check.h"
#include "client/core/credential.h"
#include "client/core/evidence.h"
#include "crypto/mls/message.h"
#include "crypto/thread/entry.h"
#include "crypto/thread/succession.h"

namespace renkei::client {
namespace {

using Judged = std::variant<Accepted, Refused>;

// Tells apart in which way the relay errs (G4).
std::optional<Refused> ChainFault(const ThreadView& view, const thread::EntryView& entry) {
  if (entry.case_id != view.case_id) {
    return Refused{Warning::kTimeBackwards, Error(Code::kConflict, "thread: another case's entry")};
  }
  if (entry.seq <= view.position.seq) {
    return Refused{Warning::kEntryRepeated, Error(Code::kConflict, "thread: entry repeated")};
  }
  if (entry.seq != view.position.seq + 1) {
    return Refused{Warning::kEntryMissing, Error(Code::kConflict, "thread: entry left out")};
  }
  if (entry.received_at < view.position.received_at) {
    return Refused{Warning::kTimeBackwards, Error(Code::kConflict, "thread: time goes back")};
  }
  if (!thread::CheckNext(view.case_id, view.position, entry).ok()) {
    return Refused{Warning::kEntryAltered, Error(Code::kAuthFailed, "thread: entry altered")};
  }
  return std::nullopt;
}

// Errors that say something about us, not about the entry.
bool IsOurs(Code code) {
  return code == Code::kNotFound || code == Code::kUnavailable || code == Code::kCorrupt ||
         code == Code::kInternal;
}

Refused RefuseCommit(const Error& error) {
  const bool newer = error.code() == Code::kUnsupported;
  return {newer ? Warning::kUpdateNeeded : Warning::kCommitRefused, error};
}

// What MLS made of a commit.
struct Applied {
  std::optional<mls::Group> next;
  std::optional<mls::LeafIndex> committer;  // its leaf in the new tree
  const char* lost = nullptr;
};

bool IsCommitMessage(ByteView bytes) {
  const auto message = mls::ParseMessage(bytes);
  if (!message.ok()) {
    return false;
  }
  const auto* handshake = std::get_if<mls::PublicMessage>(&message->value);
  return handshake != nullptr && handshake->content.content_type() == mls::ContentType::kCommit;
}

Applied Apply(const ThreadView& view, ByteView commit, Millis received_at,
              Certificates& certificates) {
  Applied out;
  if (view.group == nullptr) {
    return out;
  }
  if (!IsCommitMessage(commit)) {
    out.lost = "group: not a commit";
    return out;
  }
  const CertificatePolicy policy(certificates);
  // Lifetimes of key packages are for who adds to look at, by its own clock (commit.cc): here a
  // clock that is an hour off would throw everybody else out of the group.
  const mls::Environment environment{
      .credentials = policy, .now = received_at, .check_lifetime = false};
  auto processed = view.group->Process(commit, environment);
  if (!processed.ok()) {
    out.lost = processed.error().where();
    return out;
  }
  auto* staged = std::get_if<mls::StagedCommit>(&*processed);
  if (staged == nullptr) {
    out.lost = "group: not a commit";
    return out;
  }
  out.committer = staged->committer;
  out.next = std::move(staged->next);
  return out;
}

// Who signed the card, and whether it did.
Result<thread::Signer> VerifyCommitter(const thread::Card* previous, const thread::SignedCard& card,
                                       Millis at, Certificates& certificates) {
  auto signer = certificates.SignerOf(thread::SignerCertificateHash(previous, card.card), at);
  if (!signer.ok()) {
    return signer.error().code() == Code::kAuthFailed
               ? Error(Code::kDenied, "card: the committer's certificate does not hold")
               : signer.error();
  }
  RENKEI_TRY(thread::VerifyCard(card, signer->key));
  return signer;
}

Status JudgeFollows(const thread::SignedCard* previous, const thread::CommitPayload& payload,
                    const thread::Signer& signer, const thread::JudgedEvidence& evidence) {
  const Status follows = thread::JudgeSuccession(previous, payload, signer, evidence);
  if (!follows.ok() && follows.error().code() == Code::kNotFound) {
    // Here that code means that a certificate is to be fetched.
    return Error(Code::kDenied, "card: a new device's commit without a link that holds");
  }
  return follows;
}

Status CheckApplied(const ThreadView& view, const thread::Card& card, const Applied& applied,
                    AcceptedCommit& out) {
  const thread::Card* previous = view.card == nullptr ? nullptr : &view.card->card;
  out.removes_own_device = previous != nullptr &&
                           thread::FindMember(*previous, view.own_device) != nullptr &&
                           thread::FindMember(card, view.own_device) == nullptr;
  if (applied.next.has_value()) {
    const thread::CardMember* committer = thread::FindMember(card, card.committer_device);
    if (committer == nullptr || committer->leaf_index != applied.committer->value) {
      return Error(Code::kDenied, "card: somebody else's commit");
    }
    return CheckCardAgainstGroup(card, previous, *applied.next);
  }
  if (applied.committer.has_value() && !out.removes_own_device) {
    return Error(Code::kDenied, "card: hides that the commit removes this device");
  }
  return Ok();
}

Status CheckOwnNext(const ThreadView& view, const thread::Card& card) {
  const thread::Card* previous = view.card == nullptr ? nullptr : &view.card->card;
  return CheckCardAgainstGroup(card, previous, *view.own_next->group);
}

Result<AcceptedCommit> JudgeCommit(const ThreadView& view, const thread::EntryView& entry,
                                   Certificates& certificates) {
  RENKEI_ASSIGN(auto payload, thread::ParseCommitPayload(entry.payload));
  const thread::Card& card = payload.card.card;
  if (card.case_id != view.case_id) {
    return Error(Code::kMalformed, "card: of another case");
  }
  const thread::Card* previous = view.card == nullptr ? nullptr : &view.card->card;
  RENKEI_ASSIGN(const auto signer,
                VerifyCommitter(previous, payload.card, entry.received_at, certificates));
  RENKEI_ASSIGN(const auto evidence,
                JudgeEvidence(previous, card, entry.received_at, certificates));
  AcceptedCommit out{.card = payload.card, .next = std::nullopt};
  out.is_own_next = view.own_next.has_value() && view.own_next->card_hash == payload.card.hash;
  Applied applied;
  if (!out.is_own_next) {
    applied = Apply(view, payload.commit, entry.received_at, certificates);
  }
  RENKEI_TRY(JudgeFollows(view.card, payload, signer, evidence));
  RENKEI_TRY(CheckCardCertificates(card, previous, entry.received_at, certificates));
  if (out.is_own_next) {
    RENKEI_TRY(CheckOwnNext(view, card));
    return out;
  }
  RENKEI_TRY(CheckApplied(view, card, applied, out));
  out.own_unknown = card.committer_device == view.own_device;
  out.group_lost = applied.lost;
  out.next = std::move(applied.next);
  return out;
}

Result<AcceptedPack> JudgePack(const ThreadView& view, const thread::EntryView& entry,
                               Certificates& certificates) {
  AcceptedPack out;
  auto notice = thread::ParsePackNotice(entry.payload);
  if (!notice.ok() || view.card == nullptr ||
      !thread::JudgePackNotice(notice->notice, view.card->card).ok()) {
    return out;
  }
  const thread::CardMember* sender =
      thread::FindMember(view.card->card, notice->notice.sender_device);
  if (sender == nullptr) {
    return out;
  }
  auto signer = certificates.SignerOf(sender->signing_certificate_hash, entry.received_at);
  if (!signer.ok() && IsOurs(signer.error().code())) {
    return signer.error();
  }
  if (signer.ok() && thread::VerifyPackNotice(*notice, signer->key).ok()) {
    out.notice = notice->notice;
  }
  return out;
}

Result<AcceptedClosing> JudgeClosing(const ThreadView& view, const thread::EntryView& entry,
                                     Certificates& certificates) {
  AcceptedClosing out;
  auto notice = thread::ParseClosingNotice(entry.payload);
  if (!notice.ok() || view.card == nullptr) {
    return out;
  }
  RENKEI_ASSIGN(const auto seen, view.hash_at(notice->notice.seen_seq));
  if (!thread::JudgeClosingNotice(notice->notice, view.card->card, seen, view.closing).ok()) {
    return out;
  }
  const thread::CardMember* sender =
      thread::FindMember(view.card->card, notice->notice.sender_device);
  auto signer = certificates.SignerOf(sender->signing_certificate_hash, entry.received_at);
  if (!signer.ok() && IsOurs(signer.error().code())) {
    return signer.error();
  }
  if (signer.ok() && thread::VerifyClosingNotice(*notice, signer->key).ok()) {
    out.notice = notice->notice;
  }
  return out;
}

Result<AcceptedChange> JudgeChange(const ThreadView& view, const thread::EntryView& entry,
                                   Certificates& certificates) {
  switch (entry.kind) {
    case thread::EntryKind::kCommit: {
      RENKEI_ASSIGN(auto commit, JudgeCommit(view, entry, certificates));
      return AcceptedChange(std::move(commit));
    }
    case thread::EntryKind::kRecord: {
      if (view.card == nullptr) {
        return Error(Code::kMalformed, "thread: a record before the first commit");
      }
      std::optional<Hash32> seen_hash;
      const auto sealed = thread::ParseSealedRecord(entry.payload);
      if (sealed.ok()) {
        RENKEI_ASSIGN(seen_hash, view.hash_at(sealed->header.seen_seq));
      }
      RENKEI_ASSIGN(auto record, JudgeRecordEntry(entry, view.card->card, view.archive_secret,
                                                  seen_hash, certificates));
      return AcceptedChange(std::move(record));
    }
    case thread::EntryKind::kPack: {
      RENKEI_ASSIGN(auto pack, JudgePack(view, entry, certificates));
      return AcceptedChange(pack);
    }
    case thread::EntryKind::kClosing: {
      RENKEI_ASSIGN(auto closing, JudgeClosing(view, entry, certificates));
      return AcceptedChange(closing);
    }
    default:
      return AcceptedChange(AcceptedOther{});
  }
}

const char* OpenProblem(const Error& error) {
  return error.code() == Code::kUnsupported ? "record: made by a newer program" : error.where();
}

}  // namespace

Result<AcceptedRecord> JudgeRecordEntry(const thread::EntryView& entry, const thread::Card& card,
                                        const SecretBytes* archive_secret,
                                        const std::optional<Hash32>& seen_hash,
                                        Certificates& certificates) {
  AcceptedRecord out;
  const auto sealed = thread::ParseSealedRecord(entry.payload);
  if (!sealed.ok()) {
    out.problem = OpenProblem(sealed.error());
    return out;
  }
  out.header = sealed->header;
  const thread::CardMember* member = thread::FindMember(card, out.header.sender_device);
  if (member != nullptr) {
    out.author = member->person;
  }
  if (const Status fits = thread::JudgeRecord(out.header, card, seen_hash); !fits.ok()) {
    out.fork_seen = fits.error().code() == Code::kConflict;
    out.problem = fits.error().where();
    return out;
  }
  auto identity = certificates.Verify(member->signing_certificate_hash, entry.received_at,
                                      pki::CertRole::kDeviceSigning);
  if (!identity.ok()) {
    if (IsOurs(identity.error().code())) {
      return identity.error();
    }
    out.problem = "record: its author's certificate was not valid when it arrived";
    return out;
  }
  out.author_name = identity->name;
  if (archive_secret == nullptr) {
    out.waiting_for_secret = true;
    return out;
  }
  auto opened = seal::OpenRecord(entry.payload, *archive_secret, card, [&](const Hash32& hash) {
    return certificates.SignerOf(hash, entry.received_at);
  });
  if (!opened.ok()) {
    out.problem = OpenProblem(opened.error());
    return out;
  }
  out.opened = std::move(*opened);
  return out;
}

Result<std::variant<Accepted, Refused>> AcceptEntry(const ThreadView& view,
                                                    const thread::EntryView& entry,
                                                    Certificates& certificates) {
  if (const auto fault = ChainFault(view, entry); fault.has_value()) {
    return Judged(*fault);
  }
  RENKEI_ASSIGN(const auto position, thread::CheckNext(view.case_id, view.position, entry));
  auto change = JudgeChange(view, entry, certificates);
  if (!change.ok()) {
    if (IsOurs(change.error().code())) {
      return change.error();
    }
    return Judged(RefuseCommit(change.error()));
  }
  return Judged(Accepted{.position = position, .change = std::move(*change)});
}

}  // namespace renkei::client
