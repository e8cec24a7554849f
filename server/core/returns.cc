#include "server/core/returns.h"

#include <algorithm>

#include "crypto/thread/encoding.h"
#include "crypto/thread/entry.h"
#include "crypto/thread/notice.h"
#include "server/core/alert_return.h"
#include "server/core/entry_keys.h"
#include "server/core/relay_note.h"
#include "server/core/thread_entries.h"
#include "server/core/usage.h"
#include "server/core/watch_hub.h"

namespace renkei::server {
namespace {

std::string StateName(const CaseId& case_id) {
  return "return/" + ToHex(case_id.view());
}

Bytes SerializeState(const ReturnState& state, const thread::IncarnationId& incarnation) {
  Bytes heard;
  for (const DeviceId& device : state.heard) {
    heard.insert(heard.end(), device.bytes.begin(), device.bytes.end());
  }
  return thread::Encode([&](thread::FieldWriter& out) {
    out.Blob(1, incarnation.view());
    out.U64(2, state.open ? 1 : 0);
    out.U64(3, state.wants_commit ? 1 : 0);
    out.U64(4, state.restored_to);
    out.Blob(5, heard);
  });
}

struct StoredState {
  thread::IncarnationId incarnation;
  ReturnState state;
};

Result<StoredState> ParseState(ByteView bytes) {
  const Error damaged(Code::kCorrupt, "returns: what is stored of a thread is damaged");
  thread::FieldReader in(bytes);
  StoredState out;
  out.incarnation = in.Read<thread::IncarnationId>(1);
  out.state.open = in.U64(2) != 0;
  out.state.wants_commit = in.U64(3) != 0;
  out.state.restored_to = in.U64(4);
  ByteView heard = in.Blob(5);
  RENKEI_TRY(in.Finish(damaged));
  if (heard.size() % kIdBytes != 0) {
    return damaged;
  }
  for (; !heard.empty(); heard = heard.subspan(kIdBytes)) {
    RENKEI_ASSIGN(const DeviceId device, DeviceId::FromBytes(heard.first(kIdBytes)));
    out.state.heard.push_back(device);
  }
  return out;
}

// What GetGroupInfo hands out while there is none: the hash of no card.
constexpr std::uint8_t kNoGroupInfo = 0;

// Where no steward is a member any longer every member counts as one.
bool SpeaksForTheCase(const CardInForce& card, const PersonRef& person) {
  const thread::CasePolicy& policy = card.card().policy;
  return thread::IsSteward(policy, person) ||
         std::none_of(card.persons.begin(), card.persons.end(),
                      [&](const PersonRef& each) { return thread::IsSteward(policy, each); });
}

thread::Position After(const thread::Position& at, thread::EntryKind kind, Millis received_at,
                       const Hash32& payload_hash) {
  const std::uint64_t seq = at.seq + 1;
  return {seq, thread::NextHash(at.hash, seq, kind, received_at, payload_hash), received_at};
}

}  // namespace

struct Returns::Job {
  Caller caller;
  const GiveBackView* view = nullptr;
  std::span<const thread::EntryView> taken;
  GiveBackOutcome outcome;
  std::vector<PersonRef> readers;  // to be told
};

bool Returns::WaitIsOver() const {
  return clock_.Now() >= *incarnation_.restored_at + kReturnWait;
}

Result<ReturnState> Returns::StateOf(ReadTransaction& transaction, const ThreadRow& row) const {
  ReturnState out{.open = true, .wants_commit = false, .restored_to = 0, .heard = {}};
  if (!incarnation_.restored_at) {
    return out;
  }
  RENKEI_ASSIGN(const auto stored, transaction.FindMeta(StateName(row.case_id)));
  if (stored) {
    RENKEI_ASSIGN(StoredState parsed, ParseState(*stored));
    if (parsed.incarnation == incarnation_.id) {
      return std::move(parsed.state);
    }
    out.wants_commit = parsed.state.wants_commit;  // from before it was restored once more
  }
  out.open = false;
  out.restored_to = row.head.seq;
  return out;
}

Status Returns::Save(WriteTransaction& transaction, const CaseId& case_id,
                     const ReturnState& state) const {
  return transaction.PutMeta(StateName(case_id), SerializeState(state, incarnation_.id));
}

Status Returns::Forget(WriteTransaction& transaction, const CaseId& case_id) {
  return transaction.DeleteMeta(StateName(case_id));
}

Result<bool> Returns::MayPost(WriteTransaction& transaction, ThreadRow& row) const {
  if (!incarnation_.restored_at) {
    return true;
  }
  RENKEI_ASSIGN(ReturnState state, StateOf(transaction, row));
  if (!state.open && WaitIsOver()) {
    RENKEI_TRY(OpenThread(transaction, row, state));
    RENKEI_TRY(transaction.PutThread(row));
    RENKEI_TRY(Save(transaction, row.case_id, state));
  }
  return state.open;
}

Status Returns::Committed(WriteTransaction& transaction, const CaseId& case_id) const {
  if (!incarnation_.restored_at) {
    return Ok();
  }
  ReturnState state;
  state.open = true;
  return Save(transaction, case_id, state);
}

Status Returns::OpenThread(WriteTransaction& transaction, ThreadRow& row,
                           ReturnState& state) const {
  thread::RelayNote note;
  note.kind = static_cast<std::uint32_t>(thread::RelayNoteKind::kIncarnation);
  note.subject = incarnation_.id.bytes;
  RENKEI_TRY(AppendRelayNote(transaction, row, note, signer_, clock_.Now()));
  state.open = true;
  return Ok();
}

void Returns::GiveBack(const Caller& caller, const GiveBackView& view,
                       Reply<GiveBackOutcome> reply) const {
  if (!incarnation_.restored_at) {
    audit_.NoteRefusal(EventOf(caller, "threads.give_back", "not restored", view.case_id.bytes));
    return reply(GiveBackOutcome(ReturnRefusal::kNotRestored));
  }
  if (view.entries.size() > kMaxGivenEntries || view.links.size() > kMaxGivenLinks) {
    return reply(Error(Code::kTooLarge, "give back: too many entries or links"));
  }
  auto job = std::make_shared<Job>();
  job->caller = caller;
  job->view = &view;
  store_.Write(
      [this, job](WriteTransaction& transaction) { return Apply(transaction, *job); },
      [this, job, reply = std::move(reply)](const Status& status) {
        if (!status.ok()) {
          return reply(status.error());
        }
        const CaseId& case_id = job->view->case_id;
        if (auto* standing = std::get_if<Standing>(&job->outcome)) {
          hub_.ThreadChanged(case_id, job->readers);
          standing->signed_head = signer_.Sign(case_id, standing->head);
        } else {
          audit_.NoteRefusal(EventOf(job->caller, "threads.give_back", "refused", case_id.bytes));
        }
        reply(std::move(job->outcome));
      });
}

Status Returns::Apply(WriteTransaction& transaction, Job& job) const {
  const GiveBackView& view = *job.view;
  job.readers.clear();
  RENKEI_ASSIGN(const std::optional<ThreadRow> found, transaction.FindThread(view.case_id));
  ThreadRow row = found.value_or(ThreadRow{view.case_id, thread::StartOf(view.case_id), {}, {}, 0});
  RENKEI_ASSIGN(ReturnState state, StateOf(transaction, row));
  RENKEI_ASSIGN(const auto refused, Prove(transaction, row, job));
  if (refused) {
    job.outcome = *refused;
    return Ok();
  }
  if (!job.taken.empty() && state.open) {
    job.outcome = ReturnRefusal::kFork;
    return Ok();
  }
  for (const thread::EntryView& entry : job.taken) {
    RENKEI_TRY(TakeEntry(transaction, row, entry, view));
    state.wants_commit = state.wants_commit || entry.kind == thread::EntryKind::kCommit;
  }
  if (row.head.seq == 0) {
    job.outcome = NoMember{};
    return Ok();
  }
  RENKEI_ASSIGN(const auto card, cards_.Get(transaction, row));
  const bool on_card = IsOnCard(card->card(), job.caller.person, job.caller.device);
  if (!on_card && job.taken.empty()) {
    job.outcome = NoMember{};
    return Ok();
  }
  const bool gave_all = view.held_seq <= row.head.seq;
  if (gave_all) {
    RENKEI_ASSIGN(const auto held, HashAt(transaction, row, view.held_seq));
    if (held != view.held_hash) {
      // Nothing of this request stays: entries that lead elsewhere than their giver stands.
      return job.taken.empty() ? (job.outcome = ReturnRefusal::kFork, Ok())
                               : Status(Error(Code::kMalformed, "give back: position"));
    }
  }
  const auto heard = std::find(state.heard.begin(), state.heard.end(), job.caller.device);
  if (on_card && gave_all && heard == state.heard.end()) {
    state.heard.push_back(job.caller.device);
  }
  RENKEI_ASSIGN(const std::size_t silent, StillSilent(transaction, card->card(), state));
  const bool told_to = view.go_on && on_card && SpeaksForTheCase(*card, job.caller.person);
  if (!state.open && gave_all && (silent == 0 || told_to || WaitIsOver())) {
    RENKEI_TRY(OpenThread(transaction, row, state));
    job.readers = card->persons;
    RENKEI_TRY(audit_.Add(transaction,
                          EventOf(job.caller, "threads.give_back",
                                  silent == 0 ? "opened" : "opened early", view.case_id.bytes)));
  }
  if (!job.taken.empty()) {
    job.readers = card->persons;
    RENKEI_TRY(audit_.Add(transaction,
                          EventOf(job.caller, "threads.give_back", "taken", view.case_id.bytes)));
  }
  RENKEI_TRY(transaction.PutThread(row));
  RENKEI_TRY(Save(transaction, view.case_id, state));
  job.outcome = Standing{row.head, {}, state.restored_to, state.open, silent};
  return Ok();
}

Result<std::optional<ReturnRefusal>> Returns::Prove(ReadTransaction& transaction,
                                                    const ThreadRow& row, Job& job) const {
  using Out = std::optional<ReturnRefusal>;
  const GiveBackView& view = *job.view;
  job.taken = {};
  std::span<const thread::EntryView> rest = view.entries;
  while (!rest.empty() && rest.front().seq <= row.head.seq) {
    RENKEI_ASSIGN(const auto hash, HashAt(transaction, row, rest.front().seq));
    if (hash != rest.front().hash) {
      return Out(ReturnRefusal::kFork);
    }
    rest = rest.subspan(1);
  }
  if (rest.empty()) {
    return Out();
  }
  if (rest.front().seq != row.head.seq + 1) {
    return Out(ReturnRefusal::kGap);
  }
  const auto head = thread::VerifyHead(view.proof, signer_.key().public_key());
  if (!head.ok() || head->case_id != view.case_id || head->incarnation == incarnation_.id) {
    return Out(ReturnRefusal::kUnproven);
  }
  thread::Position at = row.head;
  for (const thread::EntryView& entry : rest) {
    const auto next = thread::CheckNext(view.case_id, at, entry);
    if (!next.ok()) {
      return Out(ReturnRefusal::kFork);
    }
    at = *next;
  }
  for (const ChainLink& link : view.links) {
    at = After(at, link.kind, link.received_at, link.payload_hash);
  }
  if (at.seq != head->seq || at.hash != head->hash) {
    return Out(ReturnRefusal::kUnproven);
  }
  job.taken = rest;
  return Out();
}

// Whoever wrote it pays for it as the first time; no limit stands in the way of taking it back.
Status Returns::CountEntry(WriteTransaction& transaction, const thread::EntryView& entry,
                           const thread::Card& in_force) {
  RENKEI_ASSIGN(const auto cost, CostOfEntry(entry.kind, entry.payload, in_force));
  return cost ? CountStored(transaction, cost->payer, static_cast<std::int64_t>(cost->bytes))
              : Ok();
}

// Proven to be ours: what does not fit all the same is refused whole, with nothing changed.
Status Returns::TakeEntry(WriteTransaction& transaction, ThreadRow& row,
                          const thread::EntryView& entry, const GiveBackView& view) const {
  const thread::Position at{entry.seq, entry.hash, entry.received_at};
  std::optional<EntryKey> key;
  if (entry.kind == thread::EntryKind::kCommit) {
    return TakeCommit(transaction, row, entry, view);
  }
  if (row.head.seq == 0) {
    return Error(Code::kDenied, "give back: a thread that does not begin with a commit");
  }
  RENKEI_ASSIGN(const auto card, cards_.Get(transaction, row));
  if (entry.kind == thread::EntryKind::kRecord) {
    RENKEI_ASSIGN(const auto record, thread::ParseSealedRecord(entry.payload));
    RENKEI_ASSIGN(const auto seen, HashAt(transaction, row, record.header.seen_seq));
    if (!thread::JudgeRecord(record.header, card->card(), seen).ok()) {
      return Error(Code::kDenied, "give back: a record that the card does not allow");
    }
    key = KeyOfRecord(record.header);
    if (row.closing.is_closed) {
      row.closing = thread::AfterRecord(row.closing, entry.received_at);
    }
  } else if (entry.kind == thread::EntryKind::kPack) {
    RENKEI_ASSIGN(const auto notice, thread::ParsePackNotice(entry.payload));
    RENKEI_TRY(thread::JudgePackNotice(notice.notice, card->card()));
    key = KeyOfPack(entry.payload);
  } else if (entry.kind == thread::EntryKind::kClosing) {
    RENKEI_ASSIGN(const auto notice, thread::ParseClosingNotice(entry.payload));
    RENKEI_ASSIGN(const auto seen, HashAt(transaction, row, notice.notice.seen_seq));
    RENKEI_TRY(thread::JudgeClosingNotice(notice.notice, card->card(), seen, row.closing));
    key = KeyOfClosing(entry.payload);
    row.closing = thread::AfterNotice(notice.notice, entry.seq, entry.received_at);
  } else {
    RENKEI_ASSIGN(const auto note,
                  thread::VerifyRelayNote(entry.payload, signer_.key().public_key()));
    RENKEI_TRY(TakeAlertNote(transaction, note, card->card()));
  }
  RENKEI_TRY(CountEntry(transaction, entry, card->card()));
  RENKEI_TRY(transaction.AddEntry(view.case_id, {at, entry.kind, entry.payload, key}));
  row.head = at;
  return Ok();
}

Status Returns::TakeCommit(WriteTransaction& transaction, ThreadRow& row,
                           const thread::EntryView& entry, const GiveBackView& view) const {
  RENKEI_ASSIGN(auto payload, thread::ParseCommitPayload(entry.payload));
  const thread::Card& card = payload.card.card;
  const bool follows =
      row.head.seq == 0 ? card.at == thread::EpochRef{} : card.previous_card_hash == row.card_hash;
  if (card.case_id != view.case_id || !follows) {
    return Error(Code::kDenied, "give back: a card that does not follow the one in force");
  }
  std::vector<PersonRef> before;
  if (row.head.seq != 0) {
    RENKEI_ASSIGN(const auto previous, cards_.Get(transaction, row));
    before = previous->persons;
    RENKEI_TRY(UncountGroupInfo(transaction, view.case_id, &previous->card()));
  }
  auto in_force = MakeCardInForce(std::move(payload.card));
  RENKEI_TRY(CountEntry(transaction, entry, in_force->card()));
  if (const auto payer = PayerOf(in_force->card(), in_force->card().committer_device)) {
    RENKEI_TRY(CountStored(transaction, *payer,
                           static_cast<std::int64_t>(BytesOfRow(sizeof(kNoGroupInfo)))));
  }
  row.head = {entry.seq, entry.hash, entry.received_at};
  row.in_force = in_force->card().at;
  row.card_hash = in_force->signed_card.hash;
  row.card_seq = entry.seq;
  RENKEI_TRY(transaction.AddEntry(
      view.case_id, {row.head, entry.kind, entry.payload, KeyOfCommit(row.card_hash)}));
  RENKEI_TRY(transaction.PutThread(row));
  RENKEI_TRY(transaction.PutGroupInfo(view.case_id, ByteView(&kNoGroupInfo, 1)));
  RENKEI_TRY(StoreMembership(transaction, *in_force, before, entry.seq));
  RENKEI_TRY(TakeEnvelopes(transaction, in_force->card(), view));
  cards_.Put(in_force);
  return Ok();
}

// All of the epoch's or none: a member repairs a wrong one with a pack (client/core/unlock.h).
Status Returns::TakeEnvelopes(WriteTransaction& transaction, const thread::Card& card,
                              const GiveBackView& view) const {
  std::vector<thread::Envelope> of_epoch;
  std::copy_if(view.envelopes.begin(), view.envelopes.end(), std::back_inserter(of_epoch),
               [&](const thread::Envelope& envelope) { return envelope.at == card.at; });
  if (!thread::JudgeEnvelopes(of_epoch, card).ok()) {
    return Ok();
  }
  for (const thread::Envelope& envelope : of_epoch) {
    RENKEI_TRY(transaction.AddEnvelope(view.case_id, envelope.key_id,
                                       {card.at, thread::SerializeEnvelope(envelope)}));
  }
  return Ok();
}

Result<std::size_t> Returns::StillSilent(ReadTransaction& transaction, const thread::Card& card,
                                         const ReturnState& state) const {
  std::size_t silent = 0;
  for (const thread::CardMember& member : card.members) {
    if (std::find(state.heard.begin(), state.heard.end(), member.device) != state.heard.end()) {
      continue;
    }
    RENKEI_ASSIGN(const auto known, directory_.Find(transaction, member.signing_certificate_hash));
    // One that the restored directory does not have may still come and publish itself.
    const bool counts = !known || (known->certificate.ValidAt(clock_.Now()) &&
                                   !directory_.IsRevoked(known->certificate));
    silent += counts ? 1 : 0;
  }
  return silent;
}

}  // namespace renkei::server
