// What the store has acknowledged, noted in a small file beside it after each fsync and before
// anybody is answered: the newest entry, the newest row of the audit log, and how far the log
// reached. A start compares. A store that lacks any of it went back, because its log was damaged or
// files of it were exchanged, and is refused instead of being served without what it had promised.
//
// The note itself is written without a sync of its own, which would double what an acknowledgement
// costs. So it outlives the death of the process at any moment. When the machine dies it may be
// older than the store by what was acknowledged last (server/README.md "What a start notices"); an
// older note is true as well.
//
// Two slots are written in turn, so that a torn one leaves the other. One thread.
#ifndef RENKEI_SERVER_STORE_STORE_MARK_H_
#define RENKEI_SERVER_STORE_STORE_MARK_H_

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "crypto/base/hash.h"
#include "server/store/log_check.h"
#include "server/store/sqlite_db.h"

namespace renkei::server {

inline constexpr const char* kMarkSuffix = "-mark";

// A row by which a store shows that it has everything up to it; number 0: there was none.
struct MarkedRow {
  std::uint64_t number = 0;
  Hash32 hash{};

  friend bool operator==(const MarkedRow&, const MarkedRow&) = default;
};

struct StoreMark {
  MarkedRow entry;  // entries.id
  MarkedRow audit;  // audit.seq
  LogPlace log;

  friend bool operator==(const StoreMark&, const StoreMark&) = default;
};

// The newer whole slot; nothing: no file, or none in it. A mark that cannot be read proves nothing
// and is no reason to refuse a store.
std::optional<StoreMark> ReadMark(const std::filesystem::path& file);
// The rows of a mark for this database as it is. kCorrupt, kUnavailable.
Result<StoreMark> MarkOf(Database& database);

// False: the log was damaged after it was synced, or ends before the mark. Before SQLite opens it.
bool LogReaches(const std::filesystem::path& log, const std::optional<StoreMark>& mark);
// False: the rows of the mark are not there. kCorrupt, kUnavailable.
Result<bool> HoldsMark(Database& database, const StoreMark& mark);

class MarkFile {
 public:
  // Makes the file if it is not there, and syncs it. Null: it cannot be written.
  static std::unique_ptr<MarkFile> Open(const std::filesystem::path& database_file,
                                        const StoreMark& now);
  ~MarkFile();
  MarkFile(const MarkFile&) = delete;
  MarkFile& operator=(const MarkFile&) = delete;

  // After a commit that was synced. What is nothing is as before. A mark that cannot be written
  // stays behind, which is no reason to refuse anybody.
  void Committed(const std::optional<MarkedRow>& entry, const std::optional<MarkedRow>& audit,
                 int log_frames);

 private:
  MarkFile(int descriptor, int log, const StoreMark& now)
      : descriptor_(descriptor), log_(log), mark_(now) {}
  bool Write(std::size_t slot);

  const int descriptor_;
  const int log_;
  StoreMark mark_;
  std::uint64_t count_ = 0;
  std::chrono::steady_clock::time_point sent_;  // to the disk
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_STORE_STORE_MARK_H_
