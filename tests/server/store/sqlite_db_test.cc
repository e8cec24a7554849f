#include "server/store/sqlite_db.h"

#include <sys/stat.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "tests/server/store/raw_sqlite.h"
#include "tests/server/store/store_fixture.h"
#include "tests/server/store/watched_disk.h"

namespace renkei::test {
namespace {

using server::Database;
using server::Query;
using testing::ElementsAre;

std::string Told(const Status& status) {
  return status.ok() ? "ok" : CodeName(status.error().code());
}

class OneDatabase : public ::testing::Test {
 protected:
  void SetUp() override {
    database = Open(File(), Database::Mode::kReadWrite);
    ASSERT_TRUE(database);
    ASSERT_EQ(Told(database->Execute("CREATE TABLE t (a INTEGER, b BLOB, c TEXT UNIQUE) STRICT")),
              "ok");
  }
  static std::unique_ptr<Database> Open(const std::filesystem::path& file, Database::Mode mode) {
    auto opened = Database::Open(file, mode);
    EXPECT_TRUE(opened.ok());
    return opened.ok() ? std::move(*opened) : nullptr;
  }
  std::filesystem::path File() const { return folder.path() / "one.db"; }
  Status Insert(std::int64_t a, ByteView b, std::string_view c) {
    Query query(*database, "INSERT INTO t (a, b, c) VALUES (?, ?, ?)");
    query.Bind(a).Bind(b).BindText(c);
    return query.Run();
  }
  std::vector<std::string> Rows() const { return RowsOf(File(), "SELECT a, hex(b), c FROM t"); }

  StoreFolder folder;
  std::unique_ptr<Database> database;
};

TEST(SqliteErrors, SayWhatTheCallerDoesNext) {
  const auto told = [](int code) {
    return std::string(CodeName(server::ErrorOfSqlite(code).code()));
  };
  for (const int code : {SQLITE_FULL, SQLITE_BUSY, SQLITE_LOCKED, SQLITE_IOERR, SQLITE_CANTOPEN,
                         SQLITE_READONLY, SQLITE_PERM, SQLITE_NOMEM, SQLITE_INTERRUPT}) {
    EXPECT_EQ(told(code), "kUnavailable") << code;
  }
  for (const int code : {SQLITE_CORRUPT, SQLITE_NOTADB}) {
    EXPECT_EQ(told(code), "kCorrupt") << code;
  }
  EXPECT_EQ(told(SQLITE_CONSTRAINT), "kConflict");
  for (const int code : {SQLITE_ERROR, SQLITE_MISUSE, SQLITE_SCHEMA, SQLITE_RANGE}) {
    EXPECT_EQ(told(code), "kInternal") << code;
  }
  // Extended codes count as the ones that they extend.
  EXPECT_EQ(told(SQLITE_IOERR_FSYNC), "kUnavailable");
  EXPECT_EQ(told(SQLITE_CORRUPT_INDEX), "kCorrupt");
  EXPECT_EQ(told(SQLITE_CONSTRAINT_UNIQUE), "kConflict");
}

TEST_F(OneDatabase, WhatCannotBeOpenedIsUnavailable) {
  const auto missing = Database::Open(folder.path() / "missing.db", Database::Mode::kReadOnly);
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().code(), Code::kUnavailable);
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "missing.db"));
  const auto nowhere =
      Database::Open(folder.path() / "no" / "folder.db", Database::Mode::kReadWrite);
  ASSERT_FALSE(nowhere.ok());
  EXPECT_EQ(nowhere.error().code(), Code::kUnavailable);
}

TEST_F(OneDatabase, FileThatIsNoDatabaseIsToldByTheFirstStatement) {
  const auto file = folder.path() / "text";
  std::ofstream(file) << std::string(5000, 'x');
  const auto other = Open(file, Database::Mode::kReadOnly);
  ASSERT_TRUE(other);
  EXPECT_FALSE(other->corrupt());
  Query query(*other, "SELECT count(*) FROM sqlite_schema");
  const auto found = query.Next();
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(found.error().code(), Code::kCorrupt);
  EXPECT_TRUE(other->corrupt());
  EXPECT_EQ(other->last_failure(), SQLITE_NOTADB);
}

