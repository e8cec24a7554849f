// The store's folder: its lock, its database's schema and checks. One thread.
#ifndef RENKEI_SERVER_STORE_STORE_FILES_H_
#define RENKEI_SERVER_STORE_STORE_FILES_H_

#include <filesystem>
#include <optional>
#include <string>

#include "server/store/sqlite_db.h"

namespace renkei::server {

inline constexpr const char* kDatabaseFile = "relay.db";
inline constexpr const char* kLockFile = "lock";
inline constexpr const char* kRestoringFile = "restoring";  // there while a restore is under way

// Held as long as it lives; the kernel lets go when the process dies.
class FolderLock {
 public:
  explicit FolderLock(int descriptor) : descriptor_(descriptor) {}
  FolderLock(FolderLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  FolderLock& operator=(FolderLock&&) = delete;
  ~FolderLock();

 private:
  int descriptor_;
};

struct LockedFolder {
  std::optional<FolderLock> lock;
  std::string problem;  // a sentence when there is none
};

// Makes the folder (0700) if it is not there. Two relays must never write one store.
LockedFolder LockFolder(const std::filesystem::path& folder);
bool SyncFolder(const std::filesystem::path& folder);

bool SyncFile(const std::filesystem::path& file);

// A sentence when a start would be wrong: a restore was broken off, or the lock file says that a
// store was made here and its database is gone. The lock must be held.
std::string CheckFolder(const std::filesystem::path& folder);
// Notes in the lock file that a store was made here.
bool NoteMade(const std::filesystem::path& folder);

// Sentences for the operator, with the way to restore: pages or rows do not read; something that
// was acknowledged is missing.
std::string Damaged(const std::string& path);
std::string LacksAcknowledged(const std::string& path);

// What a database is, read without changing it.
struct DatabaseKind {
  bool is_empty = false;
  bool is_relay_store = false;
  std::int64_t version = 0;
};
// kCorrupt, kUnavailable.
Result<DatabaseKind> KindOf(Database& database);
// SQLite's quick_check, and every thread's head against its last entry. False: damaged.
Result<bool> IsSound(Database& database);
// Every thread's head is its last entry (what an acknowledgement rests on), for the threads of
// these numbers, both included.
Result<bool> HeadsMatch(Database& database, std::int64_t first, std::int64_t last);

// Writes today's schema version into a database that has it already, or is being made.
Status NoteVersion(Database& database);

// A database of more pages is checked whole only while it serves (scrubber.h). 256 MiB.
inline constexpr std::int64_t kCheckedPages = 65'536;

// Sets the connection up, makes the schema in an empty database, refuses one of another version or
// of another program, and checks one that is there: IsSound() up to `checked_pages`, beyond that
// its newest entries and their heads. Empty: all is well; else a sentence.
std::string PrepareDatabase(Database& database, const std::string& path,
                            std::int64_t checked_pages = kCheckedPages);

}  // namespace renkei::server

#endif  // RENKEI_SERVER_STORE_STORE_FILES_H_
