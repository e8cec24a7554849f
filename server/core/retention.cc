#include "server/core/retention.h"

#include <algorithm>
#include <utility>

#include "server/core/watch_hub.h"

namespace renkei::server {
namespace {

// Milliseconds that the relays of this store have run, 8 bytes, big endian.
constexpr const char* kRan = "retention.ran";

Result<Millis> TotalRan(ReadTransaction& transaction) {
  RENKEI_ASSIGN(const auto stored, transaction.FindMeta(kRan));
  if (!stored) {
    return Millis{0};
  }
  RENKEI_ASSIGN(const auto bytes, ToArray<8>(*stored));
  std::uint64_t value = 0;
  for (const std::uint8_t byte : bytes) {
    value = value << 8U | byte;
  }
  return Millis{static_cast<std::int64_t>(value)};
}

Status PutRan(WriteTransaction& transaction, Millis ran) {
  ByteArray<8> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::uint8_t>(static_cast<std::uint64_t>(ran.value) >> (56 - 8 * i));
  }
  return transaction.PutMeta(kRan, bytes);
}

// Only what was closed by then can be due; KeptUntil decides. A year has at least 365 days.
Millis ClosedUntil(Millis now, const RetentionRules& rules) {
  return now - Days(365 * std::int64_t{rules.years});
}

std::uint32_t YearsOf(const ThreadRow& row, const RetentionRules& rules) {
  return std::max(rules.years, row.closing.keep_years);
}

AuditEvent OwnEvent(std::string_view action, const CaseId& case_id) {
  AuditEvent event;
  event.action = action;
  event.outcome = "done";
  event.subject = case_id.bytes;
  return event;
}

}  // namespace

// What was read for one transaction, and what that did, told when it is durable.
struct Retention::Round {
  std::map<CaseId, ThreadExtent> read;
  bool has_more_to_read = false;

  RetentionLook look;
  std::vector<std::pair<CaseId, std::shared_ptr<const CardInForce>>> changed;

  // A transaction may be tried again.
  void Begin() {
    look = {};
    look.has_more = has_more_to_read;
    changed.clear();
  }
  std::size_t steps() const { return look.announced + look.deleted; }
};

void Retention::Look(const RetentionRules& rules, Millis ran, Reply<RetentionLook> reply) {
  auto round = std::make_shared<Round>();
  const Status read = store_.Read(
      [&](ReadTransaction& transaction) { return ReadOn(transaction, rules, ran, *round); });
  // What is damaged stays, and the store has noted that it is; all others go on.
  if (!read.ok() && read.error().code() != Code::kCorrupt) {
    return reply(read.error());
  }
  store_.Write(
      [this, rules, ran, round](WriteTransaction& transaction) {
        return RunRound(transaction, rules, ran, *round);
      },
      [this, round, reply = std::move(reply)](const Status& status) {
        if (!status.ok()) {
          return reply(status.error());
        }
        for (const auto& [case_id, card] : round->changed) {
          hub_.ThreadChanged(case_id, card->persons);
        }
        reply(round->look);
      });
}

Status Retention::RunRound(WriteTransaction& transaction, const RetentionRules& rules, Millis ran,
                           Round& round) const {
  round.Begin();
  RENKEI_ASSIGN(const Millis before, TotalRan(transaction));
  const Millis total = before + ran;
  RENKEI_TRY(PutRan(transaction, total));
  RENKEI_ASSIGN(const bool has_remains, transaction.DeleteRemains(kMaxRemainsTogether));
  round.look.has_more |= has_remains;
  if (!rules.deletes) {
    return Ok();
  }
  RENKEI_ASSIGN(auto closed, transaction.ClosedThreads(ClosedUntil(clock_.Now(), rules)));
  for (ThreadRow& row : closed) {
    if (round.steps() == kMaxRetentionStepsTogether) {
      round.look.has_more = true;
      break;
    }
    const std::uint32_t years = YearsOf(row, rules);
    RENKEI_ASSIGN(const Due due, DueOf(transaction, row, years, total));
    if (due == Due::kAnnouncement) {
      RENKEI_TRY(Announce(transaction, row, total, round));
    } else if (due == Due::kDeletion) {
      RENKEI_TRY(Delete(transaction, row, years, round));
    }
  }
  return Ok();
}

Result<Retention::Due> Retention::DueOf(ReadTransaction& transaction, const ThreadRow& row,
                                        std::uint32_t years, Millis ran) const {
  const Millis now = clock_.Now();
  if (now < thread::KeptUntil(row.closing.counted_from, years)) {
    return Due::kNothing;
  }
  RENKEI_ASSIGN(const auto announced, transaction.FindAnnouncement(row.case_id));
  if (!announced || announced->counted_from != row.closing.counted_from) {
    return Due::kAnnouncement;
  }
  const bool is_over = ran - announced->ran >= thread::kMinDeletionNotice &&
                       now - announced->at >= thread::kMinDeletionNotice;
  return is_over ? Due::kDeletion : Due::kNothing;
}