TEST_F(OneDatabase, ReadOnlyConnectionChangesNothing) {
  ASSERT_EQ(Told(Insert(1, {}, "a")), "ok");
  const auto reader = Open(File(), Database::Mode::kReadOnly);
  EXPECT_EQ(Told(reader->Execute("DELETE FROM t")), "kUnavailable");
  EXPECT_EQ(reader->last_failure() & 0xFF, SQLITE_READONLY);
  EXPECT_EQ(Rows().size(), 1U);
}

TEST_F(OneDatabase, ValuesComeBackAsTheyWent) {
  const Bytes blob = {0, 1, 0, 255};
  ASSERT_EQ(Told(Insert(INT64_MIN, blob, "文字")), "ok");
  EXPECT_EQ(database->LastInsertId(), 1);
  Query query(*database, "SELECT a, b, c, a FROM t");
  ASSERT_TRUE(*query.Next());
  EXPECT_EQ(query.Int(), INT64_MIN);
  EXPECT_EQ(ToBytes(query.Blob()), blob);
  EXPECT_EQ(query.Text(), "文字");
  query.Skip();
  EXPECT_FALSE(*query.Next());
  EXPECT_EQ(Told(query.Finish()), "ok");
}

TEST_F(OneDatabase, EveryRowIsReadFromItsFirstColumn) {
  ASSERT_EQ(Told(Insert(1, {}, "one")), "ok");
  ASSERT_EQ(Told(Insert(2, {}, "two")), "ok");
  Query query(*database, "SELECT a, c FROM t ORDER BY a");
  for (const char* name : {"one", "two"}) {
    ASSERT_TRUE(*query.Next());
    EXPECT_EQ(query.Int(), name == std::string("one") ? 1 : 2);
    EXPECT_EQ(query.Text(), name);
  }
}

TEST_F(OneDatabase, EmptyBlobIsNotNull) {
  ASSERT_EQ(Told(Insert(1, {}, "a")), "ok");
  Query query(*database, "SELECT b IS NULL, typeof(b), b FROM t");
  ASSERT_TRUE(*query.Next());
  EXPECT_EQ(query.Int(), 0);
  EXPECT_EQ(query.Text(), "blob");
  EXPECT_TRUE(query.Blob().empty());
}

TEST_F(OneDatabase, NullIsToldFromZeroAndNothingIsLeftOfTheStatementsLastUse) {
  const auto insert = [&](bool with_value) {
    Query query(*database, "INSERT INTO t (a, b, c) VALUES (?, x'', ?)");
    if (with_value) {
      query.Bind(std::int64_t{0});
    } else {
      query.BindNull();
    }
    query.BindText(with_value ? "zero" : "null");
    return query.Run();
  };
  ASSERT_EQ(Told(insert(true)), "ok");
  ASSERT_EQ(Told(insert(false)), "ok");
  EXPECT_THAT(Rows(), ElementsAre("0||zero|", "NULL||null|"));
  Query query(*database, "SELECT a FROM t ORDER BY rowid");
  ASSERT_TRUE(*query.Next());
  EXPECT_FALSE(query.IsNull());
  ASSERT_TRUE(*query.Next());
  EXPECT_TRUE(query.IsNull());
}

TEST_F(OneDatabase, StatementThatWasLeftHalfWayBeginsAnew) {
  ASSERT_EQ(Told(Insert(1, {}, "a")), "ok");
  ASSERT_EQ(Told(Insert(2, {}, "b")), "ok");
  for (int i = 0; i < 2; ++i) {
    Query query(*database, "SELECT a FROM t ORDER BY a");
    ASSERT_TRUE(*query.Next());
    EXPECT_EQ(query.Int(), 1);
  }
  EXPECT_EQ(Told(database->Execute("DROP TABLE t")), "ok") << "a statement is still under way";
}

TEST_F(OneDatabase, CountBeyondWhatSqliteHoldsIsTheLargest) {
  Query query(*database, "SELECT ?, ?, ?");
  query.BindCount(7).BindCount(std::uint64_t{1} << 63U).BindCount(UINT64_MAX);
  ASSERT_TRUE(*query.Next());
  EXPECT_EQ(query.Int(), 7);
  EXPECT_EQ(query.Int(), INT64_MAX);
  EXPECT_EQ(query.Int(), INT64_MAX);
}

