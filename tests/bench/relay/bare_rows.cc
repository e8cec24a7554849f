#include "tests/bench/relay/bare_rows.h"

#include <thread>

#include "server/store/sqlite_db.h"

namespace renkei::bench {
namespace {

// SQLite begins its log anew after 1,000 pages. Until then the file grows, and each fsync writes
// its size too.
constexpr int kUntilLogHasItsSize = 500;
// The disk of a relay with one append in flight rests while the answer and the next one travel, and
// takes longer after it.
constexpr std::chrono::microseconds kRest{100};

}  // namespace

BareRows::BareRows(const std::filesystem::path& file) {
  auto database = server::Database::Open(file, server::Database::Mode::kReadWrite);
  RENKEI_CHECK(database.ok());
  database_ = std::move(*database);
  for (const char* sql :
       {"PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL",
        "CREATE TABLE rows (id INTEGER PRIMARY KEY, thread INTEGER, seq INTEGER, payload BLOB)",
        "CREATE INDEX by_seq ON rows (thread, seq)"}) {
    RENKEI_CHECK(database_->Execute(sql).ok());
  }
  for (int i = 0; i < kUntilLogHasItsSize; ++i) {
    Add();
  }
}

BareRows::~BareRows() = default;

void BareRows::Turn(double seconds, Times& times) {
  const auto end = SteadyClock::now() + std::chrono::duration<double>(seconds);
  while (SteadyClock::now() < end) {
    std::this_thread::sleep_for(kRest);
    const auto begin = SteadyClock::now();
    Add();
    times.AddSince(begin);
  }
}

void BareRows::Add() {
  static const Bytes kPayload(1024, 0x5A);
  server::Query query(*database_, "INSERT INTO rows (thread, seq, payload) VALUES (1, ?, ?)");
  RENKEI_CHECK(query.Bind(++count_).Bind(kPayload).Run().ok());
}

}  // namespace renkei::bench
