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
    real_ = sqlite3_vfs_find(nullptr);
    layer_.zName = "renkei-watched-disk";
    layer_.pNext = nullptr;
    layer_.xOpen = Open;
    sqlite3_vfs_register(&layer_, 1);
  }
  // Databases that were opened meanwhile must be closed before.
  ~WatchedDisk() {
    fails_ = false;
    fails_writes_ = false;
    spared_ = std::thread::id();
    (void)TakeLogCalls();
    sqlite3_vfs_unregister(&layer_);
    sqlite3_vfs_register(real_, 1);  // else any other would move up
  }
  WatchedDisk(const WatchedDisk&) = delete;
  WatchedDisk& operator=(const WatchedDisk&) = delete;

  void FailSyncs(bool fails) { fails_ = fails; }
  // On every thread but this one.
  void FailSyncsElsewhere(std::thread::id spared) {
    spared_ = spared;
    fails_ = true;
  }
  // Of the log.
  void FailWrites(bool fails) { fails_writes_ = fails; }
  // What came to the log since the last time: "write BYTES", "sync", and what was noted.
  std::vector<std::string> TakeLogCalls() {
    const std::lock_guard lock(mutex_);
    return std::exchange(log_calls_, {});
  }
  static void Note(std::string what) {
    const std::lock_guard lock(mutex_);
    log_calls_.push_back(std::move(what));
  }

 private:
  // Ours in the place of SQLite's own.
  using Calls = std::map<const sqlite3_io_methods*, sqlite3_io_methods>;

  static int Open(sqlite3_vfs* /*layer*/, const char* name, sqlite3_file* file, int flags,
                  int* out_flags) {
    const int result = real_->xOpen(real_, name, file, flags, out_flags);
    if (file->pMethods != nullptr) {
      const bool is_log = (flags & SQLITE_OPEN_WAL) != 0;
      const std::lock_guard lock(mutex_);
      sqlite3_io_methods& ours = (is_log ? log_ : others_)[file->pMethods];
      if (ours.xSync == nullptr) {
        ours = *file->pMethods;
        real_sync_ = ours.xSync;
        real_write_ = ours.xWrite;
        ours.xSync = is_log ? SyncLog : Sync;
        ours.xWrite = is_log ? WriteLog : ours.xWrite;
      }
      file->pMethods = &ours;
    }
    return result;
  }
  static int Sync(sqlite3_file* file, int flags) {
    const bool is_spared = spared_.load() == std::this_thread::get_id();
    return fails_ && !is_spared ? SQLITE_IOERR_FSYNC : real_sync_(file, flags);
  }
  static int SyncLog(sqlite3_file* file, int flags) {
    Note("sync");
    return Sync(file, flags);
  }
  static int WriteLog(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 at) {
    Note("write " + std::to_string(size));
    return fails_writes_ ? SQLITE_FULL : real_write_(file, bytes, size, at);
  }

  sqlite3_vfs layer_;
  static inline sqlite3_vfs* real_ = nullptr;
  // One for all kinds of locking.
  static inline int (*real_sync_)(sqlite3_file*, int) = nullptr;
  static inline int (*real_write_)(sqlite3_file*, const void*, int, sqlite3_int64) = nullptr;
  static inline std::mutex mutex_;
  static inline Calls log_;
  static inline Calls others_;
  static inline std::vector<std::string> log_calls_;
  static inline std::atomic<bool> fails_ = false;
  static inline std::atomic<bool> fails_writes_ = false;
  static inline std::atomic<std::thread::id> spared_;
};

}  // namespace renkei::test

#endif  // RENKEI_TESTS_SERVER_STORE_WATCHED_DISK_H_