TEST_F(OneDatabase, BlobOfAnotherSizeIsDamage) {
  for (const std::size_t size : {0U, 15U, 17U}) {
    Query query(*database, "SELECT ?, ?");
    const Bytes wrong(size, 9);
    const Bytes right(16, 8);
    query.Bind(wrong).Bind(right);
    ASSERT_TRUE(*query.Next());
    ByteArray<16> first{};
    ByteArray<16> second{};
    query.Read(first);
    query.Read(second);
    EXPECT_EQ(first, ByteArray<16>{});
    EXPECT_EQ(second[0], 8) << "the next column";
    EXPECT_EQ(Told(query.Finish()), "kCorrupt") << size;
  }
}

TEST_F(OneDatabase, RowWhereNoneIsMeantIsOurBug) {
  Query query(*database, "SELECT 1");
  EXPECT_EQ(Told(query.Run()), "kInternal");
}

TEST_F(OneDatabase, ConstraintIsAConflict) {
  ASSERT_EQ(Told(Insert(1, {}, "a")), "ok");
  EXPECT_EQ(Told(Insert(2, {}, "a")), "kConflict");
  EXPECT_EQ(database->last_failure(), SQLITE_CONSTRAINT_UNIQUE);
  EXPECT_FALSE(database->corrupt() || database->sync_failed());
  EXPECT_EQ(Rows().size(), 1U);
}

TEST_F(OneDatabase, WrongStatementIsOurBugAndToldWhenItRuns) {
  Query query(*database, "SELECT nothing FROM nowhere");
  query.Bind(std::int64_t{1}).BindText("x").BindNull();
  EXPECT_EQ(Told(query.Run()), "kInternal");
  Query too_many(*database, "SELECT ?");
  too_many.Bind(std::int64_t{1}).Bind(std::int64_t{2});
  const auto found = too_many.Next();
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(found.error().code(), Code::kInternal);
  EXPECT_EQ(Told(database->Execute("NO SQL")), "kInternal");
}

TEST_F(OneDatabase, StatementThatHasNoEndIsInterruptedByAnotherThread) {
  database->Interrupt();  // of nothing
  EXPECT_EQ(Told(Insert(1, AsBytes("b"), "c")), "ok");
  std::atomic<bool> is_over = false;
  std::thread other([&] {
    while (!is_over) {
      database->Interrupt();
      std::this_thread::yield();
    }
  });
  Query endless(*database,
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
                " SELECT count(*) FROM n");
  const auto ended = endless.Next();
  is_over = true;
  other.join();
  ASSERT_FALSE(ended.ok());
  EXPECT_EQ(ended.error().code(), Code::kUnavailable);
  EXPECT_EQ(Told(Insert(2, AsBytes("b"), "d")), "ok");
}

TEST_F(OneDatabase, CopyIsWholeByItselfWhileOthersWrite) {
  ASSERT_EQ(Told(database->Execute("PRAGMA journal_mode = WAL")), "ok");
  ASSERT_EQ(Told(Insert(1, {}, "a")), "ok");
  const auto reader = Open(File(), Database::Mode::kReadOnly);
  ASSERT_EQ(Told(database->Execute("BEGIN IMMEDIATE")), "ok");
  ASSERT_EQ(Told(Insert(2, {}, "not committed")), "ok");
  const auto copy = folder.path() / "copy.db";
  ASSERT_EQ(Told(reader->CopyTo(copy)), "ok");
  ASSERT_EQ(Told(database->Execute("COMMIT")), "ok");
  EXPECT_FALSE(std::filesystem::exists(copy.string() + "-wal"));
  EXPECT_THAT(RowsOf(copy, "SELECT a FROM t"), ElementsAre("1|"));
  EXPECT_THAT(RowsOf(copy, "PRAGMA journal_mode"), ElementsAre("delete|"));
}

TEST(CopyOfADatabase, ThatIsNotSyncedIsNone) {
  StoreFolder folder;
  RowsOf(folder.path() / "one.db", "CREATE TABLE t (a)");
  WatchedDisk disk;
  auto database = Database::Open(folder.path() / "one.db", Database::Mode::kReadOnly);
  ASSERT_TRUE(database.ok());
  disk.FailSyncs(true);
  EXPECT_EQ(Told((*database)->CopyTo(folder.path() / "copy.db")), "kUnavailable");
  disk.FailSyncs(false);
  database->reset();
}

TEST_F(OneDatabase, CopyThatCannotBeMadeIsTold) {
  EXPECT_EQ(Told(database->CopyTo(folder.path() / "no" / "folder.db")), "kUnavailable");
}

}  // namespace
}  // namespace renkei::test
