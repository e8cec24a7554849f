#include "server/core/thread_check.h"

#include <algorithm>

#include "crypto/pki/certificate.h"
#include "crypto/thread/entry.h"
#include "crypto/thread/notice.h"
#include "crypto/thread/sealed_secrets.h"
#include "crypto/thread/succession.h"
#include "server/core/commit_check.h"
#include "server/core/entry_keys.h"

namespace renkei::server {
namespace {

constexpr std::size_t kPageEntries = 256;
constexpr std::size_t kPageBytes = std::size_t{4} << 20U;

// So that ReadEnvelopes(after) begins with `at`; none: before the first of all.
std::optional<EpochRef> Before(const EpochRef& at) {
  EpochRef out = at;
  if (at.epoch > 0) {
    --out.epoch;
    return out;
  }
  if (at.generation == 0) {
    return std::nullopt;
  }
  --out.generation;
  out.epoch = UINT64_MAX;
  return out;
}

}  // namespace

void ThreadCheck::Find(std::uint64_t seq, const char* what) {
  if (findings_.size() < kMaxFindings) {
    findings_.push_back({seq, what});
  }
}

std::size_t ThreadCheck::expected_spans() const {
  std::size_t count = 0;
  for (const auto& [person, spans] : spans_) {
    count += spans.size();
  }
  return count;
}

Status ThreadCheck::Run() {
  RENKEI_ASSIGN(const std::optional<ThreadRow> row, transaction_.FindThread(case_id_));
  if (!row) {
    return Error(Code::kNotFound, "verify: no such thread");
  }
  at_ = thread::StartOf(case_id_);
  RENKEI_TRY(Walk(row->head.seq));
  if (is_broken_) {
    return Ok();
  }
  RENKEI_TRY(CheckHead(*row));
  return CheckSpans();
}

Status ThreadCheck::Walk(std::uint64_t head_seq) {
  while (!is_broken_) {
    // Beyond the head too: an entry there was never acknowledged by this head.
    RENKEI_ASSIGN(
        const std::vector<EntryRow> page,
        transaction_.ReadEntries(case_id_, at_.seq + 1, UINT64_MAX, kPageEntries, kPageBytes));
    if (page.empty()) {
      break;
    }
    for (const EntryRow& entry : page) {
      RENKEI_TRY(CheckEntry(entry));
      if (is_broken_) {
        break;
      }
    }
  }
  if (!is_broken_ && at_.seq < head_seq) {
    Find(at_.seq + 1, "the entry is missing");
    is_broken_ = true;
  }
  return Ok();
}

Status ThreadCheck::CheckEntry(const EntryRow& entry) {
  const auto next = thread::CheckNext(
      case_id_, at_,
      {case_id_, entry.seq, entry.kind, entry.received_at, entry.payload, entry.hash});
  if (!next.ok()) {
    is_broken_ = true;
    Find(at_.seq + 1, entry.seq != at_.seq + 1 ? "the entry is missing"
                                               : "the entry does not continue the hash chain");
    return Ok();
  }
  at_ = *next;
  switch (entry.kind) {
    case thread::EntryKind::kCommit:
      return CheckCommit(entry);
    case thread::EntryKind::kRecord:
      return CheckRecord(entry);
    case thread::EntryKind::kPack:
      return CheckPack(entry);
    case thread::EntryKind::kRelayNote:
      return Ok();
    case thread::EntryKind::kClosing:
      return CheckClosing(entry);
  }
  Find(entry.seq, "the entry is of an unknown kind");
  return Ok();
}

Status ThreadCheck::CheckKey(const EntryKey& key, std::uint64_t seq) {
  RENKEI_ASSIGN(const auto found, transaction_.FindEntryKey(case_id_, key));
  if (found != seq) {
    Find(seq, "the key that tells a retry is not the entry's");
  }
  return Ok();
}

Status ThreadCheck::CheckCommit(const EntryRow& entry) {
  auto payload = thread::ParseCommitPayload(entry.payload);
  if (!payload.ok()) {
    Find(entry.seq, "the commit cannot be read");
    return Ok();
  }
  const thread::SignedCard& card = payload->card;
  if (card.card.case_id != case_id_ ||
      card.card.previous_card_hash != (card_ ? card_->signed_card.hash : Hash32{})) {
    Find(entry.seq, "the card does not follow the card before it");
  }
  RENKEI_TRY(CheckKey(KeyOfCommit(card.hash), entry.seq));
  RENKEI_TRY(CheckSignature(card, entry.seq));
  RENKEI_TRY(CheckEnvelopes(card.card, entry.seq));
  static const std::vector<PersonRef> kNobody;
  const auto previous = std::move(card_);
  card_ = MakeCardInForce(std::move(payload->card));
  card_seq_ = entry.seq;
  FollowMembers(entry.seq, previous ? previous->persons : kNobody);
  return Ok();
}

Status ThreadCheck::CheckSignature(const thread::SignedCard& card, std::uint64_t seq) {
  const Hash32 signer = thread::SignerCertificateHash(card_ ? &card_->card() : nullptr, card.card);
  RENKEI_ASSIGN(const auto row, transaction_.FindCertificate(signer));
  if (!row) {
    Find(seq, "the certificate of the card's signer is not in the directory");
    return Ok();
  }
  const auto certificate = pki::Certificate::Parse(row->der);
  if (!certificate.ok() || !thread::VerifyCard(card, certificate->public_key()).ok()) {
    Find(seq, "the card is not signed by its committer");
  }
  return Ok();
}

Status ThreadCheck::CheckEnvelopes(const thread::Card& card, std::uint64_t seq) {
  envelopes_ += card.recipients.size();
  for (const thread::CardRecipient& recipient : card.recipients) {
    RENKEI_ASSIGN(const auto rows,
                  transaction_.ReadEnvelopes(case_id_, recipient.key_id, Before(card.at), 1));
    if (rows.empty() || rows.front().at != card.at) {
      Find(seq, "an envelope of this epoch is missing");
      continue;
    }
    const auto envelope = thread::ParseEnvelope(rows.front().envelope);
    if (!envelope.ok() || envelope->key_id != recipient.key_id) {
      Find(seq, "an envelope of this epoch cannot be read");
    }
  }
  return Ok();
}

Status ThreadCheck::CheckRecord(const EntryRow& entry) {
  const auto record = thread::ParseSealedRecord(entry.payload);
  if (!record.ok()) {
    Find(entry.seq, "the sealed record cannot be read");
    return Ok();
  }
  if (!card_ || thread::FindMember(card_->card(), record->header.sender_device) == nullptr) {
    Find(entry.seq, "the sender is not on the card in force");
  }
  RENKEI_ASSIGN(const auto alert, transaction_.FindAlert(case_id_, entry.seq));
  if (alert && thread::HashOfAlertPlan(alert->plan) != record->header.alert_plan_hash) {
    Find(entry.seq, "the alert's plan is not the one that the record names");
  }
  if (closing_.is_closed) {
    closing_ = thread::AfterRecord(closing_, entry.received_at);
  }
  return CheckKey(KeyOfRecord(record->header), entry.seq);
}

Status ThreadCheck::CheckClosing(const EntryRow& entry) {
  const auto notice = thread::ParseClosingNotice(entry.payload);
  if (!notice.ok()) {
    Find(entry.seq, "the closing notice cannot be read");
    return Ok();
  }
  RENKEI_ASSIGN(const auto seen, SeenHash(notice->notice.seen_seq));
  if (!card_ || !thread::JudgeClosingNotice(notice->notice, card_->card(), seen, closing_).ok()) {
    Find(entry.seq, "the closing notice does not count where it stands");
  }
  closing_ = thread::AfterNotice(notice->notice, entry.seq, entry.received_at);
  return CheckKey(KeyOfClosing(entry.payload), entry.seq);
}

Result<std::optional<Hash32>> ThreadCheck::SeenHash(std::uint64_t seq) {
  if (seq == 0) {
    return std::optional(thread::StartOf(case_id_).hash);
  }
  return transaction_.EntryHash(case_id_, seq);
}

Status ThreadCheck::CheckPack(const EntryRow& entry) {
  const auto signed_notice = thread::ParsePackNotice(entry.payload);
  if (!signed_notice.ok()) {
    Find(entry.seq, "the pack's notice cannot be read");
    return Ok();
  }
  ++packs_;
  const thread::PackNotice& notice = signed_notice->notice;
  RENKEI_ASSIGN(const auto packs,
                transaction_.ReadPacks(case_id_, notice.key_id, entry.seq - 1, 1, kPageBytes));
  if (packs.empty() || packs[0].seq != entry.seq ||
      !thread::MatchPack(packs[0].pack, notice).ok()) {
    Find(entry.seq, "the pack is missing or is not the one that was announced");
  }
  return CheckKey(KeyOfPack(entry.payload), entry.seq);
}

void ThreadCheck::FollowMembers(std::uint64_t seq, const std::vector<PersonRef>& before) {
  const bool reads_all = card_->card().policy.newcomer_history == thread::History::kAll;
  for (const PersonRef& person : card_->persons) {
    if (!std::binary_search(before.begin(), before.end(), person)) {
      spans_[person].push_back({reads_all ? 1 : seq, std::nullopt});
    }
  }
  for (const PersonRef& person : before) {
    if (!card_->HasPerson(person)) {
      spans_[person].back().last = seq;
    }
  }
}

Status ThreadCheck::CheckHead(const ThreadRow& row) {
  if (row.head != at_) {
    Find(row.head.seq, "the head is not the last entry");
  }
  if (row.closing != closing_) {
    Find(0, "whether the case is closed, and since when, does not follow from the entries");
  }
  if (!card_ || row.card_hash != card_->signed_card.hash || row.card_seq != card_seq_ ||
      row.in_force != card_->card().at) {
    Find(0, "the card in force is not that of the last commit");
    return Ok();
  }
  RENKEI_ASSIGN(const auto group_info, transaction_.FindGroupInfo(case_id_));
  if (!group_info || Sha256(*group_info) != card_->card().group_info_hash) {
    Find(0, "the GroupInfo is missing or is not the one on the card in force");
  }
  return Ok();
}

Status ThreadCheck::CheckSpans() {
  for (const auto& [person, expected] : spans_) {
    RENKEI_ASSIGN(const std::vector<Span> kept, transaction_.SpansOf(case_id_, person));
    if (kept != expected) {
      Find(0, "what a person may read does not follow from the cards");
    }
  }
  return Ok();
}

}  // namespace renkei::server
