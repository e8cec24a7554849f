// One pass over everything that a store holds, for damage that nobody has met yet: a start looks at
// a large store's newest entries only (store_files.h), and disks lose bits in what is years old.
// Changes nothing. Slices are read transactions of their own, so that the write-ahead log can begin
// anew between them. One thread.
#ifndef RENKEI_SERVER_STORE_SCRUB_H_
#define RENKEI_SERVER_STORE_SCRUB_H_

#include <cstdint>

#include "server/store/sqlite_transaction.h"

namespace renkei::server {

// In this order:
//   entries  each continues its chain, is found by its place, and its retries are told by its key
//   heads    each is its thread's last entry
//   tables   SQLite's own check of all others, their indexes and contents; one slice for each
class Scrub {
 public:
  // The connection is the scrub's for as long as it lives.
  explicit Scrub(Database& database) : database_(database), transaction_(database, false) {}

  // Looks at the next slice. False: that was the last one. kCorrupt: something is not as it was
  // stored. kUnavailable: it could not be read now, the same slice is next.
  Result<bool> Next();

 private:
  enum class At { kEntries, kHeads, kTables, kEnd };

  Status Slice();
  Status Heads();
  Status Table();

  Database& database_;
  SqliteTransaction transaction_;
  At at_ = At::kEntries;
  std::int64_t last_ = 0;  // entry id, thread number, table: of those that were looked at
};

// The newest `count` entries as the scrub looks at them, and the heads of their threads: what a
// crash can have hurt. kCorrupt: damaged; kUnavailable.
Status CheckNewest(Database& database, std::int64_t count);

}  // namespace renkei::server

#endif  // RENKEI_SERVER_STORE_SCRUB_H_
