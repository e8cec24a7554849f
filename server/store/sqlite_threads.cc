// Threads, their entries and who reads them in SQLite.
#include <algorithm>

#include "server/store/sqlite_transaction.h"

namespace renkei::server {
namespace {

constexpr std::size_t kMaxNumbers = 20000;
constexpr std::size_t kMaxKnownThreads = 4096;
constexpr std::size_t kMaxKnownHashes = 128;

Status Broken() {
  return Error(Code::kCorrupt, "store: an entry does not continue its chain");
}

EntryRow ReadEntryRow(Query& query) {
  EntryRow row;
  row.seq = query.Count();
  row.kind = static_cast<thread::EntryKind>(query.Int());
  row.received_at = {query.Int()};
  query.Read(row.hash);
  row.payload = ToBytes(query.Blob());
  return row;
}

}  // namespace

Status SqliteTransaction::Run(Query& query) {
  wrote_ = true;
  return query.Run();
}

Result<std::int64_t> SqliteTransaction::NumberOf(const CaseId& case_id) {
  if (const auto it = numbers_.find(case_id); it != numbers_.end()) {
    return it->second;
  }
  Query query(db_, "SELECT no FROM threads WHERE case_id = ?");
  query.Bind(case_id.view());
  RENKEI_ASSIGN(const bool found, query.Next());
  if (!found) {
    return std::int64_t{0};
  }
  if (numbers_.size() >= kMaxNumbers) {
    numbers_.clear();
  }
  const std::int64_t number = query.Int();
  numbers_[case_id] = number;
  return number;
}

Result<std::int64_t> SqliteTransaction::NumberFor(const CaseId& case_id) {
  RENKEI_ASSIGN(const std::int64_t number, NumberOf(case_id));
  if (number != 0) {
    return number;
  }
  // Its row follows in the same transaction (PutThread). A number is never used again.
  Query query(db_,
              "INSERT INTO threads (no, case_id, head_seq, head_hash, head_received_at, generation,"
              " epoch, card_hash, card_seq) VALUES (1 + max(coalesce((SELECT max(no) FROM threads),"
              " 0), coalesce((SELECT max(no) FROM deletions), 0)), ?, 0, x'', 0, 0, 0, x'', 0)");
  query.Bind(case_id.view());
  RENKEI_TRY(Run(query));
  const std::int64_t made = db_.LastInsertId();
  numbers_[case_id] = made;
  return made;
}

Result<std::optional<ThreadRow>> SqliteTransaction::FindThread(const CaseId& case_id) {
  if (!is_writer_) {
    return LoadThread(case_id);
  }
  if (const auto it = known_.find(case_id); it != known_.end()) {
    return std::optional(it->second.row);
  }
  RENKEI_ASSIGN(std::optional<ThreadRow> row, LoadThread(case_id));
  if (row) {
    known_[case_id].row = *row;
  }
  return row;
}

Result<std::optional<ThreadRow>> SqliteTransaction::LoadThread(const CaseId& case_id) {
  Query query(
      db_,
      "SELECT head_seq, head_hash, head_received_at, generation, epoch, card_hash, card_seq,"
      " closing_seq, is_closed, keep_years, counted_from FROM threads WHERE case_id = ?");
  query.Bind(case_id.view());
  RENKEI_ASSIGN(const bool found, query.Next());
  if (!found) {
    return std::optional<ThreadRow>();
  }
  ThreadRow row;
  row.case_id = case_id;
  row.head.seq = query.Count();
  query.Read(row.head.hash);
  row.head.received_at = {query.Int()};
  row.in_force.generation = static_cast<std::uint32_t>(query.Int());
  row.in_force.epoch = query.Count();
  query.Read(row.card_hash);
  row.card_seq = query.Count();
  row.closing.seq = query.Count();
  row.closing.is_closed = query.Int() != 0;
  row.closing.keep_years = static_cast<std::uint32_t>(query.Int());
  row.closing.counted_from = {query.Int()};
  RENKEI_TRY(query.Finish());
  return std::optional(row);
}

const Hash32* SqliteTransaction::KnownHash(const CaseId& case_id, std::uint64_t seq) const {
  const auto it = known_.find(case_id);
  if (it == known_.end() || seq > it->second.newest) {
    return nullptr;
  }
  const std::deque<Hash32>& hashes = it->second.hashes;
  const std::uint64_t back = it->second.newest - seq;
  return back < hashes.size() ? &hashes[hashes.size() - 1 - static_cast<std::size_t>(back)]
                              : nullptr;
}

void SqliteTransaction::RememberHash(const CaseId& case_id, const thread::Position& at) {
  const auto it = known_.find(case_id);
  if (it == known_.end()) {
    return;
  }
  KnownThread& known = it->second;
  if (known.newest + 1 != at.seq) {
    known.hashes.clear();
  }
  known.hashes.push_back(at.hash);
  known.newest = at.seq;
  if (known.hashes.size() > kMaxKnownHashes) {
    known.hashes.pop_front();
  }
}

Status SqliteTransaction::PutThread(const ThreadRow& row) {
  RENKEI_TRY(NumberFor(row.case_id));
  wrote_ = true;
  KnownThread& known = known_[row.case_id];
  if (!known.is_changed) {
    changed_.push_back(row.case_id);
  }
  known.row = row;
  known.is_changed = true;
  return Ok();
}

Status SqliteTransaction::StoreThread(const ThreadRow& row) {
  Query query(db_,
              "UPDATE threads SET head_seq = ?, head_hash = ?, head_received_at = ?,"
              " generation = ?, epoch = ?, card_hash = ?, card_seq = ?, closing_seq = ?,"
              " is_closed = ?, keep_years = ?, counted_from = ? WHERE case_id = ?");
  query.BindCount(row.head.seq).Bind(row.head.hash).Bind(row.head.received_at.value);
  query.Bind(std::int64_t{row.in_force.generation}).BindCount(row.in_force.epoch);
  query.Bind(row.card_hash).BindCount(row.card_seq).BindCount(row.closing.seq);
  query.Bind(std::int64_t{row.closing.is_closed}).Bind(std::int64_t{row.closing.keep_years});
  query.Bind(row.closing.counted_from.value).Bind(row.case_id.view());
  return query.Run();
}

Status SqliteTransaction::Flush() {
  for (const CaseId& case_id : changed_) {
    KnownThread& known = known_[case_id];
    RENKEI_TRY(StoreThread(known.row));
    known.is_changed = false;
  }
  changed_.clear();
  if (known_.size() > kMaxKnownThreads) {
    known_.clear();
  }
  return FlushUsage();
}

void SqliteTransaction::Begin() {
  wrote_ = false;
  entries_ = 0;
  if (prints_) {
    prints_->Begin();
  }
}

void SqliteTransaction::Forget() {
  numbers_.clear();
  known_.clear();
  changed_.clear();
  if (prints_) {
    prints_->Undo();
  }
  usage_.clear();
  changed_usage_.clear();
  last_audit_.reset();
  newest_entry_.reset();
  newest_audit_.reset();
  wrote_ = false;
}

Result<std::optional<EntryRow>> SqliteTransaction::FindEntry(const CaseId& case_id,
                                                             std::uint64_t seq) {
  RENKEI_ASSIGN(std::vector<EntryRow> rows, ReadEntries(case_id, seq, seq, 1, 1));
  return rows.empty() ? std::optional<EntryRow>() : std::optional(std::move(rows.front()));
}

Result<std::optional<Hash32>> SqliteTransaction::EntryHash(const CaseId& case_id,
                                                           std::uint64_t seq) {
  if (const Hash32* known = KnownHash(case_id, seq); known != nullptr) {
    return std::optional(*known);
  }
  RENKEI_ASSIGN(const std::int64_t number, NumberOf(case_id));
  Query query(db_, "SELECT hash FROM entries WHERE thread = ? AND seq = ?");
  query.Bind(number).BindCount(seq);
  RENKEI_ASSIGN(const bool found, query.Next());
  if (!found) {
    return std::optional<Hash32>();
  }
  Hash32 hash{};
  query.Read(hash);
  RENKEI_TRY(query.Finish());
  return std::optional(hash);
}

Result<std::vector<EntryRow>> SqliteTransaction::ReadEntries(const CaseId& case_id,
                                                             std::uint64_t first,
                                                             std::uint64_t last,
                                                             std::size_t max_entries,
                                                             std::size_t max_bytes) {
  RENKEI_ASSIGN(const std::int64_t number, NumberOf(case_id));
  Query query(db_,
              "SELECT seq, kind, received_at, hash, payload FROM entries"
              " WHERE thread = ? AND seq >= ? AND seq <= ? ORDER BY seq LIMIT ?");
  query.Bind(number).BindCount(first).BindCount(last).BindCount(max_entries);
  std::vector<EntryRow> rows;
  std::size_t bytes = 0;
  for (;;) {
    RENKEI_ASSIGN(const bool found, query.Next());
    if (!found) {
      break;
    }
    EntryRow row = ReadEntryRow(query);
    bytes += row.payload.size();
    if (!rows.empty() && bytes > max_bytes) {
      break;
    }
    rows.push_back(std::move(row));
  }
  RENKEI_TRY(query.Finish());
  if (is_judging_ && !rows.empty()) {
    RENKEI_TRY(rows.front().seq == first ? CheckChain(case_id, number, rows) : Broken());
  }
  return rows;
}

// Pages of a database have no checksum, but what stands in an entry has: its place in the chain. A
// flipped bit, a row that an index lost or sent elsewhere, all show here.
Status SqliteTransaction::CheckChain(const CaseId& case_id, std::int64_t number,
                                     std::span<const EntryRow> rows) {
  thread::Position at = thread::StartOf(case_id);
  if (const std::uint64_t before = rows.front().seq - 1; before > 0) {
    Query query(db_, "SELECT hash, received_at FROM entries WHERE thread = ? AND seq = ?");
    query.Bind(number).BindCount(before);
    RENKEI_ASSIGN(const bool found, query.Next());
    if (!found) {
      return Broken();
    }
    at.seq = before;
    query.Read(at.hash);
    at.received_at = {query.Int()};
    RENKEI_TRY(query.Finish());
  }
  for (const EntryRow& row : rows) {
    const auto next = thread::CheckNext(
        case_id, at, {case_id, row.seq, row.kind, row.received_at, row.payload, row.hash});
    if (!next.ok()) {
      return Broken();
    }
    at = *next;
  }
  return Ok();
}

Status SqliteTransaction::AddEntry(const CaseId& case_id, const NewEntry& entry) {
  RENKEI_ASSIGN(const std::int64_t number, NumberFor(case_id));
  RENKEI_TRY(CheckNextKey(number, entry.at.seq, entry.key));
  Query query(db_,
              "INSERT INTO entries (thread, seq, kind, received_at, hash, key, payload)"
              " VALUES (?, ?, ?, ?, ?, ?, ?)");
  query.Bind(number).BindCount(entry.at.seq).Bind(static_cast<std::int64_t>(entry.kind));
  query.Bind(entry.at.received_at.value).Bind(entry.at.hash);
  if (entry.key) {
    query.Bind(*entry.key);
  } else {
    query.BindNull();
  }
  query.Bind(entry.payload);
  ++entries_;
  RENKEI_TRY(Run(query));
  RENKEI_TRY(AddKey(number, entry.key));
  newest_entry_ = {static_cast<std::uint64_t>(db_.LastInsertId()), entry.at.hash};
  RememberHash(case_id, entry.at);
  return Ok();
}

Result<std::optional<Bytes>> SqliteTransaction::FindGroupInfo(const CaseId& case_id) {
  RENKEI_ASSIGN(const std::int64_t number, NumberOf(case_id));
  Query query(db_, "SELECT group_info FROM group_infos WHERE thread = ?");
  query.Bind(number);
  RENKEI_ASSIGN(const bool found, query.Next());
  return found ? std::optional(ToBytes(query.Blob())) : std::optional<Bytes>();
}

Status SqliteTransaction::PutGroupInfo(const CaseId& case_id, ByteView group_info) {
  RENKEI_ASSIGN(const std::int64_t number, NumberFor(case_id));
  Query query(db_, "INSERT OR REPLACE INTO group_infos (thread, group_info) VALUES (?, ?)");
  query.Bind(number).Bind(group_info);
  return Run(query);
}

Result<std::vector<Span>> SqliteTransaction::SpansOf(const CaseId& case_id,
                                                     const PersonRef& person) {
  RENKEI_ASSIGN(const std::int64_t number, NumberOf(case_id));
  Query query(db_,
              "SELECT first, last FROM spans"
              " WHERE person = ? AND institution = ? AND thread = ? ORDER BY id");
  query.Bind(person.person.view()).Bind(person.institution.view()).Bind(number);
  std::vector<Span> out;
  for (;;) {
    RENKEI_ASSIGN(const bool found, query.Next());
    if (!found) {
      return out;
    }
    Span span;
    span.first = query.Count();
    if (!query.IsNull()) {
      span.last = query.Count();
    }
    out.push_back(span);
  }
}

Result<std::vector<std::pair<CaseId, Span>>> SqliteTransaction::ThreadsOf(const PersonRef& person) {
  Query query(db_,
              "SELECT t.case_id, s.first, s.last FROM spans s JOIN threads t ON t.no = s.thread"
              " WHERE s.person = ? AND s.institution = ? ORDER BY s.id");
  query.Bind(person.person.view()).Bind(person.institution.view());
  std::map<CaseId, Span> newest;
  for (;;) {
    RENKEI_ASSIGN(const bool found, query.Next());
    if (!found) {
      break;
    }
    CaseId case_id;
    query.Read(case_id.bytes);
    Span span;
    span.first = query.Count();
    if (!query.IsNull()) {
      span.last = query.Count();
    }
    newest[case_id] = span;
  }
  RENKEI_TRY(query.Finish());
  return std::vector<std::pair<CaseId, Span>>(newest.begin(), newest.end());
}

Status SqliteTransaction::AddSpan(const CaseId& case_id, const PersonRef& person,
                                  const Span& span) {
  RENKEI_ASSIGN(const std::int64_t number, NumberFor(case_id));
  Query query(db_,
              "INSERT INTO spans (thread, institution, person, first, last)"
              " VALUES (?, ?, ?, ?, ?)");
  query.Bind(number).Bind(person.institution.view()).Bind(person.person.view());
  query.BindCount(span.first);
  if (span.last) {
    query.BindCount(*span.last);
  } else {
    query.BindNull();
  }
  return Run(query);
}

Status SqliteTransaction::EndSpan(const CaseId& case_id, const PersonRef& person,
                                  std::uint64_t last) {
  RENKEI_ASSIGN(const std::int64_t number, NumberFor(case_id));
  Query query(db_,
              "UPDATE spans SET last = ? WHERE person = ? AND institution = ? AND thread = ?"
              " AND last IS NULL");
  query.BindCount(last).Bind(person.person.view()).Bind(person.institution.view()).Bind(number);
  return Run(query);
}

}  // namespace renkei::server
