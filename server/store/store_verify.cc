// VerifyStore and what else of store_tools.h only reads.
#include <algorithm>
#include <iterator>

#include "server/core/audit_walk.h"
#include "server/core/directory_check.h"
#include "server/core/thread_check.h"
#include "server/store/sqlite_transaction.h"
#include "server/store/store_files.h"
#include "server/store/store_mark.h"
#include "server/store/store_tools.h"
#include "server/store/usage_count.h"

namespace renkei::server {
namespace {

constexpr std::size_t kPageItems = 500;
constexpr std::size_t kPageBytes = std::size_t{4} << 20U;

// Rows whose owner is not there. What a deleted thread left is on its way out.
struct Orphans {
  const char* table;
  const char* sql;
};
constexpr Orphans kOrphans[] = {
    {"entries",
     "SELECT count(*) FROM entries WHERE thread NOT IN"
     " (SELECT no FROM threads UNION SELECT no FROM deletions WHERE remains = 1)"},
    {"key_prints",
     "SELECT count(*) FROM key_prints WHERE thread NOT IN"
     " (SELECT no FROM threads UNION SELECT no FROM deletions WHERE remains = 1)"},
    {"group_infos",
     "SELECT count(*) FROM group_infos WHERE thread NOT IN"
     " (SELECT no FROM threads UNION SELECT no FROM deletions WHERE remains = 1)"},
    {"announcements",
     "SELECT count(*) FROM announcements WHERE thread NOT IN (SELECT no FROM threads)"},
    {"deletions",
     "SELECT count(*) FROM deletions WHERE no IN (SELECT no FROM threads)"
     " OR case_id IN (SELECT case_id FROM threads)"},
    {"spans", "SELECT count(*) FROM spans WHERE thread NOT IN (SELECT no FROM threads)"},
    {"envelopes",
     "SELECT count(*) FROM envelopes WHERE thread NOT IN"
     " (SELECT no FROM threads UNION SELECT no FROM deletions WHERE remains = 1)"},
    {"packs",
     "SELECT count(*) FROM packs WHERE thread NOT IN"
     " (SELECT no FROM threads UNION SELECT no FROM deletions WHERE remains = 1)"},
    {"mail",
     "SELECT count(*) FROM mail WHERE thread NOT IN (SELECT no FROM threads)"
     " OR welcome NOT IN (SELECT id FROM welcomes)"},
    {"alerts",
     "SELECT count(*) FROM alerts a WHERE NOT EXISTS"
     " (SELECT 1 FROM entries e WHERE e.thread = a.thread AND e.seq = a.seq AND e.kind = 2)"},
    {"welcomes", "SELECT count(*) FROM welcomes WHERE id NOT IN (SELECT welcome FROM mail)"},
};

// The first kMaxReported, then how many more there are.
class Listed {
 public:
  explicit Listed(std::vector<std::string>& list) : list_(list) {}
  void Add(std::string what) {
    if (list_.size() < kMaxReported) {
      list_.push_back(std::move(what));
    } else {
      ++more_;
    }
  }
  void End() {
    if (more_ > 0) {
      list_.push_back("and " + std::to_string(more_) + " more");
    }
  }

 private:
  std::vector<std::string>& list_;
  std::size_t more_ = 0;
};

class Verifier {
 public:
  Verifier(Database& database, StoreReport& report)
      : database_(database), transaction_(database, false), report_(report) {
    transaction_.ReadAsItIs();
  }

  Status Run();
  void Find(std::string what);
  void End() {
    findings_.End();
    miscounted_.End();
  }

 private:
  Status CheckPages();
  Status CheckThreads();
  Status CheckThread(const CaseId& case_id, std::int64_t number);
  Status CheckCount(const char* sql, std::int64_t number, std::size_t expected,
                    const std::string& what);
  Status CheckOrphans();
  Status CheckDirectory();
  Status CheckUsage();
  Status CheckAudit();

