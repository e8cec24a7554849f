// A disk that tells what comes to it, and whose writes and fsync fail when they are told to:
// SQLite's own file layer with two calls exchanged.
#ifndef RENKEI_TESTS_SERVER_STORE_WATCHED_DISK_H_
#define RENKEI_TESTS_SERVER_STORE_WATCHED_DISK_H_

#include <sqlite3.h>

#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace renkei::test {

// Every database that is opened while it lives. One at a time.
class WatchedDisk {
 public:
  WatchedDisk() : layer_(*sqlite3_vfs_find(nullptr)) {
    real = sqlite3_vfs_find(nullptr);
    layer_.zName = "renkei-watched-disk";
    layer_.pNext = nullptr;
    layer_.xOpen = Open;
    sqlite3_vfs_register(&layer_, 1);
  }
  // Databases that were opened meanwhile must be closed before.
  ~WatchedDisk() {
    fails = false;
    fails_writes = false;
    spared = std::thread::id();
    (void)TakeLogCalls();
    sqlite3_vfs_unregister(&layer_);
    sqlite3_vfs_register(real, 1);  // else any other would move up
  }
  WatchedDisk(const WatchedDisk&) = delete;
  WatchedDisk& operator=(const WatchedDisk&) = delete;

  void FailSyncs(bool on) { fails = on; }
  // On every thread but this one.
  void FailSyncsElsewhere(std::thread::id here) {
    spared = here;
    fails = true;
  }
  // Of the log.
  void FailWrites(bool on) { fails_writes = on; }
  // What came to the log since the last time: "write BYTES", "sync", and what was noted.
  std::vector<std::string> TakeLogCalls() {
    const std::lock_guard lock(mutex);
    return std::exchange(log_calls, {});
  }
  static void Note(std::string what) {
    const std::lock_guard lock(mutex);
    log_calls.push_back(std::move(what));
  }

 private:
  // Ours in the place of SQLite's own.
  using Calls = std::map<const sqlite3_io_methods*, sqlite3_io_methods>;

  static int Open(sqlite3_vfs* /*layer*/, const char* name, sqlite3_file* file, int flags,
                  int* out_flags) {
    const int result = real->xOpen(real, name, file, flags, out_flags);
    if (file->pMethods != nullptr) {
      const bool is_log = (flags & SQLITE_OPEN_WAL) != 0;
      const std::lock_guard lock(mutex);
      sqlite3_io_methods& ours = (is_log ? log : others)[file->pMethods];
      if (ours.xSync == nullptr) {
        ours = *file->pMethods;
        real_sync = ours.xSync;
        real_write = ours.xWrite;
        ours.xSync = is_log ? SyncLog : Sync;
        ours.xWrite = is_log ? WriteLog : ours.xWrite;
      }
      file->pMethods = &ours;
    }
    return result;
  }
  static int Sync(sqlite3_file* file, int flags) {
    const bool is_spared = spared.load() == std::this_thread::get_id();
    return fails && !is_spared ? SQLITE_IOERR_FSYNC : real_sync(file, flags);
  }
  static int SyncLog(sqlite3_file* file, int flags) {
    Note("sync");
    return Sync(file, flags);
  }
  static int WriteLog(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 at) {
    Note("write " + std::to_string(size));
    return fails_writes ? SQLITE_FULL : real_write(file, bytes, size, at);
  }

  sqlite3_vfs layer_;
  static inline sqlite3_vfs* real = nullptr;
  // One for all kinds of locking.
  static inline int (*real_sync)(sqlite3_file*, int) = nullptr;
  static inline int (*real_write)(sqlite3_file*, const void*, int, sqlite3_int64) = nullptr;
  static inline std::mutex mutex;
  static inline Calls log;
  static inline Calls others;
  static inline std::vector<std::string> log_calls;
  static inline std::atomic<bool> fails = false;
  static inline std::atomic<bool> fails_writes = false;
  static inline std::atomic<std::thread::id> spared;
};

}  // namespace renkei::test

#endif  // RENKEI_TESTS_SERVER_STORE_WATCHED_DISK_H_
