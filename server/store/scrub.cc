#include "server/store/scrub.h"

#include <algorithm>
#include <array>
#include <set>

#include "server/store/store_files.h"

namespace renkei::server {
namespace {

constexpr std::int64_t kEntriesAtOnce = 256;
constexpr std::int64_t kThreadsAtOnce = 256;
constexpr std::size_t kBytesAtOnce = std::size_t{1} << 20U;

// All but entries (schema.sql; a test compares).
constexpr std::array kTableChecks = {
    "PRAGMA integrity_check('meta')",          "PRAGMA integrity_check('threads')",
    "PRAGMA integrity_check('key_prints')",    "PRAGMA integrity_check('group_infos')",
    "PRAGMA integrity_check('spans')",         "PRAGMA integrity_check('envelopes')",
    "PRAGMA integrity_check('packs')",         "PRAGMA integrity_check('welcomes')",
    "PRAGMA integrity_check('mail')",          "PRAGMA integrity_check('directory')",
    "PRAGMA integrity_check('key_packages')",  "PRAGMA integrity_check('tickets')",
    "PRAGMA integrity_check('alerts')",        "PRAGMA integrity_check('stored_bytes')",
    "PRAGMA integrity_check('announcements')", "PRAGMA integrity_check('deletions')",
    "PRAGMA integrity_check('audit')",
};

Status Damage() {
  return Error(Code::kCorrupt, "store: not as it was stored");
}

struct Place {
  std::int64_t id = 0;
  std::int64_t thread = 0;
  std::uint64_t seq = 0;
  std::optional<EntryKey> key;
  std::optional<CaseId> case_id;  // nothing: of a case that is being deleted
};

// The entries behind `after`, as the table itself has them.
Result<std::vector<Place>> ReadPlaces(Database& database, std::int64_t after, std::int64_t count) {
  Query query(database,
              "SELECT e.id, e.thread, e.seq, e.key, t.case_id, d.no FROM entries e"
              " LEFT JOIN threads t ON t.no = e.thread"
              " LEFT JOIN deletions d ON d.no = e.thread AND d.remains = 1"
              " WHERE e.id > ? ORDER BY e.id LIMIT ?");
  query.Bind(after).Bind(count);
  std::vector<Place> out;
  for (;;) {
    RENKEI_ASSIGN(const bool found, query.Next());
    if (!found) {
      break;
    }
    Place place;
    place.id = query.Int();
    place.thread = query.Int();
    place.seq = query.Count();
    query.Read(place.key);
    if (query.IsNull()) {
      query.Skip();
      if (query.IsNull()) {
        return Error(Code::kCorrupt, "store: an entry of no case");
      }
    } else {
      query.Read(place.case_id.emplace().bytes);
    }
    out.push_back(place);
  }
  RENKEI_TRY(query.Finish());
  return out;
}

// `run`: of one thread, one behind the other. Reading judges the chain (SqliteTransaction).
Status CheckRun(SqliteTransaction& transaction, std::span<const Place> run) {
  const CaseId& case_id = *run.front().case_id;
  for (std::uint64_t next = run.front().seq; next <= run.back().seq;) {
    RENKEI_ASSIGN(const std::vector<EntryRow> rows,
                  transaction.ReadEntries(case_id, next, run.back().seq, run.size(), kBytesAtOnce));
    if (rows.empty()) {
      return Damage();
    }
    next = rows.back().seq + 1;
  }
  for (const Place& place : run) {
    RENKEI_TRY(transaction.CheckKeyOf(place.thread, place.seq, place.key));
  }
  return Ok();
}

Status CheckPlaces(SqliteTransaction& transaction, std::span<const Place> places) {
  while (!places.empty()) {
    std::size_t length = 1;
    while (length < places.size() && places[length].thread == places.front().thread &&
           places[length].seq == places.front().seq + length) {
      ++length;
    }
    if (places.front().case_id) {
      RENKEI_TRY(CheckRun(transaction, places.first(length)));
    }
    places = places.subspan(length);
  }
  return Ok();
}

Status CheckHeads(Database& database, std::int64_t first, std::int64_t last) {
  RENKEI_ASSIGN(const bool match, HeadsMatch(database, first, last));
  return match ? Ok() : Damage();
}

}  // namespace

Result<bool> Scrub::Next() {
  RENKEI_TRY(database_.Execute("BEGIN"));
  const Status status = Slice();
  const Status end = database_.Execute("COMMIT");
  RENKEI_TRY(status);
  RENKEI_TRY(end);
  return at_ != At::kEnd;
}

Status Scrub::Slice() {
  switch (at_) {
    case At::kEntries: {
      RENKEI_ASSIGN(const std::vector<Place> places, ReadPlaces(database_, last_, kEntriesAtOnce));
      RENKEI_TRY(CheckPlaces(transaction_, places));
      at_ = places.empty() ? At::kHeads : At::kEntries;
      last_ = places.empty() ? 0 : places.back().id;
      return Ok();
    }
    case At::kHeads:
      return Heads();
    case At::kTables:
      return Table();
    case At::kEnd:
      break;
  }
  return Ok();
}

Status Scrub::Heads() {
  std::int64_t newest = 0;
  {
    Query query(database_, "SELECT coalesce(max(no), 0) FROM threads");
    RENKEI_ASSIGN(const bool found, query.Next());
    newest = found ? query.Int() : 0;
  }
  RENKEI_TRY(CheckHeads(database_, last_ + 1, last_ + kThreadsAtOnce));
  last_ += kThreadsAtOnce;
  if (last_ >= newest) {
    at_ = At::kTables;
    last_ = 0;
  }
  return Ok();
}

Status Scrub::Table() {
  Query query(database_, kTableChecks[static_cast<std::size_t>(last_)]);
  RENKEI_ASSIGN(const bool found, query.Next());
  if (!found || query.Text() != "ok") {
    return Damage();
  }
  ++last_;
  at_ = static_cast<std::size_t>(last_) < kTableChecks.size() ? At::kTables : At::kEnd;
  return Ok();
}

Status CheckNewest(Database& database, std::int64_t count) {
  std::int64_t newest = 0;
  {
    Query query(database, "SELECT coalesce(max(id), 0) FROM entries");
    RENKEI_ASSIGN(const bool found, query.Next());
    newest = found ? query.Int() : 0;
  }
  SqliteTransaction transaction(database, false);
  RENKEI_ASSIGN(const std::vector<Place> places,
                ReadPlaces(database, std::max<std::int64_t>(newest - count, 0), count));
  RENKEI_TRY(CheckPlaces(transaction, places));
  std::set<std::int64_t> threads;
  for (const Place& place : places) {
    threads.insert(place.thread);
  }
  for (const std::int64_t thread : threads) {
    RENKEI_TRY(CheckHeads(database, thread, thread));
  }
  return Ok();
}

}  // namespace renkei::server
