#include "server/store/store_tools.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "server/store/store_files.h"
#include "server/store/store_mark.h"
#include "server/store/usage_count.h"

namespace renkei::server {
namespace {

using std::filesystem::path;

// Of the database and what SQLite and the store keep beside it.
constexpr const char* kSuffixes[] = {"", kLogSuffix, "-shm", kMarkSuffix};

void RemoveQuietly(const path& file) {
  std::error_code ignored;
  for (const char* suffix : kSuffixes) {
    std::filesystem::remove(path(file.string() + suffix), ignored);
  }
  std::filesystem::remove(path(file.string() + "-journal"), ignored);
}

// Whether `file` is a sound store of `version`; else a sentence.
std::string CheckCopy(const path& file, std::int64_t version) {
  auto database = Database::Open(file, Database::Mode::kReadOnly);
  if (!database.ok()) {
    return "the database " + file.string() + " cannot be opened";
  }
  const auto kind = KindOf(**database);
  if (!kind.ok() || !kind->is_relay_store) {
    return "the file " + file.string() + " is not a relay's store";
  }
  if (kind->version != version) {
    return "the database " + file.string() + " has schema version " +
           std::to_string(kind->version) + ", this relay " + std::to_string(version);
  }
  const auto sound = IsSound(**database);
  return sound.ok() && *sound ? "" : "the database " + file.string() + " is damaged";
}

std::string Stamp(const char* what, Millis now) {
  return std::string(what) + std::to_string(now.value);
}

bool MakeFile(const path& file) {
  const int descriptor = open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    return false;
  }
  const bool synced = fsync(descriptor) == 0;
  close(descriptor);
  return synced && SyncFolder(file.parent_path());
}

std::string CopyDatabase(Database& database, const path& to) {
  // Made here, so that it is closed to others from the first byte on and never somebody else's.
  if (!MakeFile(to)) {
    return "the file " + to.string() + " is there already or cannot be made";
  }
  const Status copied = database.CopyTo(to);
  if (!copied.ok() || !SyncFile(to) || !SyncFolder(to.parent_path())) {
    RemoveQuietly(to);
    return "the store could not be copied to " + to.string() +
           (copied.ok() ? " (it cannot be synced)"
                        : std::string(" (") + copied.error().where() + ")");
  }
  return "";
}

Status MarkRestored(const path& file) {
  RENKEI_ASSIGN(const auto database, Database::Open(file, Database::Mode::kReadWrite));
  RENKEI_TRY(database->Execute("PRAGMA synchronous = FULL"));
  return database->Execute("INSERT OR REPLACE INTO meta (name, value) VALUES ('restored', x'01')");
}

// The old store's files, all of them together, into a folder of their own.
std::string SetAside(const path& folder, Millis now) {
  const path kept = folder / Stamp("before-restore-", now);
  std::error_code error;
  for (const char* suffix : kSuffixes) {
    const path file = folder / (std::string(kDatabaseFile) + suffix);
    if (!std::filesystem::exists(file)) {
      continue;
    }
    std::filesystem::create_directory(kept, error);
    std::filesystem::rename(file, kept / file.filename(), error);
    if (error) {
      return "the store in " + folder.string() + " cannot be moved to " + kept.string();
    }
  }
  return "";
}

// The lock is held, the old store may go.
std::string Exchange(const path& from, const path& folder, Millis now) {
  const path fresh = folder / (std::string(kDatabaseFile) + ".restoring");
  RemoveQuietly(fresh);
  const auto source = Database::Open(from, Database::Mode::kReadOnly);
  std::string problem = source.ok() ? CopyDatabase(**source, fresh) : "the backup cannot be opened";
  if (problem.empty() && !MarkRestored(fresh).ok()) {
    problem = "the copy " + fresh.string() + " cannot be written";
  }
  if (!problem.empty()) {
    RemoveQuietly(fresh);
    return problem + "; the store that was there is unchanged";
  }
  std::error_code error;
  if (!std::filesystem::exists(folder / kRestoringFile) && !MakeFile(folder / kRestoringFile)) {
    return "the folder " + folder.string() + " cannot be written; the store there is unchanged";
  }
  problem = SetAside(folder, now);
  if (!problem.empty()) {
    return problem + "; run the restore again";
  }
  std::filesystem::rename(fresh, folder / kDatabaseFile, error);
  if (error || !NoteMade(folder) || !SyncFolder(folder)) {
    return "the restored store cannot be put into " + folder.string() + "; run the restore again";
  }
  std::filesystem::remove(folder / kRestoringFile, error);
  return SyncFolder(folder) ? "" : "the folder " + folder.string() + " cannot be synced";
}

// A store that no relay is running on, for a tool that writes into it.
struct StoppedStore {
  std::string problem;  // a sentence; then nothing else holds
  std::unique_ptr<FolderLock> lock;
  std::unique_ptr<Database> database;
  std::int64_t version = 0;  // at most the `newest` that was asked for
};

StoppedStore OpenStopped(const path& folder, std::int64_t newest) {
  StoppedStore out;
  const path file = folder / kDatabaseFile;
  if (!std::filesystem::exists(file)) {
    out.problem = "there is no store in " + folder.string();
    return out;
  }
  LockedFolder locked = LockFolder(folder);
  if (!locked.lock) {
    out.problem = locked.problem + "; stop it first. Nothing was changed";
    return out;
  }
  out.lock = std::make_unique<FolderLock>(std::move(*locked.lock));
  out.problem = CheckFolder(folder);
  if (out.problem.empty() &&
      !LogReaches(file.string() + kLogSuffix, ReadMark(file.string() + kMarkSuffix))) {
    out.problem = LacksAcknowledged(file);
  }
  if (!out.problem.empty()) {
    return out;
  }
  auto database = Database::Open(file, Database::Mode::kReadWrite);
  const auto kind = database.ok() ? KindOf(**database) : database.error();
  if (!kind.ok() || !kind->is_relay_store || kind->version > newest) {
    out.problem = "the store " + file.string() +
                  " is damaged, not a relay's, or of a newer relay; nothing was changed";
    return out;
  }
  out.database = std::move(*database);
  out.version = kind->version;
  return out;
}

}  // namespace

