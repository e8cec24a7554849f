#include "server/core/thread_reader.h"

#include <algorithm>

#include "server/core/limits.h"

namespace renkei::server {
namespace {

// Where the person's reading ends: the head while a member, else the entry of the removal.
Result<thread::Position> EndOf(ReadTransaction& transaction, const CaseId& case_id,
                               const Span& span) {
  if (!span.last) {
    RENKEI_ASSIGN(const std::optional<ThreadRow> row, transaction.FindThread(case_id));
    if (!row) {
      return Error(Code::kCorrupt, "thread: a member's thread is missing");
    }
    return row->head;
  }
  RENKEI_ASSIGN(const std::optional<EntryRow> entry, transaction.FindEntry(case_id, *span.last));
  if (!entry) {
    return Error(Code::kCorrupt, "thread: the entry of a removal is missing");
  }
  return thread::Position{entry->seq, entry->hash, entry->received_at};
}

void NoteRead(const Audit& audit, const Caller& caller, std::string_view action, bool is_allowed,
              const CaseId& case_id) {
  if (is_allowed) {
    audit.Note(EventOf(caller, action, "done", case_id.bytes));
  } else {
    audit.NoteRefusal(EventOf(caller, action, "not a member", case_id.bytes));
  }
}

}  // namespace

Result<std::optional<AllowedEntries>> ReadAllowed(ReadTransaction& transaction,
                                                  const PersonRef& person, const CaseId& case_id,
                                                  std::uint64_t after, std::size_t max_entries,
                                                  std::size_t max_bytes) {
  RENKEI_ASSIGN(const std::vector<Span> spans, transaction.SpansOf(case_id, person));
  if (spans.empty()) {
    return std::optional<AllowedEntries>();
  }
  AllowedEntries out;
  RENKEI_ASSIGN(out.end, EndOf(transaction, case_id, spans.back()));
  for (const Span& span : spans) {
    const std::uint64_t last = span.last.value_or(out.end.seq);
    if (last > after) {
      // One span at a time: what lies between two of them is not theirs.
      RENKEI_ASSIGN(out.entries, transaction.ReadEntries(case_id, std::max(after + 1, span.first),
                                                         last, max_entries, max_bytes));
      break;
    }
  }
  out.complete = out.entries.empty() || out.entries.back().seq >= out.end.seq;
  return std::optional(std::move(out));
}

Result<std::optional<ThreadPage>> ThreadReader::Read(const Caller& caller, const CaseId& case_id,
                                                     std::uint64_t after, std::size_t limit,
                                                     std::size_t max_bytes) const {
  if (limit == 0 || limit > kMaxReadEntries) {
    return Error(Code::kMalformed, "read: limit");
  }
  std::optional<AllowedEntries> allowed;
  std::optional<DeletionRow> deletion;
  ReturnState state;
  RENKEI_TRY(store_.Read([&](ReadTransaction& transaction) -> Status {
    RENKEI_ASSIGN(allowed,
                  ReadAllowed(transaction, caller.person, case_id, after, limit, max_bytes));
    if (!allowed) {
      RENKEI_ASSIGN(deletion, transaction.FindDeletion(case_id));
      return Ok();
    }
    ThreadRow row;
    row.case_id = case_id;
    RENKEI_ASSIGN(state, returns_.StateOf(transaction, row));
    return Ok();
  }));
  const bool was_member = deletion && std::find(deletion->readers.begin(), deletion->readers.end(),
                                                caller.person) != deletion->readers.end();
  NoteRead(audit_, caller, "threads.read", allowed.has_value() || was_member, case_id);
  if (was_member) {
    ThreadPage page;
    page.deletion = std::move(deletion->certificate);
    return std::optional(std::move(page));
  }
  if (!allowed) {
    return std::optional<ThreadPage>();
  }
  return std::optional(ThreadPage{std::move(allowed->entries), signer_.Sign(case_id, allowed->end),
                                  allowed->complete, !state.open, state.wants_commit});
}

Result<ListPage> ThreadReader::List(const Caller& caller, const CaseId& after) const {
  struct Found {
    CaseId case_id;
    thread::Position end;
    bool member = false;
  };
  std::vector<Found> found;
  ListPage page;
  RENKEI_TRY(store_.Read([&](ReadTransaction& transaction) -> Status {
    RENKEI_ASSIGN(const auto threads, transaction.ThreadsOf(caller.person));
    for (const auto& [case_id, span] : threads) {
      if (case_id <= after) {
        continue;
      }
      if (found.size() == kMaxListed) {
        page.complete = false;
        break;
      }
      RENKEI_ASSIGN(const thread::Position end, EndOf(transaction, case_id, span));
      found.push_back({case_id, end, !span.last});
    }
    return Ok();
  }));
  page.threads.reserve(found.size());
  for (const Found& thread : found) {
    page.threads.push_back(
        {thread.case_id, signer_.Sign(thread.case_id, thread.end), thread.member});
  }
  return page;
}

Result<std::optional<CurrentGroupInfo>> ThreadReader::GroupInfo(const Caller& caller,
                                                                const CaseId& case_id) const {
  std::optional<CurrentGroupInfo> out;
  RENKEI_TRY(store_.Read([&](ReadTransaction& transaction) -> Status {
    RENKEI_ASSIGN(const std::optional<ThreadRow> row, transaction.FindThread(case_id));
    if (!row) {
      return Ok();
    }
    RENKEI_ASSIGN(auto card, cards_.Get(transaction, *row));
    if (!card->HasPerson(caller.person)) {
      return Ok();
    }
    RENKEI_ASSIGN(std::optional<Bytes> group_info, transaction.FindGroupInfo(case_id));
    if (!group_info) {
      return Error(Code::kCorrupt, "thread: its GroupInfo is missing");
    }
    out = CurrentGroupInfo{std::move(*group_info), std::move(card), row->card_seq};
    return Ok();
  }));
  NoteRead(audit_, caller, "threads.group_info", out.has_value(), case_id);
  return out;
}

}  // namespace renkei::server
