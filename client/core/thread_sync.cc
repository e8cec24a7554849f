#include "client/core/thread_sync.h"

#include <utility>

#include "client/core/closing.h"
#include "client/core/heads.h"
#include "client/core/kinds.h"
#include "client/core/notices.h"
#include "client/core/outbox_store.h"
#include "client/core/take_commit.h"
#include "client/core/take_note.h"
#include "client/core/take_record.h"
#include "renkei/relay/v1/threads.pb.h"

namespace renkei::client {
namespace {

constexpr std::uint32_t kReadLimit = 500;

ThreadView ViewOf(Core& core, OpenCase& open) {
  ThreadView view;
  view.case_id = open.id();
  view.own_device = core.identity.device;
  view.position = open.row.position;
  view.card = open.card.has_value() ? &*open.card : nullptr;
  view.group = open.group.has_value() && !open.row.rejoin ? &*open.group : nullptr;
  if (open.sent.has_value() && open.next.has_value()) {
    view.own_next = OwnNext{.card_hash = open.sent->card_hash, .group = &*open.next};
  }
  view.closing = open.row.closing;
  view.archive_secret = open.secret.has_value() ? &*open.secret : nullptr;
  view.hash_at = [&core, &open](std::uint64_t seq) { return core.cases.HashAt(open.id(), seq); };
  return view;
}

Status TakePack(Core& core, OpenCase& open, const AcceptedPack& pack) {
  if (pack.notice.has_value() && OwnArchiveKey(core.identity, pack.notice->key_id) != nullptr) {
    open.row.fetch_packs = true;
  }
  return Ok();
}

// Our own record coming back: what waited in the outbox is done. One that never waited there was
// sent by a newer copy of this vault.
Status TakeOwnRecord(Core& core, OpenCase& open, const thread::EntryView& entry,
                     const AcceptedRecord& record, Changes& changes) {
  OutboxStore outbox(core.vault);
  RENKEI_ASSIGN(const auto item, outbox.FindRecord(open.id(), record.header.record_id));
  if (item.has_value()) {
    changes.records_sent += kinds::IsWritten(item->kind) ? 1 : 0;
    RENKEI_TRY(outbox.Erase(open.id(), item->place));
    if (Equal(item->sealed, entry.payload)) {
      return Ok();
    }
  }
  if (!open.row.rejoin) {
    open.row.rejoin = true;
    RENKEI_TRY(AddWarning(core.vault, open.id(), Warning::kOlderCopy, entry.seq, core.now()));
    Notice(changes, WarningText(Warning::kOlderCopy));
  }
  return Ok();
}

Status TakeAccepted(Core& core, OpenCase& open, const thread::EntryView& entry, Accepted& accepted,
                    Changes& changes) {
  RENKEI_TRY(core.cases.SaveEntry(entry));
  open.row.position = accepted.position;
  ++changes.entries;
  if (auto* commit = std::get_if<AcceptedCommit>(&accepted.change)) {
    return TakeCommit(core, open, entry, *commit, changes);
  }
  if (auto* record = std::get_if<AcceptedRecord>(&accepted.change)) {
    const bool own = record->header.sender_device == core.identity.device;
    if (own && record->opened.has_value()) {
      RENKEI_TRY(TakeOwnRecord(core, open, entry, *record, changes));
    }
    if (open.row.closing.is_closed) {
      open.row.closing = thread::AfterRecord(open.row.closing, entry.received_at);
      open.row.deletion_announced_at = {};
    }
    return TakeNewRecord(core, open.row, entry, *record, changes);
  }
  if (const auto* pack = std::get_if<AcceptedPack>(&accepted.change)) {
    return TakePack(core, open, *pack);
  }
  if (const auto* closing = std::get_if<AcceptedClosing>(&accepted.change)) {
    if (closing->notice.has_value()) {
      TakeClosing(core, open, entry, *closing->notice, changes);
    }
    return Ok();
  }
  return entry.kind == thread::EntryKind::kRelayNote ? TakeRelayNote(core, open, entry, changes)
                                                     : Ok();
}

Status Refuse(Core& core, OpenCase& open, std::uint64_t seq, const Refused& refused,
              Changes& changes) {
  Notice(changes, WarningText(refused.warning));
  return AddWarning(core.vault, open.id(), refused.warning, seq, core.now());
}

// Warnings about what the relay delivered go when it delivers something that is right.
Status ClearDelivery(Core& core, const CaseId& case_id) {
  for (const Warning warning :
       {Warning::kEntryAltered, Warning::kEntryRepeated, Warning::kEntryMissing,
        Warning::kTimeBackwards, Warning::kUpdateNeeded, Warning::kRelayBehind}) {
    RENKEI_TRY(ClearWarning(core.vault, case_id, warning));
  }
  return Ok();
}

Result<std::size_t> TakeBatch(Core& core, OpenCase& open,
                              const std::vector<thread::EntryView>& entries, Changes& changes,
                              ByteView signed_head) {
  RENKEI_ASSIGN(auto transaction, Transaction::Begin(core.vault));
  std::size_t taken = 0;
  for (const thread::EntryView& entry : entries) {
    const ThreadView view = ViewOf(core, open);
    RENKEI_ASSIGN(auto judged, AcceptEntry(view, entry, core.certificates()));
    if (const auto* refused = std::get_if<Refused>(&judged)) {
      RENKEI_TRY(Refuse(core, open, entry.seq, *refused, changes));
      break;
    }
    RENKEI_TRY(TakeAccepted(core, open, entry, *std::get_if<Accepted>(&judged), changes));
    ++taken;
  }
  if (taken > 0 && taken == entries.size()) {
    RENKEI_TRY(ClearDelivery(core, open.id()));
    RENKEI_TRY(KeepHead(core, open, signed_head));
  }
  RENKEI_TRY(SaveCase(core, open));
  RENKEI_TRY(transaction.Commit());
  return taken;
}

Result<thread::EntryView> ToView(const seal::v1::ThreadEntry& entry) {
  thread::EntryView view;
  RENKEI_ASSIGN(view.case_id, CaseId::FromBytes(AsBytes(entry.case_id())));
  view.seq = entry.seq();
  view.kind = static_cast<thread::EntryKind>(entry.kind());
  view.received_at = {entry.received_at()};
  view.payload = AsBytes(entry.payload());
  RENKEI_ASSIGN(view.hash, ToArray<kHashBytes>(AsBytes(entry.hash())));
  return view;
}

Status SyncOnce(Core& core, Relay& relay, OpenCase& open, Changes& changes) {
  for (bool complete = false; !complete;) {
    relay::v1::ReadRequest request;
    request.set_case_id(ToString(open.id().view()));
    request.set_after(open.row.position.seq);
    request.set_limit(kReadLimit);
    request.set_max_bytes(kPageBytes);
    RENKEI_ASSIGN(const auto response, relay.Read(request));
    if (response.has_not_a_member()) {
      // Who was a member reads up to their removal: it may have lost the case.
      open.relay_returning = open.row.position.seq > 0 && !open.row.removed;
      return Ok();
    }
    if (response.has_deleted()) {
      return TakeDeletion(core, open, AsBytes(response.deleted().SerializeAsString()), changes);
    }
    std::vector<thread::EntryView> entries;
    for (const auto& entry : response.entries().entries()) {
      RENKEI_ASSIGN(const auto view, ToView(entry));
      entries.push_back(view);
    }
    complete = response.entries().complete() || entries.empty();
    const std::string head = response.entries().head().SerializeAsString();
    if (!entries.empty()) {
      RENKEI_ASSIGN(const std::size_t taken,
                    TakeEntries(core, open, entries, changes, AsBytes(head)));
      if (taken < entries.size()) {
        return Ok();
      }
    }
    open.relay_returning = response.entries().returning();
    open.relay_wants_commit = response.entries().wants_commit();
    if (complete) {
      RENKEI_TRY(CheckHead(core, open, AsBytes(head), changes));
    }
  }
  return Ok();
}

}  // namespace

Result<std::size_t> TakeEntries(Core& core, OpenCase& open,
                                const std::vector<thread::EntryView>& entries, Changes& changes,
                                ByteView signed_head) {
  Changes before = changes;
  const CaseId case_id = open.id();
  auto taken = TakeBatch(core, open, entries, changes, signed_head);
  if (!taken.ok()) {  // the transaction is undone: so is what was taken over in memory
    changes = std::move(before);
    auto again = LoadCase(core, case_id);
    open = again.ok() ? std::move(*again) : NewOpenCase(case_id);
  }
  return taken;
}

Status SyncThread(Core& core, Relay& relay, OpenCase& open, Changes& changes) {
  const Status status = SyncOnce(core, relay, open, changes);
  if (status.ok() || status.error().code() != Code::kNotFound) {
    return status;
  }
  // Somebody's certificate is newer than our copy of the directory.
  RENKEI_TRY(core.directory.Sync(relay, core.now()));
  const Status again = SyncOnce(core, relay, open, changes);
  if (!again.ok() && again.error().code() == Code::kNotFound) {
    Notice(changes, NoticeText(Said::kCertificateMissing));
    return Ok();
  }
  return again;
}

Status OpenWaiting(Core& core, OpenCase& open, const std::vector<thread::EpochRef>& epochs,
                   Changes& changes) {
  for (const thread::EpochRef& at : epochs) {
    RENKEI_ASSIGN(const auto card, core.cases.FindCard(open.id(), at));
    RENKEI_ASSIGN(const auto secret, core.cases.FindSecret(open.id(), at));
    if (!card.has_value() || !secret.has_value()) {
      continue;
    }
    RENKEI_ASSIGN(const auto next, core.cases.FindCard(open.id(), {at.generation, at.epoch + 1}));
    const std::uint64_t last = next.has_value() ? next->seq - 1 : open.row.position.seq;
    RENKEI_ASSIGN(const auto entries, core.cases.Entries(open.id(), card->seq + 1, last));
    for (const thread::Entry& entry : entries) {
      RENKEI_ASSIGN(const auto row, core.records.Find(open.id(), entry.seq));
      if (!row.has_value() || !row->waiting_for_secret) {
        continue;
      }
      RENKEI_ASSIGN(const auto seen, core.cases.HashAt(open.id(), row->seen_seq));
      RENKEI_ASSIGN(const auto record, JudgeRecordEntry(entry.View(), card->card.card, &*secret,
                                                        seen, core.certificates()));
      if (record.opened.has_value() && record.header.sender_device == core.identity.device) {
        RENKEI_TRY(TakeOwnRecord(core, open, entry.View(), record, changes));
      }
      RENKEI_TRY(TakeOpenedRecord(core, open.row, *row, record, changes));
    }
  }
  return Ok();
}

}  // namespace renkei::client
