// What really stands in SQLite's write-ahead log. SQLite takes the log up to the first frame whose
// checksum is wrong and says nothing of what is behind it: right for the tail of a transaction that
// was never acknowledged, wrong for what was synced and got damaged since, because then the store
// silently goes back. Worse, frames in front of the damage hide newer pages that were copied into
// the database already. So a start reads the log itself first. Format: sqlite.org/fileformat2.html
// §4. Functions; one thread; nobody writes the log meanwhile.
#ifndef RENKEI_SERVER_STORE_LOG_CHECK_H_
#define RENKEI_SERVER_STORE_LOG_CHECK_H_

#include <cstdint>
#include <filesystem>
#include <optional>

#include "crypto/base/bytes.h"

namespace renkei::server {

inline constexpr const char* kLogSuffix = "-wal";

// A place in the log: how many frames, in which of its lives. The log gets new salts whenever it
// begins anew, which it does only after all of it was copied into the database and synced.
struct LogPlace {
  ByteArray<8> salts{};
  std::uint64_t frames = 0;

  friend bool operator==(const LogPlace&, const LogPlace&) = default;
};

struct LogReading {
  LogPlace committed;       // what SQLite will take: up to the last whole transaction
  bool is_damaged = false;  // something that was synced once does not read any more
};

// Damaged are: a log with frames and without a header (SQLite syncs the header before the first
// frame); and a frame that does not read in front of the end of a transaction that another one
// followed: the writer syncs each transaction before it begins the next.
// Nothing: the file cannot be read. One that is not there, or has no frame, is empty and sound.
std::optional<LogReading> ReadLog(const std::filesystem::path& log);

// The salts in the header of the open file; zeros if there is none.
ByteArray<8> ReadSalts(int descriptor);

}  // namespace renkei::server

#endif  // RENKEI_SERVER_STORE_LOG_CHECK_H_