std::string CopyStore(const path& folder, const path& to) {
  const path file = folder / kDatabaseFile;
  if (!std::filesystem::exists(file)) {
    return "there is no store in " + folder.string();
  }
  std::string problem;
  {
    const auto database = Database::Open(file, Database::Mode::kReadOnly);
    problem = database.ok() ? CopyDatabase(**database, to)
                            : "the store " + file.string() + " cannot be opened";
  }
  if (!problem.empty()) {
    return problem;
  }
  problem = CheckCopy(to, kSchemaVersion);
  if (!problem.empty()) {
    RemoveQuietly(to);
    return "the store was copied, but the copy is not good and was removed (" + problem +
           "): look at the store with `renkei-relay verify`";
  }
  return "";
}

std::string PutStore(const path& from, const path& folder, bool replace, Millis now) {
  std::string problem = CheckCopy(from, kSchemaVersion);
  if (!problem.empty()) {
    return problem + "; nothing was restored, nothing was changed";
  }
  const LockedFolder locked = LockFolder(folder);
  if (!locked.lock) {
    return locked.problem + "; stop it first. Nothing was changed";
  }
  const bool is_there = std::filesystem::exists(folder / kDatabaseFile) ||
                        std::filesystem::exists(folder / (std::string(kDatabaseFile) + "-wal"));
  const bool was_broken_off = std::filesystem::exists(folder / kRestoringFile);
  if (is_there && !replace && !was_broken_off) {
    return "there is a store in " + folder.string() +
           "; nothing was changed. To put the backup in its place say --replace: the store that is "
           "there is kept beside it";
  }
  return Exchange(from, folder, now);
}

std::string MigrateCopy(const path& file) {
  const auto database = Database::Open(file, Database::Mode::kReadWrite);
  const auto kind = database.ok() ? KindOf(**database) : database.error();
  const bool is_fit = kind.ok() && kind->is_relay_store && kind->version <= kSchemaVersion;
  if (is_fit && (kind->version == kSchemaVersion ||
                 RunMigrations(**database, MigrationSteps(), kind->version).ok())) {
    return "";
  }
  return "the database cannot be brought from an older relay's schema to this one's";
}

Migrated MigrateStore(const path& folder, Millis now, std::span<const MigrationStep> steps,
                      std::int64_t target) {
  Migrated out;
  const StoppedStore store = OpenStopped(folder, target);
  out.problem = store.problem;
  if (!out.problem.empty()) {
    return out;
  }
  out.from = out.to = store.version;
  if (store.version == target) {
    return out;
  }
  const path kept = folder / (Stamp("before-migrate-", now) + ".db");
  out.problem = CopyDatabase(*store.database, kept);
  if (!out.problem.empty()) {
    return out;
  }
  out.kept = kept;
  const Status migrated = RunMigrations(*store.database, steps, store.version);
  if (!migrated.ok()) {
    out.problem = "the store " + (folder / kDatabaseFile).string() +
                  " could not be brought from version " + std::to_string(store.version) + " to " +
                  std::to_string(target) + "; it is as it was, and a copy is in " + kept.string();
    return out;
  }
  out.to = target;
  return out;
}

Recounted RecountStoredBytes(const path& folder) {
  Recounted out;
  const StoppedStore store = OpenStopped(folder, kSchemaVersion);
  out.problem = store.problem;
  if (out.problem.empty() && store.version != kSchemaVersion) {
    out.problem = "the store in " + folder.string() +
                  " was made by an older relay; nothing was changed. Run `renkei-relay migrate`";
  }
  if (!out.problem.empty()) {
    return out;
  }
  const auto wrong = RewriteUsage(*store.database);
  if (!wrong.ok()) {
    out.problem = "the store in " + folder.string() +
                  " cannot be counted or written (is the disk full?); nothing was changed";
    return out;
  }
  out.wrong = *wrong;
  return out;
}

}  // namespace renkei::server
