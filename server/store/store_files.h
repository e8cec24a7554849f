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

// Sets the connection up, makes the schema in an empty database, refuses one of a later version or
// of another program, and checks one that is there. Empty: all is well; else a sentence.
std::string PrepareDatabase(Database& database, const std::string& path, bool& is_damaged);

}  // namespace renkei::server

#endif  // RENKEI_SERVER_STORE_STORE_FILES_H_