Status Retention::ReadOn(ReadTransaction& transaction, const RetentionRules& rules, Millis ran,
                         Round& round) {
  if (!rules.deletes) {
    return Ok();
  }
  RENKEI_ASSIGN(const Millis before, TotalRan(transaction));
  RENKEI_ASSIGN(const auto closed, transaction.ClosedThreads(ClosedUntil(clock_.Now(), rules)));
  Status out = Ok();
  std::size_t pages = 0;
  for (const ThreadRow& row : closed) {
    RENKEI_ASSIGN(const Due due, DueOf(transaction, row, YearsOf(row, rules), before + ran));
    if (due != Due::kDeletion || damaged_.contains(row.case_id)) {
      continue;
    }
    if (!walk_ || !walk_->IsOf(row)) {
      walk_.emplace(row);
    }
    Result<bool> is_read = false;
    while (is_read.ok() && !*is_read) {
      if (pages == kMaxPagesTogether) {
        round.has_more_to_read = true;
        return out;
      }
      ++pages;
      is_read = walk_->ReadOn(transaction);
    }
    if (is_read.ok()) {
      round.read[row.case_id] = walk_->extent();
    } else if (is_read.error().code() != Code::kCorrupt) {
      return is_read.error();
    } else {
      out = is_read.error();
      damaged_.insert(row.case_id);
    }
    walk_.reset();
  }
  return out;
}

Status Retention::Announce(WriteTransaction& transaction, ThreadRow& row, Millis ran,
                           Round& round) const {
  RENKEI_ASSIGN(const bool may_post, returns_.MayPost(transaction, row));
  const auto card = cards_.Get(transaction, row);
  if (!may_post || (!card.ok() && card.error().code() == Code::kCorrupt)) {
    return Ok();  // waits for what members hold, or damaged: `verify` names it, the others go on
  }
  if (!card.ok()) {
    return card.error();
  }
  thread::RelayNote note;
  note.kind = static_cast<std::uint32_t>(thread::RelayNoteKind::kDeletion);
  note.subject = row.case_id.bytes;
  RENKEI_TRY(AppendRelayNote(transaction, row, std::move(note), signer_, clock_.Now()));
  RENKEI_TRY(transaction.PutThread(row));
  RENKEI_TRY(transaction.PutAnnouncement(
      {row.case_id, row.closing.counted_from, row.head.received_at, ran}));
  RENKEI_TRY(audit_.Add(transaction, OwnEvent("retention.announce", row.case_id)));
  round.changed.emplace_back(row.case_id, *card);
  ++round.look.announced;
  return Ok();
}

Status Retention::Delete(WriteTransaction& transaction, const ThreadRow& row, std::uint32_t years,
                         Round& round) const {
  const auto read = round.read.find(row.case_id);
  if (read == round.read.end()) {
    return Ok();  // damaged, or not read to its end yet
  }
  if (read->second.head != row.head) {
    round.look.has_more = true;
    return Ok();
  }
  const ThreadExtent& extent = read->second;
  RENKEI_ASSIGN(const auto announced, transaction.FindAnnouncement(row.case_id));
  RENKEI_ASSIGN(const auto closing, transaction.FindEntry(row.case_id, row.closing.seq));
  const auto card = cards_.Get(transaction, row);
  if (!announced || !closing || (!card.ok() && card.error().code() == Code::kCorrupt)) {
    return Ok();
  }
  if (!card.ok()) {
    return card.error();
  }
  thread::DeletionCertificate certificate;
  certificate.case_id = row.case_id;
  certificate.head = row.head;
  certificate.first_received = extent.first_received;
  certificate.bytes = extent.bytes;
  certificate.closing = closing->payload;
  certificate.closing_seq = row.closing.seq;
  certificate.counted_from = row.closing.counted_from;
  certificate.years = years;
  certificate.announced_at = announced->at;
  certificate.deleted_at = clock_.Now();
  certificate.incarnation = incarnation_;
  const auto signed_certificate = thread::MakeDeletionCertificate(certificate, signer_.key());
  if (!signed_certificate.ok()) {
    return Ok();  // before its time by its own words: never
  }
  RENKEI_TRY(UncountThread(transaction, row.case_id, (*card)->card(), extent));
  RENKEI_TRY(transaction.DeleteThread(
      {row.case_id, certificate.deleted_at, *signed_certificate, (*card)->persons}));
  RENKEI_TRY(Returns::Forget(transaction, row.case_id));
  RENKEI_TRY(audit_.Add(transaction, OwnEvent("retention.delete", row.case_id)));
  ++round.look.deleted;
  round.look.has_more = true;
  return Ok();
}

}  // namespace renkei::server
