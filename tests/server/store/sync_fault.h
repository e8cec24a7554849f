// A disk whose fsync fails when it is told to: SQLite's own file layer with one call exchanged.
#ifndef RENKEI_TESTS_SERVER_STORE_SYNC_FAULT_H_
#define RENKEI_TESTS_SERVER_STORE_SYNC_FAULT_H_

#include <sqlite3.h>

#include <atomic>
#include <map>
#include <mutex>
#include <thread>

namespace renkei::test {

// Every database that is opened while it lives. One at a time.
class SyncFault {
 public:
  SyncFault() : layer_(*sqlite3_vfs_find(nullptr)) {
    real_ = sqlite3_vfs_find(nullptr);
    layer_.zName = "renkei-sync-fault";
    layer_.pNext = nullptr;
    layer_.xOpen = Open;
    sqlite3_vfs_register(&layer_, 1);
  }
  // Databases that were opened meanwhile must be closed before.
  ~SyncFault() {
    fails_ = false;
    spared_ = std::thread::id();
    sqlite3_vfs_unregister(&layer_);
  }
  SyncFault(const SyncFault&) = delete;
  SyncFault& operator=(const SyncFault&) = delete;

  void Fail(bool fails) { fails_ = fails; }
  // On every thread but this one.
  void FailElsewhere(std::thread::id spared) {
    spared_ = spared;
    fails_ = true;
  }

 private:
  static int Open(sqlite3_vfs* /*layer*/, const char* name, sqlite3_file* file, int flags,
                  int* out_flags) {
    const int result = real_->xOpen(real_, name, file, flags, out_flags);
    if (file->pMethods != nullptr) {
      const std::lock_guard lock(mutex_);
      sqlite3_io_methods& methods = methods_[file->pMethods];
      if (methods.xSync == nullptr) {
        methods = *file->pMethods;
        real_sync_ = methods.xSync;
        methods.xSync = Sync;
      }
      file->pMethods = &methods;
    }
    return result;
  }
  static int Sync(sqlite3_file* file, int flags) {
    const bool is_spared = spared_.load() == std::this_thread::get_id();
    return fails_ && !is_spared ? SQLITE_IOERR_FSYNC : real_sync_(file, flags);
  }

  sqlite3_vfs layer_;
  static inline sqlite3_vfs* real_ = nullptr;
  static inline int (*real_sync_)(sqlite3_file*, int) = nullptr;  // one for all kinds of locking
  static inline std::mutex mutex_;
  static inline std::map<const sqlite3_io_methods*, sqlite3_io_methods> methods_;
  static inline std::atomic<bool> fails_ = false;
  static inline std::atomic<std::thread::id> spared_;
};

}  // namespace renkei::test

#endif  // RENKEI_TESTS_SERVER_STORE_SYNC_FAULT_H_
