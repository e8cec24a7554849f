// The part of Threads that changes who is a member.
#include <algorithm>

#include "server/core/limits.h"
#include "server/core/thread_entries.h"
#include "server/core/threads.h"
#include "server/core/usage.h"
#include "server/core/watch_hub.h"

namespace renkei::server {

struct Threads::CommitJob {
  Caller caller;
  const CommitView* view = nullptr;
  CheckedCommit checked;
  PostOutcome outcome;

  const thread::Card& card() const { return checked.card->card(); }
};

void Threads::Create(const Caller& caller, const CommitView& view, Reply<PostOutcome> reply) {
  StartCommit(caller, view, true, std::move(reply));
}

void Threads::Commit(const Caller& caller, const CommitView& view, Reply<PostOutcome> reply) {
  StartCommit(caller, view, false, std::move(reply));
}

void Threads::StartCommit(const Caller& caller, const CommitView& view, bool is_new_thread,
                          Reply<PostOutcome> reply) {
  std::optional<std::variant<CheckedCommit, PostOutcome>> checked;
  const Status status = store_.Read([&](ReadTransaction& transaction) -> Status {
    CommitCheck check(directory_, cards_, transaction, clock_.Now());
    RENKEI_ASSIGN(checked, check.Run(caller, view, is_new_thread));
    return Ok();
  });
  if (!status.ok()) {
    return reply(status.error());
  }
  if (auto* outcome = std::get_if<PostOutcome>(&*checked)) {
    // Parsed before, or there would be no outcome.
    const auto card = thread::SignedCardFromParts(view.card, view.signature);
    const CaseId case_id = card.ok() ? card->card.case_id : CaseId{};
    NoteRefusal(caller, "threads.commit", *outcome, case_id);
    return acknowledger_.Answer(case_id, std::move(*outcome), reply);
  }
  auto job = std::make_shared<CommitJob>();
  job->caller = caller;
  job->view = &view;
  job->checked = std::move(std::get<CheckedCommit>(*checked));
  store_.Write(
      [this, job](WriteTransaction& transaction) { return ApplyCommit(transaction, *job); },
      [this, job, reply = std::move(reply)](const Status& written) {
        if (!written.ok()) {
          return reply(written.error());
        }
        auto readers = std::make_shared<std::vector<PersonRef>>(job->checked.card->persons);
        if (job->checked.previous) {
          // Who was removed reads up to and including this entry.
          const auto& before = job->checked.previous->persons;
          readers->insert(readers->end(), before.begin(), before.end());
        }
        if (std::holds_alternative<Accepted>(job->outcome)) {
          for (const WelcomeView& welcome : job->view->welcomes) {
            std::for_each(welcome.devices.begin(), welcome.devices.end(),
                          [&](const DeviceId& device) { hub_.MailArrived(device); });
          }
        }
        NoteRefusal(job->caller, "threads.commit", job->outcome, job->card().case_id);
        acknowledger_.Add(job->card().case_id, std::move(job->outcome), std::move(readers), reply);
      });
}

Status Threads::ApplyCommit(WriteTransaction& transaction, CommitJob& job) {
  const thread::Card& card = job.card();
  RENKEI_ASSIGN(std::optional<ThreadRow> row, transaction.FindThread(card.case_id));
  if (row) {
    RENKEI_ASSIGN(std::optional<Acknowledged> there,
                  FindByKey(transaction, card.case_id, job.checked.key));
    if (there) {
      job.outcome = Duplicate{std::move(*there)};
      return Ok();
    }
    if (!job.checked.previous) {
      job.outcome = Refusal::kThreadExists;
      return Ok();
    }
    RENKEI_ASSIGN(const bool may_post, returns_.MayPost(transaction, *row));
    if (!may_post) {
      job.outcome = Refusal::kReturning;
      return Ok();
    }
    // Compare and swap: the card that this one was judged against must still be in force.
    if (row->card_hash != job.checked.previous->signed_card.hash) {
      job.outcome = Stale{row->in_force, row->head.seq};
      return Ok();
    }
  } else {
    row = ThreadRow{card.case_id, thread::StartOf(card.case_id), {}, {}, 0};
  }
  if (std::max(clock_.Now(), row->head.received_at) >= job.checked.valid_until) {
    job.outcome = Refusal::kUnknownCertificate;
    return Ok();
  }
  RENKEI_ASSIGN(Acknowledged done, StoreCommit(transaction, job, *row));
  job.outcome = Accepted{std::move(done)};
  return Ok();
}

Status Threads::ChargeCommit(WriteTransaction& transaction, const CommitJob& job) const {
  std::uint64_t bytes = BytesOfCommit(job.card(), job.checked.payload.size()) +
                        BytesOfRow(job.view->group_info.size());
  for (const WelcomeView& welcome : job.view->welcomes) {
    bytes += BytesOfRow(welcome.welcome.size());
  }
  const Payer payer{job.caller.person.institution, job.caller.device};
  RENKEI_TRY(quota_.Charge(transaction, payer, bytes));
  return UncountGroupInfo(transaction, job.card().case_id,
                          job.checked.previous ? &job.checked.previous->card() : nullptr);
}

Result<Acknowledged> Threads::StoreCommit(WriteTransaction& transaction, const CommitJob& job,
                                          ThreadRow& row) const {
  const thread::Card& card = job.card();
  RENKEI_TRY(ChargeCommit(transaction, job));
  RENKEI_ASSIGN(Acknowledged done,
                AddEntry(transaction, row, thread::EntryKind::kCommit, job.checked.payload,
                         job.checked.payload_hash, job.checked.key));
  row.in_force = card.at;
  row.card_hash = job.checked.card->signed_card.hash;
  row.card_seq = done.at.seq;
  RENKEI_TRY(transaction.PutThread(row));
  RENKEI_TRY(transaction.PutGroupInfo(card.case_id, job.view->group_info));
  const std::vector<PersonRef> nobody;
  RENKEI_TRY(StoreMembership(transaction, *job.checked.card,
                             job.checked.previous ? job.checked.previous->persons : nobody,
                             done.at.seq));
  RENKEI_TRY(returns_.Committed(transaction, card.case_id));
  for (const thread::Envelope& envelope : job.view->envelopes) {
    RENKEI_TRY(transaction.AddEnvelope(card.case_id, envelope.key_id,
                                       {card.at, thread::SerializeEnvelope(envelope)}));
  }
  for (const WelcomeView& welcome : job.view->welcomes) {
    RENKEI_TRY(transaction.AddMail(welcome.devices, card.case_id, done.at.seq, welcome.welcome));
  }
  RENKEI_TRY(audit_.Add(transaction,
                        EventOf(job.caller, "threads.commit", "accepted", card.case_id.bytes)));
  return done;
}

}  // namespace renkei::server
