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

struct Threads::ClosingJob {
  Caller caller;
  ByteView notice_bytes;
  thread::SignedClosingNotice notice;
  EntryKey key{};
  PostOutcome outcome;
  std::shared_ptr<const CardInForce> card;
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
        if (!status.ok()) {
          return reply(status.error());
        }
        const CaseId& case_id = job->notice.notice.case_id;
        NoteRefusal(job->caller, "threads.append_closing", job->outcome, case_id);
        acknowledger_.Add(case_id, std::move(job->outcome), PersonsOf(job->card), reply);
      });
}

Status Threads::ApplyClosing(WriteTransaction& transaction, ClosingJob& job) {
  const thread::ClosingNotice& notice = job.notice.notice;
  RENKEI_ASSIGN(std::optional<ThreadRow> row, transaction.FindThread(notice.case_id));
  if (!row) {
    job.outcome = Refusal::kUnknownThread;
    return Ok();
  }
  RENKEI_ASSIGN(std::optional<Acknowledged> there, FindByKey(transaction, notice.case_id, job.key));
  if (there) {
    job.outcome = Duplicate{std::move(*there)};
    return Ok();
  }
  RENKEI_ASSIGN(const bool may_post, returns_.MayPost(transaction, *row));
  if (!may_post) {
    job.outcome = Refusal::kReturning;
    return Ok();
  }
  RENKEI_ASSIGN(job.card, cards_.Get(transaction, *row));
  const thread::Card& card = job.card->card();
  if (!IsOnCard(card, job.caller.person, job.caller.device)) {
    job.outcome = NotAMember{};
    return Ok();
  }
  RENKEI_ASSIGN(const auto seen_hash, HashAt(transaction, *row, notice.seen_seq));
  if (const Status judged = thread::JudgeClosingNotice(notice, card, seen_hash, row->closing);
      !judged.ok()) {
    job.outcome = OutcomeOfClosing(judged.error(), *row);
    return Ok();
  }
  RENKEI_ASSIGN(
      const auto sender,
      directory_.Find(transaction,
                      thread::FindMember(card, job.caller.device)->signing_certificate_hash));
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