  Database& database_;
  SqliteTransaction transaction_;
  StoreReport& report_;
  Listed findings_{report_.findings};
  Listed miscounted_{report_.miscounted};
};

void Verifier::Find(std::string what) {
  findings_.Add(std::move(what));
}

Status Verifier::Run() {
  RENKEI_TRY(CheckPages());
  RENKEI_TRY(CheckThreads());
  RENKEI_TRY(CheckOrphans());
  RENKEI_TRY(CheckDirectory());
  RENKEI_TRY(CheckUsage());
  return CheckAudit();
}

Status Verifier::CheckPages() {
  // What SQLite says names pages, tables and indexes, never contents.
  Query query(database_, "PRAGMA integrity_check(20)");
  for (;;) {
    RENKEI_ASSIGN(const bool found, query.Next());
    if (!found) {
      return Ok();
    }
    const std::string said = query.Text();
    if (said != "ok") {
      Find("database: " + said);
    }
  }
}

// Each in a transaction of its own: a relay that runs beside it can reuse its log in between.
Status Verifier::CheckThreads() {
  std::int64_t number = 0;
  for (;;) {
    CaseId case_id;
    RENKEI_TRY(database_.Execute("BEGIN"));
    {
      Query query(database_, "SELECT no, case_id FROM threads WHERE no > ? ORDER BY no LIMIT 1");
      query.Bind(number);
      RENKEI_ASSIGN(const bool found, query.Next());
      if (!found) {
        break;
      }
      number = query.Int();
      query.Read(case_id.bytes);
      RENKEI_TRY(query.Finish());
    }
    RENKEI_TRY(CheckThread(case_id, number));
    RENKEI_TRY(database_.Execute("COMMIT"));
  }
  return database_.Execute("COMMIT");
}

Status Verifier::CheckThread(const CaseId& case_id, std::int64_t number) {
  const std::string name = "case " + case_id.Text();
  ThreadCheck check(transaction_, case_id);
  const Status status = check.Run();
  ++report_.threads;
  report_.entries += check.entries();
  for (const ThreadFinding& finding : check.findings()) {
    const std::string entry = finding.seq == 0 ? "" : " entry " + std::to_string(finding.seq);
    Find(name + entry + ": " + finding.what);
  }
  if (!status.ok()) {
    Find(name + ": cannot be read");
    return Ok();
  }
  if (!check.findings().empty()) {
    return Ok();
  }
  RENKEI_TRY(CheckCount("SELECT count(*) FROM spans WHERE thread = ?", number,
                        check.expected_spans(), name + ": a reader who is on no card"));
  RENKEI_TRY(CheckCount("SELECT count(*) FROM envelopes WHERE thread = ?", number,
                        check.expected_envelopes(), name + ": an envelope that no card names"));
  return CheckCount("SELECT count(*) FROM packs WHERE thread = ?", number, check.expected_packs(),
                    name + ": a pack that no entry announces");
}

Status Verifier::CheckCount(const char* sql, std::int64_t number, std::size_t expected,
                            const std::string& what) {
  Query query(database_, sql);
  query.Bind(number);
  RENKEI_ASSIGN(const bool found, query.Next());
  if (!found || query.Count() != expected) {
    Find(what);
  }
  return Ok();
}

Status Verifier::CheckOrphans() {
  for (const Orphans& orphans : kOrphans) {
    Query query(database_, orphans.sql);
    RENKEI_ASSIGN(const bool found, query.Next());
    const std::uint64_t count = found ? query.Count() : 0;
    if (count != 0) {
      Find(std::string(orphans.table) + ": " + std::to_string(count) +
           " rows that belong to nothing");
    }
  }
  return Ok();
}

Status Verifier::CheckDirectory() {
  std::uint64_t after = 0;
  for (;;) {
    RENKEI_ASSIGN(const std::vector<DirectoryItem> items,
                  transaction_.ReadDirectory(after, kPageItems, kPageBytes));
    if (items.empty()) {
      return Ok();
    }
    for (const DirectoryItem& item : items) {
      if (const char* wrong = CheckDirectoryItem(transaction_, item); wrong != nullptr) {
        Find("directory position " + std::to_string(item.position) + ": " + wrong);
      }
      after = item.position;
    }
  }
}

// In one transaction: it is over all threads at once. What is damaged counts for as much as it is
// now, which says nothing of what was noted.
Status Verifier::CheckUsage() {
  if (!report_.findings.empty()) {
    return Ok();
  }
  RENKEI_TRY(database_.Execute("BEGIN"));
  RENKEI_ASSIGN(const UsageMap counted, CountUsage(database_));
  RENKEI_ASSIGN(const UsageMap noted, ReadUsage(database_));
  RENKEI_TRY(database_.Execute("COMMIT"));
  for (const auto& [owner, difference] : DifferencesOf(counted, noted)) {
    const bool is_device = owner.first == UsageOf::kDevice;
    miscounted_.Add(std::string("stored_bytes: ") + (is_device ? "device " : "institution ") +
                    ToHex(owner.second) + ": " + std::to_string(difference.first) +
                    " bytes are there, " + std::to_string(difference.second) + " are noted");
  }
  return Ok();
}

Status Verifier::CheckAudit() {
  RENKEI_ASSIGN(const AuditVerdict verdict, WalkAudit(transaction_));
  report_.audit_rows = verdict.rows;
  if (verdict.broken_at != 0) {
    Find("audit log: row " + std::to_string(verdict.broken_at) + " does not continue the chain");
  }
  return Ok();
}

// A log that a relay is writing cannot be judged from outside.
bool LogIsAsMarked(const std::filesystem::path& database_file,
                   const std::optional<StoreMark>& mark) {
  const LockedFolder locked = LockFolder(database_file.parent_path());
  return !locked.lock || LogReaches(database_file.string() + kLogSuffix, mark);
}

}  // namespace

UsageReport ReadStoredBytes(const std::filesystem::path& database_file) {
  UsageReport report;
  const auto database = Database::Open(database_file, Database::Mode::kReadOnly);
  const auto usage = database.ok() ? ReadUsage(**database) : database.error();
  if (!usage.ok()) {
    report.problem = "what institutions have in " + database_file.string() +
                     " cannot be read (an older store: see `renkei-relay migrate`)";
    return report;
  }
  for (const auto& [owner, bytes] : *usage) {
    if (owner.first == UsageOf::kInstitution) {
      InstitutionId institution;
      institution.bytes = owner.second;
      report.institutions.emplace_back(institution, bytes);
    }
  }
  std::stable_sort(report.institutions.begin(), report.institutions.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  return report;
}

AuditReport VerifyAuditLog(const std::filesystem::path& database_file) {
  AuditReport report;
  report.problem = "the audit log in " + database_file.string() + " cannot be read";
  const auto database = Database::Open(database_file, Database::Mode::kReadOnly);
  if (!database.ok() || !(*database)->Execute("BEGIN").ok()) {
    return report;
  }
  SqliteTransaction transaction(**database, false);
  const auto verdict = WalkAudit(transaction);
  if (verdict.ok()) {
    report = {"", verdict->rows, verdict->head, verdict->broken_at};
  }
  return report;
}

RetentionReport ReadRetention(const std::filesystem::path& database_file) {
  constexpr std::size_t kPage = 500;
  RetentionReport report;
  const std::string problem =
      "the database " + database_file.string() +
      " cannot be read, or is of another version (see `renkei-relay migrate`)";
  const auto database = Database::Open(database_file, Database::Mode::kReadOnly);
  if (!database.ok() || !(*database)->Execute("BEGIN").ok()) {
    report.problem = problem;
    return report;
  }
  SqliteTransaction transaction(**database, false);
  const auto read = [&]() -> Status {
    RENKEI_ASSIGN(const auto closed, transaction.ClosedThreads({INT64_MAX}));
    for (const ThreadRow& row : closed) {
      RENKEI_ASSIGN(auto announced, transaction.FindAnnouncement(row.case_id));
      if (announced && announced->counted_from != row.closing.counted_from) {
        announced.reset();  // called off by what came since
      }
      report.closed.push_back({row, announced});
    }
    for (CaseId after;;) {
      RENKEI_ASSIGN(auto page, transaction.Deletions(after, kPage));
      if (page.empty()) {
        return Ok();
      }
      after = page.back().case_id;
      std::move(page.begin(), page.end(), std::back_inserter(report.deleted));
    }
  };
  if (!read().ok()) {
    report = RetentionReport();
    report.problem = problem;
  }
  return report;
}

StoreReport VerifyStore(const std::filesystem::path& database_file) {
  StoreReport report;
  // Before the database: what a relay that runs beside acknowledges meanwhile is in it too.
  const auto mark = ReadMark(database_file.string() + kMarkSuffix);
  const bool log_reaches = !mark || LogIsAsMarked(database_file, mark);
  const auto database = Database::Open(database_file, Database::Mode::kReadOnly);
  if (!database.ok()) {
    report.problem = "the database " + database_file.string() + " cannot be opened";
    return report;
  }
  const auto kind = KindOf(**database);
  if (kind.ok() && (!kind->is_relay_store || kind->version != kSchemaVersion)) {
    report.problem = "the database " + database_file.string() +
                     " is not a relay's store, or of another version (see `renkei-relay migrate`)";
    return report;
  }
  Verifier verifier(**database, report);
  const auto holds = mark && kind.ok() ? HoldsMark(**database, *mark) : Result<bool>(true);
  if (!log_reaches || (holds.ok() && !*holds)) {
    verifier.Find(
        "database: something that was acknowledged is missing; the write-ahead log is damaged or "
        "files were exchanged");
  }
  const Status status = kind.ok() ? verifier.Run() : Status(kind.error());
  if (!status.ok()) {
    verifier.Find((*database)->corrupt() ? "database: its pages are damaged, the rest was not read"
                                         : "database: it cannot be read to its end");
  }
  verifier.End();
  return report;
}

}  // namespace renkei::server
