#include "server/core/retention.h"

#include <algorithm>
#include <utility>

#include "server/core/thread_usage.h"
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

AuditEvent OwnEvent(std::string_view action, const CaseId& case_id) {
  AuditEvent event;
  event.action = action;
  event.outcome = "done";
  event.subject = case_id.bytes;
  return event;
}

}  // namespace

// What one transaction did, told when it is durable.
struct Retention::Round {
  RetentionLook look;
  std::vector<std::pair<CaseId, std::shared_ptr<const CardInForce>>> changed;

  std::size_t steps() const { return look.announced + look.deleted; }
};

void Retention::Look(const RetentionRules& rules, Millis ran, Reply<RetentionLook> reply) const {
  auto round = std::make_shared<Round>();
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
  round = Round();
  RENKEI_ASSIGN(const Millis before, TotalRan(transaction));
  const Millis total = before + ran;
  RENKEI_TRY(PutRan(transaction, total));
  RENKEI_ASSIGN(round.look.has_more, transaction.DeleteRemains(kMaxRemainsTogether));
  if (!rules.deletes) {
    return Ok();
  }
  // A year has at least 365 days; KeptUntil decides.
  RENKEI_ASSIGN(auto closed,
                transaction.ClosedThreads(clock_.Now() - Days(365 * std::int64_t{rules.years})));
  for (ThreadRow& row : closed) {
    if (round.steps() == kMaxRetentionStepsTogether) {
      round.look.has_more = true;
      break;
    }
    RENKEI_TRY(
        LookAt(transaction, row, std::max(rules.years, row.closing.keep_years), total, round));
  }
  return Ok();
}

Status Retention::LookAt(WriteTransaction& transaction, ThreadRow& row, std::uint32_t years,
                         Millis ran, Round& round) const {
  const Millis now = clock_.Now();
  if (now < thread::KeptUntil(row.closing.counted_from, years)) {
    return Ok();
  }
  RENKEI_ASSIGN(const auto announced, transaction.FindAnnouncement(row.case_id));
  if (!announced || announced->counted_from != row.closing.counted_from) {
    return Announce(transaction, row, ran, round);
  }
  const bool is_over = ran - announced->ran >= thread::kMinDeletionNotice &&
                       now - announced->at >= thread::kMinDeletionNotice;
  return is_over ? Delete(transaction, row, years, *announced, round) : Ok();
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
                         const AnnouncementRow& announced, Round& round) const {
  RENKEI_ASSIGN(const auto closing, transaction.FindEntry(row.case_id, row.closing.seq));
  const auto card = cards_.Get(transaction, row);
  if (!closing || (!card.ok() && card.error().code() == Code::kCorrupt)) {
    return Ok();
  }
  if (!card.ok()) {
    return card.error();
  }
  RENKEI_ASSIGN(const ThreadExtent extent, transaction.ExtentOf(row.case_id));
  thread::DeletionCertificate certificate;
  certificate.case_id = row.case_id;
  certificate.head = row.head;
  certificate.first_received = extent.first_received;
  certificate.bytes = extent.bytes;
  certificate.closing = closing->payload;
  certificate.closing_seq = row.closing.seq;
  certificate.counted_from = row.closing.counted_from;
  certificate.years = years;
  certificate.announced_at = announced.at;
  certificate.deleted_at = clock_.Now();
  certificate.incarnation = incarnation_;
  const auto signed_certificate = thread::MakeDeletionCertificate(certificate, signer_.key());
  if (!signed_certificate.ok()) {
    return Ok();  // before its time by its own words: never
  }
  RENKEI_TRY(UncountThread(transaction, row.case_id, (*card)->card()));
  RENKEI_TRY(transaction.DeleteThread(
      {row.case_id, certificate.deleted_at, *signed_certificate, (*card)->persons}));
  RENKEI_TRY(Returns::Forget(transaction, row.case_id));
  RENKEI_TRY(audit_.Add(transaction, OwnEvent("retention.delete", row.case_id)));
  ++round.look.deleted;
  round.look.has_more = true;
  return Ok();
}

}  // namespace renkei::server
