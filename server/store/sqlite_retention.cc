// Closed, announced and deleted threads in SQLite.
#include <algorithm>

#include "server/store/sqlite_transaction.h"

namespace renkei::server {
namespace {

constexpr std::size_t kIdPairBytes = 2 * kIdBytes;

Bytes PackReaders(const std::vector<PersonRef>& readers) {
  Bytes out;
  for (const PersonRef& reader : readers) {
    Append(out, reader.institution.view());
    Append(out, reader.person.view());
  }
  return out;
}

Result<std::vector<PersonRef>> UnpackReaders(ByteView bytes) {
  if (bytes.size() % kIdPairBytes != 0) {
    return Error(Code::kCorrupt, "store: a deletion's readers");
  }
  std::vector<PersonRef> out;
  for (; !bytes.empty(); bytes = bytes.subspan(kIdPairBytes)) {
    PersonRef& reader = out.emplace_back();
    RENKEI_ASSIGN(reader.institution, InstitutionId::FromBytes(bytes.first(kIdBytes)));
    RENKEI_ASSIGN(reader.person, PersonId::FromBytes(bytes.subspan(kIdBytes, kIdBytes)));
  }
  return out;
}

Result<DeletionRow> ReadDeletion(Query& query) {
  DeletionRow row;
  query.Read(row.case_id.bytes);
  row.at = {query.Int()};
  row.certificate = ToBytes(query.Blob());
  RENKEI_ASSIGN(row.readers, UnpackReaders(query.Blob()));
  RENKEI_TRY(query.Finish());
  return row;
}

// Each deletes at most so many rows of the thread. Never the newest entry of all: a start looks for
// it (store_mark.h), and its number would be given to another. It goes once another case wrote.
constexpr const char* kRemains[] = {
    "DELETE FROM alerts WHERE id IN (SELECT id FROM alerts WHERE thread = ? LIMIT ?)",
    ("DELETE FROM entries WHERE id IN (SELECT id FROM entries WHERE thread = ?"
     " AND id < (SELECT max(id) FROM entries) LIMIT ?)"),
    ("DELETE FROM key_prints WHERE (thread, first) IN"
     " (SELECT thread, first FROM key_prints WHERE thread = ? LIMIT ?)"),
    "DELETE FROM envelopes WHERE id IN (SELECT id FROM envelopes WHERE thread = ? LIMIT ?)",
    "DELETE FROM packs WHERE id IN (SELECT id FROM packs WHERE thread = ? LIMIT ?)",
    "DELETE FROM group_infos WHERE thread IN (SELECT ? LIMIT ?)",
};

}  // namespace

Result<std::vector<ThreadRow>> SqliteTransaction::ClosedThreads(Millis counted_until) {
  std::vector<CaseId> cases;
  {
    Query query(db_,
                "SELECT case_id FROM threads WHERE is_closed = 1 AND counted_from <= ?"
                " ORDER BY counted_from");
    query.Bind(counted_until.value);
    for (;;) {
      RENKEI_ASSIGN(const bool found, query.Next());
      if (!found) {
        break;
      }
      query.Read(cases.emplace_back().bytes);
    }
    RENKEI_TRY(query.Finish());
  }
  std::vector<ThreadRow> out;
  for (const CaseId& case_id : cases) {
    // What this transaction has changed and not yet written counts.
    RENKEI_ASSIGN(const auto row, FindThread(case_id));
    if (row && row->closing.is_closed && row->closing.counted_from <= counted_until) {
      out.push_back(*row);
    }
  }
  return out;
}

Result<std::optional<AnnouncementRow>> SqliteTransaction::FindAnnouncement(const CaseId& case_id) {
  RENKEI_ASSIGN(const std::int64_t number, NumberOf(case_id));
  Query query(db_, "SELECT counted_from, at, ran FROM announcements WHERE thread = ?");
  query.Bind(number);
  RENKEI_ASSIGN(const bool found, query.Next());
  if (!found) {
    return std::optional<AnnouncementRow>();
  }
  AnnouncementRow row;
  row.case_id = case_id;
  row.counted_from = {query.Int()};
  row.at = {query.Int()};
  row.ran = {query.Int()};
  return std::optional(row);
}

Status SqliteTransaction::PutAnnouncement(const AnnouncementRow& row) {
  RENKEI_ASSIGN(const std::int64_t number, NumberFor(row.case_id));
  Query query(db_,
              "INSERT OR REPLACE INTO announcements (thread, counted_from, at, ran)"
              " VALUES (?, ?, ?, ?)");
  query.Bind(number).Bind(row.counted_from.value).Bind(row.at.value).Bind(row.ran.value);
  return Run(query);
}

Result<std::optional<DeletionRow>> SqliteTransaction::FindDeletion(const CaseId& case_id) {
  Query query(db_, "SELECT case_id, at, certificate, readers FROM deletions WHERE case_id = ?");
  query.Bind(case_id.view());
  RENKEI_ASSIGN(const bool found, query.Next());
  if (!found) {
    return std::optional<DeletionRow>();
  }
  RENKEI_ASSIGN(DeletionRow row, ReadDeletion(query));
  return std::optional(std::move(row));
}

Result<std::vector<DeletionRow>> SqliteTransaction::Deletions(const CaseId& after,
                                                              std::size_t limit) {
  Query query(db_,
              "SELECT case_id, at, certificate, readers FROM deletions WHERE case_id > ?"
              " ORDER BY case_id LIMIT ?");
  query.Bind(after.view()).BindCount(limit);
  std::vector<DeletionRow> out;
  for (;;) {
    RENKEI_ASSIGN(const bool found, query.Next());
    if (!found) {
      return out;
    }
    RENKEI_ASSIGN(DeletionRow row, ReadDeletion(query));
    out.push_back(std::move(row));
  }
}

Status SqliteTransaction::DeleteThread(const DeletionRow& row) {
  RENKEI_ASSIGN(const std::int64_t number, NumberOf(row.case_id));
  if (number == 0) {
    return Error(Code::kConflict, "store: no such thread");
  }
  // Its number is kept: whoever remembers it must not find another case's rows by it.
  const Bytes readers = PackReaders(row.readers);
  Query keep(db_,
             "INSERT INTO deletions (no, case_id, at, certificate, readers, remains)"
             " VALUES (?, ?, ?, ?, ?, 1)");
  keep.Bind(number).Bind(row.case_id.view()).Bind(row.at.value).Bind(row.certificate).Bind(readers);
  RENKEI_TRY(Run(keep));
  for (const char* sql : {"DELETE FROM threads WHERE no = ?", "DELETE FROM spans WHERE thread = ?",
                          "DELETE FROM announcements WHERE thread = ?"}) {
    Query query(db_, sql);
    query.Bind(number);
    RENKEI_TRY(Run(query));
  }
  numbers_.erase(row.case_id);
  known_.erase(row.case_id);
  std::erase(changed_, row.case_id);
  return Ok();
}

Result<bool> SqliteTransaction::DeleteRemains(std::size_t max_rows) {
  std::vector<std::int64_t> numbers;
  {
    Query query(db_, "SELECT no FROM deletions WHERE remains = 1 LIMIT 100");
    for (;;) {
      RENKEI_ASSIGN(const bool found, query.Next());
      if (!found) {
        break;
      }
      numbers.push_back(query.Int());
    }
  }
  std::size_t left = max_rows;
  for (const std::int64_t number : numbers) {
    for (const char* sql : kRemains) {
      Query query(db_, sql);
      query.Bind(number).BindCount(left);
      RENKEI_TRY(Run(query));
      left -= std::min(left, db_.Changes());
      if (left == 0) {
        return true;
      }
    }
    Query done(db_,
               "UPDATE deletions SET remains = 0 WHERE no = ?1"
               " AND NOT EXISTS (SELECT 1 FROM entries WHERE thread = ?1)");
    done.Bind(number);
    RENKEI_TRY(Run(done));
  }
  return false;
}

}  // namespace renkei::server
