// Whatever SQLite does with its log, it must find there what it would find without us; and what it
// shows to others must be in the file.
#include "server/store/log_file.h"

#include <sqlite3.h>

#include "server/store/sqlite_db.h"
#include "tests/server/store/raw_sqlite.h"
#include "tests/server/store/store_fixture.h"
#include "tests/server/store/watched_disk.h"

namespace renkei::test {
namespace {

using server::Database;
using testing::ElementsAre;
using testing::StartsWith;

// A page and its frame's header.
constexpr int kFrame = 4096 + 24;

std::string Writes(int frames) {
  return "write " + std::to_string(frames * kFrame);
}

class TheLogFile : public ::testing::Test {
 protected:
  void SetUp() override {
    database = Open(File(), Database::Mode::kServing);
    ASSERT_TRUE(database);
    Run("CREATE TABLE t (a INTEGER PRIMARY KEY, b BLOB NOT NULL)");
    (void)disk.TakeLogCalls();
  }
  static std::unique_ptr<Database> Open(const std::filesystem::path& file, Database::Mode mode) {
    auto opened = Database::Open(file, mode);
    EXPECT_TRUE(opened.ok());
    if (!opened.ok()) {
      return nullptr;
    }
    EXPECT_TRUE((*opened)->Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL").ok());
    return std::move(*opened);
  }
  std::filesystem::path File() const { return folder.path() / "one.db"; }
  void Run(const char* sql) const { ASSERT_TRUE(database->Execute(sql).ok()) << sql; }
  Status Commit(const char* sql, const std::function<void()>& meanwhile) const {
    RENKEI_TRY(database->Execute("BEGIN IMMEDIATE"));
    RENKEI_TRY(database->Execute(sql));
    return database->Commit(meanwhile);
  }
  // What somebody else sees, who opens it by SQLite's own layer.
  std::vector<std::string> Others() const { return RowsOf(File(), "SELECT a, length(b) FROM t"); }
  // A machine that lost its power now, after which the disk has what the files have.
  std::vector<std::string> AfterPowerCut() const {
    const std::filesystem::path copy = folder.path() / "copy.db";
    for (const char* part : {"", "-wal"}) {
      std::filesystem::copy_file(File().string() + part, copy.string() + part,
                                 std::filesystem::copy_options::overwrite_existing);
    }
    std::filesystem::remove(copy.string() + "-shm");
    EXPECT_THAT(RowsOf(copy, "PRAGMA integrity_check"), ElementsAre("ok|"));
    return RowsOf(copy, "SELECT a, length(b) FROM t");
  }

  StoreFolder folder;
  WatchedDisk disk;
  std::unique_ptr<Database> database;
};

TEST_F(TheLogFile, ATransactionComesInOneWriteAndOneSync) {
  Run("INSERT INTO t VALUES (1, zeroblob(3 * 4096))");
  const auto calls = disk.TakeLogCalls();
  ASSERT_EQ(calls.size(), 2U) << testing::PrintToString(calls);
  EXPECT_THAT(calls, ElementsAre(StartsWith("write "), "sync"));
  EXPECT_GE(std::stoi(calls[0].substr(6)), 4 * kFrame);
  EXPECT_THAT(Others(), ElementsAre("1|12288|"));
  EXPECT_THAT(AfterPowerCut(), ElementsAre("1|12288|"));
}

// As long as SQLite syncs, that comes first; this is for whatever it may do in another release.
TEST_F(TheLogFile, WhatOthersAreShownIsInTheFileEvenWithoutASync) {
  Run("PRAGMA synchronous = NORMAL");
  Run("INSERT INTO t VALUES (1, zeroblob(9000))");
  EXPECT_THAT(Others(), ElementsAre("1|9000|"));
  EXPECT_THAT(AfterPowerCut(), ElementsAre("1|9000|"));
}

TEST_F(TheLogFile, MeanwhileIsWhenTheTransactionIsWrittenAndNotYetSynced) {
  const auto note = [] { WatchedDisk::Note("meanwhile"); };
  ASSERT_TRUE(Commit("INSERT INTO t VALUES (1, x'00')", note).ok());
  EXPECT_THAT(disk.TakeLogCalls(), ElementsAre(Writes(1), "meanwhile", "sync"));
  ASSERT_TRUE(Commit("INSERT INTO t VALUES (2, x'00')", {}).ok());
  EXPECT_THAT(disk.TakeLogCalls(), ElementsAre(Writes(1), "sync")) << "once";
}

// There its header has a sync of its own before the transaction's.
TEST_F(TheLogFile, ItIsOnceWhereTheLogBeginsAnewToo) {
  Run("INSERT INTO t VALUES (1, x'00')");
  ASSERT_TRUE(database->Checkpoint().ok());
  (void)disk.TakeLogCalls();
  int times = 0;
  ASSERT_TRUE(Commit("INSERT INTO t VALUES (2, x'00')", [&] { ++times; }).ok());
  EXPECT_EQ(times, 1);
  EXPECT_THAT(disk.TakeLogCalls(), ElementsAre("write 32", "sync", Writes(1), "sync"));
}

TEST_F(TheLogFile, ThereIsNoMeanwhileWhereNothingIsWrittenAndItIsNotKeptForTheNext) {
  ASSERT_TRUE(Commit("SELECT 1", [] { WatchedDisk::Note("meanwhile"); }).ok());
  ASSERT_TRUE(Commit("INSERT INTO t VALUES (1, x'00')", {}).ok());
  EXPECT_THAT(disk.TakeLogCalls(), ElementsAre(Writes(1), "sync"));
}

TEST_F(TheLogFile, OfAnotherLayerItDoesNothing) {
  const auto plain = Open(folder.path() / "plain.db", Database::Mode::kReadWrite);
  ASSERT_TRUE(plain->Execute("CREATE TABLE t (a); BEGIN IMMEDIATE; INSERT INTO t VALUES (1)").ok());
  bool ran = false;
  EXPECT_TRUE(plain->Commit([&] { ran = true; }).ok());
  EXPECT_FALSE(ran);
}

// More than SQLite's memory takes and more than is kept: pages go to the log before the commit, are
// read back from there, and are written again.
TEST_F(TheLogFile, ATransactionLargerThanMemoryIsWholeAndIsUndoneWhole) {
  Run("PRAGMA cache_size = 10");
  const char* many =
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 800)"
      " INSERT INTO t SELECT i, randomblob(1000) FROM n;"
      " UPDATE t SET b = randomblob(1001) WHERE a % 3 = 0;"
      " UPDATE t SET b = randomblob(1002) WHERE a % 7 = 0";
  Run("BEGIN IMMEDIATE");
  Run(many);
  Run("SAVEPOINT s; DELETE FROM t WHERE a > 100; ROLLBACK TO s; RELEASE s");
  Run("ROLLBACK");
  EXPECT_TRUE(Others().empty());
  (void)disk.TakeLogCalls();
  ASSERT_TRUE(Commit(many, {}).ok());
  EXPECT_GT(disk.TakeLogCalls().size(), 4U) << "it was not larger than memory";
  EXPECT_EQ(Others().size(), 800U);
  EXPECT_EQ(AfterPowerCut(), Others());
  EXPECT_THAT(RowsOf(File(), "SELECT count(*) FROM t WHERE length(b) = 1002"), ElementsAre("114|"));
}

// Pages that SQLite had no memory for went to the log a moment ago, and are all still kept.
TEST_F(TheLogFile, WhatIsReadBackBeforeTheCommitIsThereAlready) {
  Run("PRAGMA cache_size = 4");
  (void)disk.TakeLogCalls();
  ASSERT_TRUE(Commit("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20)"
                     " INSERT INTO t SELECT i, zeroblob(3500) FROM n;"
                     " UPDATE t SET b = zeroblob(3000 + a) WHERE a IN (1, 2, 3, 18, 19, 20)",
                     {})
                  .ok());
  EXPECT_GT(disk.TakeLogCalls().size(), 2U) << "nothing was read back";
  EXPECT_EQ(Others().size(), 20U);
  EXPECT_EQ(Others().front(), "1|3001|");
  EXPECT_EQ(AfterPowerCut(), Others());
}

TEST_F(TheLogFile, ManyTransactionsOfAllSizesWithCopiesOfTheLogInBetween) {
  for (int i = 1; i <= 120; ++i) {
    const std::string sql = "INSERT INTO t VALUES (" + std::to_string(i) + ", randomblob(" +
                            std::to_string(i * i * 37 % 30000) + "))";
    ASSERT_TRUE(Commit(sql.c_str(), [] {}).ok());
    if (i % 10 == 0) {
      ASSERT_TRUE(database->Checkpoint().ok());  // after which the log begins anew
    }
    if (i % 7 == 0) {
      ASSERT_EQ(AfterPowerCut(), Others());
      ASSERT_EQ(Others().size(), static_cast<std::size_t>(i));
    }
  }
}

TEST_F(TheLogFile, AFullDiskUndoesTheTransactionAndTheNextOneIsWhole) {
  Run("INSERT INTO t VALUES (1, x'00')");
  disk.FailWrites(true);
  const Status full = Commit("INSERT INTO t VALUES (2, zeroblob(20000))", {});
  ASSERT_FALSE(full.ok());
  EXPECT_EQ(full.error().code(), Code::kUnavailable);
  (void)database->Execute("ROLLBACK");
  disk.FailWrites(false);
  EXPECT_THAT(Others(), ElementsAre("1|1|"));
  Run("INSERT INTO t VALUES (3, zeroblob(5000))");
  EXPECT_THAT(Others(), ElementsAre("1|1|", "3|5000|"));
  EXPECT_THAT(AfterPowerCut(), ElementsAre("1|1|", "3|5000|"));
}

TEST_F(TheLogFile, AFailedSyncIsNotHiddenByWhatWasDoneMeanwhile) {
  disk.FailSyncs(true);
  bool ran = false;
  EXPECT_FALSE(Commit("INSERT INTO t VALUES (1, x'00')", [&] { ran = true; }).ok());
  EXPECT_TRUE(ran);
  EXPECT_TRUE(database->sync_failed());
}

}  // namespace
}  // namespace renkei::test
