#include "server/store/log_file.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <new>
#include <utility>
#include <vector>

namespace renkei::server {
namespace {

// SQLite's own layer takes no 128 KiB in one call (it masks the count with 0x1FFFF). A larger
// transaction goes out in pieces.
constexpr std::size_t kMostKept = std::size_t{120} << 10U;
// Each page follows the header of its frame, in which a number that is not 0 says that the
// transaction ends with it (sqlite.org/fileformat2.html "The Write-Ahead Log").
constexpr int kFrameHeaderBytes = 24;
constexpr std::size_t kSizeAfterCommitAt = 4;

struct Log {
  int descriptor = -1;  // for sync_file_range; below 0: none
  std::vector<std::uint8_t> kept;
  sqlite3_int64 kept_at = 0;
  bool is_commit = false;  // the last frame that came ends its transaction
  const std::function<void()>* meanwhile = nullptr;
};

// What SQLite gives room for: this, and behind it the real file.
struct LogFile {
  sqlite3_file base;
  Log* log;
};

Log& LogOf(sqlite3_file* file) {
  return *reinterpret_cast<LogFile*>(file)->log;
}

sqlite3_file* RealOf(sqlite3_file* file) {
  return reinterpret_cast<sqlite3_file*>(reinterpret_cast<LogFile*>(file) + 1);
}

int WriteReal(sqlite3_file* file, const void* bytes, std::size_t size, sqlite3_int64 at) {
  sqlite3_file* real = RealOf(file);
  return real->pMethods->xWrite(real, bytes, static_cast<int>(size), at);
}

// What did not get there is as if SQLite had not got it there: the transaction fails.
int Send(sqlite3_file* file) {
  Log& log = LogOf(file);
  if (log.kept.empty()) {
    return SQLITE_OK;
  }
  const int result = WriteReal(file, log.kept.data(), log.kept.size(), log.kept_at);
  log.kept.clear();
  return result;
}

bool EndsTransaction(const std::uint8_t* frame_header) {
  return std::any_of(frame_header + kSizeAfterCommitAt, frame_header + kSizeAfterCommitAt + 4,
                     [](std::uint8_t byte) { return byte != 0; });
}

int Write(sqlite3_file* file, const void* data, int size, sqlite3_int64 at) {
  Log& log = LogOf(file);
  const auto* bytes = static_cast<const std::uint8_t*>(data);
  const auto count = static_cast<std::size_t>(size);
  const auto end = log.kept_at + static_cast<sqlite3_int64>(log.kept.size());
  if (at != end || log.kept.size() + count > kMostKept) {
    if (const int result = Send(file); result != SQLITE_OK) {
      return result;
    }
  }
  if (count > kMostKept) {
    return WriteReal(file, bytes, count, at);
  }
  if (log.kept.empty()) {
    log.kept_at = at;
  }
  log.kept.insert(log.kept.end(), bytes, bytes + count);
  const bool is_header = size == kFrameHeaderBytes;
  log.is_commit = is_header ? EndsTransaction(bytes) : log.is_commit;
  // With its last page, and whatever fills the sector behind it, the transaction is whole.
  return log.is_commit && !is_header ? Send(file) : SQLITE_OK;
}

int Sync(sqlite3_file* file, int flags) {
  if (const int result = Send(file); result != SQLITE_OK) {
    return result;
  }
  Log& log = LogOf(file);
  if (const auto* work = std::exchange(log.meanwhile, nullptr); work != nullptr) {
    if (log.descriptor >= 0) {
      (void)sync_file_range(log.descriptor, 0, 0, SYNC_FILE_RANGE_WRITE);  // a hint, no more
    }
    (*work)();
  }
  sqlite3_file* real = RealOf(file);
  return real->pMethods->xSync(real, flags);
}

int Read(sqlite3_file* file, void* out, int size, sqlite3_int64 at) {
  const int sent = Send(file);
  sqlite3_file* real = RealOf(file);
  return sent != SQLITE_OK ? sent : real->pMethods->xRead(real, out, size, at);
}

int Truncate(sqlite3_file* file, sqlite3_int64 size) {
  const int sent = Send(file);
  sqlite3_file* real = RealOf(file);
  return sent != SQLITE_OK ? sent : real->pMethods->xTruncate(real, size);
}

int FileSize(sqlite3_file* file, sqlite3_int64* size) {
  const int sent = Send(file);
  sqlite3_file* real = RealOf(file);
  return sent != SQLITE_OK ? sent : real->pMethods->xFileSize(real, size);
}

int Close(sqlite3_file* file) {
  LogFile* log_file = reinterpret_cast<LogFile*>(file);
  if (log_file->log->descriptor >= 0) {
    close(log_file->log->descriptor);
  }
  delete log_file->log;  // with what no commit ended
  sqlite3_file* real = RealOf(file);
  return real->pMethods->xClose(real);
}

constexpr sqlite3_io_methods kLogMethods = [] {
  sqlite3_io_methods methods{};
  methods.iVersion = 1;
  methods.xClose = Close;
  methods.xRead = Read;
  methods.xWrite = Write;
  methods.xTruncate = Truncate;
  methods.xSync = Sync;
  methods.xFileSize = FileSize;
  methods.xLock = [](sqlite3_file* file, int level) {
    return RealOf(file)->pMethods->xLock(RealOf(file), level);
  };
  methods.xUnlock = [](sqlite3_file* file, int level) {
    return RealOf(file)->pMethods->xUnlock(RealOf(file), level);
  };
  methods.xCheckReservedLock = [](sqlite3_file* file, int* out) {
    return RealOf(file)->pMethods->xCheckReservedLock(RealOf(file), out);
  };
  methods.xFileControl = [](sqlite3_file* file, int operation, void* argument) {
    return RealOf(file)->pMethods->xFileControl(RealOf(file), operation, argument);
  };
  methods.xSectorSize = [](sqlite3_file* file) {
    return RealOf(file)->pMethods->xSectorSize(RealOf(file));
  };
  methods.xDeviceCharacteristics = [](sqlite3_file* file) {
    return RealOf(file)->pMethods->xDeviceCharacteristics(RealOf(file));
  };
  return methods;
}();

int OpenLog(sqlite3_vfs* real, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  file->pMethods = nullptr;
  auto* log = new (std::nothrow) Log;
  if (log == nullptr) {
    return SQLITE_NOMEM;
  }
  const int result = real->xOpen(real, name, RealOf(file), flags, out_flags);
  if (result != SQLITE_OK) {
    delete log;
    return result;
  }
  log->kept.reserve(kMostKept);
  // Closing it drops none of SQLite's locks: those are on the database and on -shm.
  log->descriptor = open(name, O_WRONLY | O_CLOEXEC);
  reinterpret_cast<LogFile*>(file)->log = log;
  file->pMethods = &kLogMethods;
  return SQLITE_OK;
}

int Open(sqlite3_vfs* layer, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  sqlite3_vfs* real = sqlite3_vfs_find(nullptr);
  if ((flags & SQLITE_OPEN_WAL) == 0) {
    return real->xOpen(real, name, file, flags, out_flags);
  }
  const auto room = static_cast<std::size_t>(layer->szOsFile) - sizeof(LogFile);
  return static_cast<std::size_t>(real->szOsFile) <= room
             ? OpenLog(real, name, file, flags, out_flags)
             : SQLITE_CANTOPEN;
}

}  // namespace

const char* LogFileLayer() {
  // A copy of the real one: apart from opening files, none of its calls asks whose it is.
  static sqlite3_vfs layer = [] {
    sqlite3_vfs made = *sqlite3_vfs_find(nullptr);
    made.zName = "renkei-log";
    made.pNext = nullptr;
    made.szOsFile += static_cast<int>(sizeof(LogFile));
    made.xOpen = Open;
    return made;
  }();
  static const bool is_registered = sqlite3_vfs_register(&layer, 0) == SQLITE_OK;
  return is_registered ? layer.zName : nullptr;
}

bool WhileLogIsSynced(sqlite3* database, const std::function<void()>* work) {
  sqlite3_file* file = nullptr;
  const int result = sqlite3_file_control(database, "main", SQLITE_FCNTL_JOURNAL_POINTER,
                                          static_cast<void*>(&file));
  if (result != SQLITE_OK || file == nullptr || file->pMethods != &kLogMethods) {
    return false;
  }
  LogOf(file).meanwhile = work;
  return true;
}

}  // namespace renkei::server
