// The part of Threads that ends a case, or lets it go on.
#include "server/core/entry_keys.h"
#include "server/core/thread_entries.h"
#include "server/core/threads.h"
#include "server/core/usage.h"

namespace renkei::server {
namespace {

PostOutcome OutcomeOfClosing(const Error& error, const ThreadRow& row) {
  switch (error.code()) {
    case Code::kStaleEpoch:
      return Stale{row.in_force, row.head.seq};
    case Code::kConflict:
      return Refusal::kBadPosition;
    default:
      return Refusal::kPolicy;
  }
}

}  // namespace

struct Threads::ClosingJob : Post {
  ByteView notice_bytes;
  thread::SignedClosingNotice notice;
};

void Threads::AppendClosing(const Caller& caller, ByteView notice, Reply<PostOutcome> reply) {
  auto parsed = thread::ParseClosingNotice(notice);
  if (!parsed.ok()) {
    return reply(parsed.error());
  }
  if (parsed->notice.sender_device != caller.device) {
    return reply(Error(Code::kDenied, "append closing: a notice of another device"));
  }
  auto job = std::make_shared<ClosingJob>();
  job->caller = caller;
  job->notice_bytes = notice;
  job->notice = std::move(*parsed);
  job->key = KeyOfClosing(notice);
  store_.Write(
      [this, job](WriteTransaction& transaction) { return ApplyClosing(transaction, *job); },
      [this, job, reply = std::move(reply)](const Status& status) {
        Answer(status, *job, "threads.append_closing", job->notice.notice.case_id, reply);
      });
}

Status Threads::ApplyClosing(WriteTransaction& transaction, ClosingJob& job) {
  const thread::ClosingNotice& notice = job.notice.notice;
  RENKEI_ASSIGN(std::optional<ThreadRow> row, Enter(transaction, notice.case_id, job));
  if (!row) {
    return Ok();
  }
  const thread::Card& card = job.card->card();
  RENKEI_ASSIGN(const auto seen_hash, HashAt(transaction, *row, notice.seen_seq));
  if (const Status judged = thread::JudgeClosingNotice(notice, card, seen_hash, row->closing);
      !judged.ok()) {
    job.outcome = OutcomeOfClosing(judged.error(), *row);
    return Ok();
  }
  RENKEI_ASSIGN(const auto sender, SigningCertificateOf(transaction, job));
  if (!sender || !thread::VerifyClosingNotice(job.notice, sender->certificate.public_key()).ok()) {
    job.outcome = Refusal::kPolicy;
    return Ok();
  }
  RENKEI_TRY(quota_.Charge(transaction, {job.caller.person.institution, job.caller.device},
                           BytesOfRow(job.notice_bytes.size()), Weight::kMustGetThrough));
  RENKEI_ASSIGN(Acknowledged done, AddEntry(transaction, *row, thread::EntryKind::kClosing,
                                            job.notice_bytes, Sha256(job.notice_bytes), job.key));
  row->closing = thread::AfterNotice(notice, done.at.seq, done.at.received_at);
  RENKEI_TRY(transaction.PutThread(*row));
  const bool is_end = notice.action == thread::ClosingAction::kClose;
  RENKEI_TRY(
      audit_.Add(transaction, EventOf(job.caller, is_end ? "threads.close" : "threads.reopen",
                                      "accepted", notice.case_id.bytes)));
  job.outcome = Accepted{std::move(done)};
  return Ok();
}

}  // namespace renkei::server
