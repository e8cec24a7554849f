#include "server/store/store_files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <limits>

#include "server/store/migrations.h"
#include "server/store/schema.h"
#include "server/store/scrub.h"

namespace renkei::server {
namespace {

constexpr std::int64_t kApplicationId = 0x524E4B52;  // "RNKR"
constexpr std::int64_t kNewestEntries = 4096;

// temp_store: nothing of the store may be spilled elsewhere.
constexpr const char* kConnection =
    "PRAGMA journal_mode = WAL;"
    "PRAGMA synchronous = FULL;"
    "PRAGMA temp_store = MEMORY;"
    "PRAGMA secure_delete = ON;"  // what is deleted is overwritten: free pages stay in the file
    "PRAGMA cache_size = -65536;"
    "PRAGMA journal_size_limit = 67108864;";

Result<std::int64_t> ReadNumber(Database& database, const char* sql) {
  Query query(database, sql);
  RENKEI_ASSIGN(const bool found, query.Next());
  return found ? query.Int() : std::int64_t{0};
}

Result<bool> PassesQuickCheck(Database& database) {
  Query query(database, "PRAGMA quick_check(1)");
  RENKEI_ASSIGN(const bool found, query.Next());
  return found && query.Text() == "ok";
}

// Before it is served. A large one whole would take as long as reading all of it does: there the
// scrubber looks at the rest meanwhile.
Result<bool> IsFitToServe(Database& database, std::int64_t checked_pages) {
  RENKEI_ASSIGN(const std::int64_t pages, ReadNumber(database, "PRAGMA page_count"));
  if (pages <= checked_pages) {
    return IsSound(database);
  }
  const Status newest = CheckNewest(database, kNewestEntries);
  if (!newest.ok() && newest.error().code() != Code::kCorrupt) {
    return newest.error();
  }
  return newest.ok();
}

Status MakeSchema(Database& database) {
  RENKEI_TRY(database.Execute("BEGIN IMMEDIATE"));
  RENKEI_TRY(database.Execute(kSchema));
  RENKEI_TRY(database.Execute("PRAGMA application_id = 1380862802"));
  RENKEI_TRY(NoteVersion(database));
  return database.Execute("COMMIT");
}
static_assert(kApplicationId == 1380862802);

constexpr const char* kWayBack =
    " is not served; nothing was changed. Put the last good backup in its place: `renkei-relay "
    "restore --from BACKUP --data DIR --replace`, which keeps the damaged files; members' devices "
    "give back what came after it (deploy/RUNBOOK.md \"Damaged store\")";

}  // namespace

std::string Damaged(const std::string& path) {
  return "the store " + path + " is damaged and" + kWayBack;
}

std::string LacksAcknowledged(const std::string& path) {
  return "the store " + path + " lacks entries that were acknowledged (its write-ahead log " +
         path + "-wal is damaged or shorter than it was, or one of its files was exchanged) and" +
         kWayBack;
}

FolderLock::~FolderLock() {
  if (descriptor_ >= 0) {
    close(descriptor_);
  }
}

LockedFolder LockFolder(const std::filesystem::path& folder) {
  LockedFolder out;
  if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    out.problem = "the folder " + folder.string() + " cannot be made";
    return out;
  }
  const std::string path = folder / kLockFile;
  const int descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    out.problem = "the folder " + folder.string() + " cannot be written to";
    return out;
  }
  if (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    close(descriptor);
    out.problem = "another relay is running on " + folder.string();
    return out;
  }
  out.lock.emplace(descriptor);
  return out;
}

bool SyncFolder(const std::filesystem::path& folder) {
  const int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) {
    return false;
  }
  const bool synced = fsync(descriptor) == 0;
  close(descriptor);
  return synced;
}

bool SyncFile(const std::filesystem::path& file) {
  const int descriptor = open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    return false;
  }
  const bool synced = fsync(descriptor) == 0;
  close(descriptor);
  return synced;
}

std::string CheckFolder(const std::filesystem::path& folder) {
  std::error_code ignored;
  if (std::filesystem::exists(folder / kRestoringFile, ignored)) {
    return "a restore into " + folder.string() +
           " was broken off; the store before it is kept in a folder before-restore-* there. Run "
           "`renkei-relay restore` again";
  }
  const bool was_made = std::filesystem::file_size(folder / kLockFile, ignored) > 0 && !ignored;
  if (was_made && !std::filesystem::exists(folder / kDatabaseFile, ignored)) {
    return "the store " + (folder / kDatabaseFile).string() +
           " is gone, though one was made here; nothing was changed. Put the last good backup in "
           "its place with `renkei-relay restore` (deploy/RUNBOOK.md \"Damaged store\")";
  }
  return "";
}

bool NoteMade(const std::filesystem::path& folder) {
  const int descriptor = open((folder / kLockFile).c_str(), O_WRONLY | O_CLOEXEC);
  if (descriptor < 0) {
    return false;
  }
  const bool noted = pwrite(descriptor, "made\n", 5, 0) == 5 && fsync(descriptor) == 0;
  close(descriptor);
  return noted;
}

Result<DatabaseKind> KindOf(Database& database) {
  RENKEI_ASSIGN(const std::int64_t version, ReadNumber(database, "PRAGMA user_version"));
  RENKEI_ASSIGN(const std::int64_t application, ReadNumber(database, "PRAGMA application_id"));
  RENKEI_ASSIGN(const std::int64_t tables,
                ReadNumber(database, "SELECT count(*) FROM sqlite_schema"));
  return DatabaseKind{version == 0 && tables == 0, application == kApplicationId, version};
}

Result<bool> IsSound(Database& database) {
  RENKEI_ASSIGN(const bool passes, PassesQuickCheck(database));
  if (!passes) {
    return false;
  }
  return HeadsMatch(database, 0, std::numeric_limits<std::int64_t>::max());
}

Result<bool> HeadsMatch(Database& database, std::int64_t first, std::int64_t last) {
  Query query(database,
              "SELECT count(*) FROM threads t"
              " LEFT JOIN entries e ON e.thread = t.no AND e.seq = t.head_seq"
              " WHERE t.no >= ? AND t.no <= ? AND (e.hash IS NOT t.head_hash OR EXISTS"
              " (SELECT 1 FROM entries n WHERE n.thread = t.no AND n.seq = t.head_seq + 1))");
  query.Bind(first).Bind(last);
  RENKEI_ASSIGN(const bool found, query.Next());
  return found && query.Int() == 0;
}

Status NoteVersion(Database& database) {
  const std::string version = "PRAGMA user_version = " + std::to_string(kSchemaVersion);
  return database.Execute(version.c_str());
}

std::string PrepareDatabase(Database& database, const std::string& path,
                            std::int64_t checked_pages) {
  const Status connected = database.Execute(kConnection);
  const auto kind = KindOf(database);
  if (!connected.ok() || !kind.ok()) {
    return database.corrupt() ? Damaged(path) : "the store " + path + " cannot be read or written";
  }
  if (kind->is_empty) {
    return MakeSchema(database).ok() ? "" : "the store " + path + " cannot be made";
  }
  if (!kind->is_relay_store) {
    return "the file " + path + " is not a relay's store";
  }
  if (kind->version > kSchemaVersion) {
    return "the store " + path + " was made by a newer relay: update this one";
  }
  if (kind->version < kSchemaVersion) {
    return "the store " + path +
           " was made by an older relay; nothing was changed. Run `renkei-relay migrate --data "
           "DIR`, which keeps a copy first";
  }
  const auto fit = IsFitToServe(database, checked_pages);
  return fit.ok() && *fit ? "" : Damaged(path);
}

}  // namespace renkei::server
