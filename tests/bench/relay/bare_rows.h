// What SQLite alone takes, on the disk that is measured, for a row like that of a record: nobody
// who syncs each record before it is acknowledged is quicker than this and an empty call together.
#ifndef RENKEI_TESTS_BENCH_RELAY_BARE_ROWS_H_
#define RENKEI_TESTS_BENCH_RELAY_BARE_ROWS_H_

#include <cstdint>
#include <filesystem>
#include <memory>

#include "tests/bench/relay/load.h"

namespace renkei::server {
class Database;
}  // namespace renkei::server

namespace renkei::bench {

// One thread. WAL, synchronous=FULL, a table by rowid with an index on thread and sequence.
class BareRows {
 public:
  // `file`: of a database that is not there yet.
  explicit BareRows(const std::filesystem::path& file);
  ~BareRows();

  // One row of 1 KiB after the other, each durable before the next, with a rest between them.
  void Turn(double seconds, Times& times);

 private:
  void Add();

  std::unique_ptr<server::Database> database_;
  std::int64_t count_ = 0;
};

}  // namespace renkei::bench

#endif  // RENKEI_TESTS_BENCH_RELAY_BARE_ROWS_H_
