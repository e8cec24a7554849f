#include "server/core/threads.h"

#include <algorithm>

#include "server/core/entry_keys.h"
#include "server/core/thread_entries.h"
#include "server/core/usage.h"
#include "server/core/watch_hub.h"

namespace renkei::server {
namespace {

PostOutcome OutcomeOfRecord(const Error& error, const ThreadRow& row) {
  switch (error.code()) {
    case Code::kStaleEpoch:
    case Code::kFutureEpoch:
      return Stale{row.in_force, row.head.seq};
    case Code::kDenied:
      return NotAMember{};
    default:
      // Off the chain; so is who names the epoch in force by another epoch_id.
      return Refusal::kBadPosition;
  }
}

}  // namespace

struct Threads::RecordJob : Post {
  thread::RecordHeader header;
  ByteView record;
  Hash32 record_hash{};
  std::shared_ptr<BesideRecord> beside;  // null: nothing
};

struct Threads::PackJob : Post {
  ByteView pack;
  ByteView notice_bytes;
  thread::SignedPackNotice notice;
};

void Threads::Append(const Caller& caller, ByteView record, Reply<PostOutcome> reply) {
  StartRecord(caller, record, nullptr, std::move(reply));
}

void Threads::AppendWith(const Caller& caller, ByteView record,
                         std::shared_ptr<BesideRecord> beside, Reply<PostOutcome> reply) {
  StartRecord(caller, record, std::move(beside), std::move(reply));
}

void Threads::StartRecord(const Caller& caller, ByteView record,
                          std::shared_ptr<BesideRecord> beside, Reply<PostOutcome> reply) {
  auto parsed = thread::ParseRecordHeader(record);
  if (!parsed.ok()) {
    return reply(parsed.error());
  }
  if (parsed->sender_device != caller.device) {
    return reply(Error(Code::kDenied, "append: a record of another device"));
  }
  if (!beside && parsed->alert_plan_hash != Hash32{}) {
    return reply(Error(Code::kMalformed, "append: the record names a plan and none is there"));
  }
  auto job = std::make_shared<RecordJob>();
  job->caller = caller;
  job->header = *parsed;
  job->record = record;
  job->record_hash = Sha256(record);
  job->key = KeyOfRecord(job->header);
  job->beside = std::move(beside);
  store_.WriteHereIfAlone(
      [this, job](WriteTransaction& transaction) { return ApplyRecord(transaction, *job); },
      [this, job] { acknowledger_.Prepare(job->header.case_id, job->outcome); },
      [this, job, reply = std::move(reply)](const Status& status) {
        // What came beside it stands right behind it: watchers read both from the log.
        Answer(status, *job, "threads.append", job->header.case_id, reply,
               job->beside ? ByteView() : job->record);
      });
}

Status Threads::ApplyRecord(WriteTransaction& transaction, RecordJob& job) {
  const CaseId& case_id = job.header.case_id;
  RENKEI_ASSIGN(std::optional<ThreadRow> row, Enter(transaction, case_id, job));
  if (!row) {
    const bool is_retry = std::holds_alternative<Duplicate>(job.outcome);
    return is_retry && job.beside ? ApplyAgain(transaction, job) : Ok();
  }
  RENKEI_ASSIGN(const auto seen_hash, HashAt(transaction, *row, job.header.seen_seq));
  const Status judged = thread::JudgeRecord(job.header, job.card->card(), seen_hash);
  if (!judged.ok()) {
    job.outcome = OutcomeOfRecord(judged.error(), *row);
    return Ok();
  }
  if (job.beside) {
    RENKEI_ASSIGN(const auto refused, job.beside->Judge(transaction, *row));
    if (refused) {
      job.outcome = *refused;
      return Ok();
    }
  }
  // What comes beside a record is an alert or the end of one.
  RENKEI_TRY(quota_.Charge(transaction, {job.caller.person.institution, job.caller.device},
                           BytesOfRecord(job.header, job.record.size()),
                           job.beside ? Weight::kMustGetThrough : Weight::kNormal));
  RENKEI_ASSIGN(Acknowledged done, AddEntry(transaction, *row, thread::EntryKind::kRecord,
                                            job.record, job.record_hash, job.key));
  if (job.beside) {
    RENKEI_TRY(job.beside->Carry(transaction, *row, *job.card, done.at.seq));
  }
  RENKEI_TRY(transaction.PutThread(*row));
  job.outcome = Accepted{std::move(done)};
  return Ok();
}

Status Threads::ApplyAgain(WriteTransaction& transaction, RecordJob& job) {
  const Acknowledged& there = std::get<Duplicate>(job.outcome).entry;
  RENKEI_ASSIGN(std::optional<ThreadRow> row, transaction.FindThread(job.header.case_id));
  RENKEI_ASSIGN(const bool may_post, returns_.MayPost(transaction, *row));
  RENKEI_ASSIGN(job.card, cards_.Get(transaction, *row));
  if (!may_post || there.payload_hash != job.record_hash ||
      !IsOnCard(job.card->card(), job.caller.person, job.caller.device)) {
    return Ok();
  }
  RENKEI_ASSIGN(const auto refused, job.beside->Judge(transaction, *row));
  if (refused) {
    return Ok();
  }
  const std::uint64_t before = row->head.seq;
  RENKEI_TRY(job.beside->Carry(transaction, *row, *job.card, there.at.seq));
  return row->head.seq != before ? transaction.PutThread(*row) : Ok();
}

void Threads::AppendPack(const Caller& caller, ByteView pack, ByteView notice,
                         Reply<PostOutcome> reply) {
  auto parsed = thread::ParsePackNotice(notice);
  if (!parsed.ok()) {
    return reply(parsed.error());
  }
  if (parsed->notice.sender_device != caller.device) {
    return reply(Error(Code::kDenied, "append pack: a notice of another device"));
  }
  const Status match = thread::MatchPack(pack, parsed->notice);
  if (!match.ok() && match.error().code() != Code::kDenied) {
    return reply(match.error());
  }
  if (!match.ok()) {
    NoteRefusal(caller, "threads.append_pack", Refusal::kBadPack, parsed->notice.case_id);
    return reply(PostOutcome(Refusal::kBadPack));
  }
  auto job = std::make_shared<PackJob>();
  job->caller = caller;
  job->pack = pack;
  job->notice_bytes = notice;
  job->notice = std::move(*parsed);
  job->key = KeyOfPack(notice);
  store_.Write([this, job](WriteTransaction& transaction) { return ApplyPack(transaction, *job); },
               [this, job, reply = std::move(reply)](const Status& status) {
                 Answer(status, *job, "threads.append_pack", job->notice.notice.case_id, reply);
               });
}

Status Threads::ApplyPack(WriteTransaction& transaction, PackJob& job) {
  const thread::PackNotice& notice = job.notice.notice;
  RENKEI_ASSIGN(std::optional<ThreadRow> row, Enter(transaction, notice.case_id, job));
  if (!row) {
    return Ok();
  }
  const thread::Card& card = job.card->card();
  RENKEI_ASSIGN(const auto sender, SigningCertificateOf(transaction, job));
  if (!sender || !thread::VerifyPackNotice(job.notice, sender->certificate.public_key()).ok() ||
      !thread::JudgePackNotice(notice, card).ok()) {
    job.outcome = Refusal::kBadPack;
    return Ok();
  }
  RENKEI_TRY(quota_.Charge(transaction, {job.caller.person.institution, job.caller.device},
                           BytesOfRow(job.notice_bytes.size()) + BytesOfRow(job.pack.size())));
  RENKEI_ASSIGN(Acknowledged done, AddEntry(transaction, *row, thread::EntryKind::kPack,
                                            job.notice_bytes, Sha256(job.notice_bytes), job.key));
  RENKEI_TRY(transaction.AddPack(notice.case_id, notice.key_id, done.at.seq, job.pack));
  RENKEI_TRY(transaction.PutThread(*row));
  RENKEI_TRY(audit_.Add(
      transaction, EventOf(job.caller, "threads.append_pack", "accepted", notice.case_id.bytes)));
  job.outcome = Accepted{std::move(done)};
  return Ok();
}

Result<std::optional<ThreadRow>> Threads::Enter(WriteTransaction& transaction,
                                                const CaseId& case_id, Post& post) const {
  RENKEI_ASSIGN(std::optional<ThreadRow> row, transaction.FindThread(case_id));
  if (!row) {
    post.outcome = Refusal::kUnknownThread;
    return std::optional<ThreadRow>();
  }
  // A retry before the epoch: it was accepted, whatever has happened since.
  RENKEI_ASSIGN(std::optional<Acknowledged> there, FindByKey(transaction, case_id, post.key));
  if (there) {
    post.outcome = Duplicate{std::move(*there)};
    return std::optional<ThreadRow>();
  }
  RENKEI_ASSIGN(const bool may_post, returns_.MayPost(transaction, *row));
  if (!may_post) {
    post.outcome = Refusal::kReturning;
    return std::optional<ThreadRow>();
  }
  RENKEI_ASSIGN(post.card, cards_.Get(transaction, *row));
  if (!IsOnCard(post.card->card(), post.caller.person, post.caller.device)) {
    post.outcome = NotAMember{};
    return std::optional<ThreadRow>();
  }
  return row;
}

void Threads::Answer(const Status& status, Post& post, std::string_view action,
                     const CaseId& case_id, const Reply<PostOutcome>& reply, ByteView record) {
  if (!status.ok()) {
    return reply(status.error());
  }
  NoteRefusal(post.caller, action, post.outcome, case_id);
  acknowledger_.Add(case_id, std::move(post.outcome), PersonsOf(post.card), reply, record);
}

Result<std::shared_ptr<const KnownCertificate>> Threads::SigningCertificateOf(
    ReadTransaction& transaction, const Post& post) const {
  const auto* member = thread::FindMember(post.card->card(), post.caller.device);
  return directory_.Find(transaction, member->signing_certificate_hash);
}

Result<Acknowledged> Threads::AddEntry(WriteTransaction& transaction, ThreadRow& row,
                                       thread::EntryKind kind, ByteView payload,
                                       const Hash32& payload_hash, const EntryKey& key) const {
  thread::Position at;
  at.seq = row.head.seq + 1;
  // A clock that was set back must not make the thread's time go back.
  at.received_at = std::max(clock_.Now(), row.head.received_at);
  at.hash = thread::NextHash(row.head.hash, at.seq, kind, at.received_at, payload_hash);
  RENKEI_TRY(transaction.AddEntry(row.case_id, {at, kind, payload, key}));
  row.head = at;
  if (kind == thread::EntryKind::kRecord && row.closing.is_closed) {
    row.closing = thread::AfterRecord(row.closing, at.received_at);
  }
  return Acknowledged{at, payload_hash, {}};
}

void Threads::NoteRefusal(const Caller& caller, std::string_view action, const PostOutcome& outcome,
                          const CaseId& case_id) const {
  // A lost race and a retry are everyday; the thread itself tells what was accepted.
  if (std::holds_alternative<Refusal>(outcome) || std::holds_alternative<NotAMember>(outcome)) {
    audit_.NoteRefusal(EventOf(caller, action, OutcomeName(outcome), case_id.bytes));
  }
}

}  // namespace renkei::server
