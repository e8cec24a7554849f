#include "client/vault/database.h"

#include <gtest/gtest.h>

#include "client/vault/files.h"
#include "tests/client/vault/temp_vault.h"

namespace renkei::client {
namespace {

class DatabaseTest : public testing::Test {
 protected:
  DatabaseTest() : path_(root_.path() + "/x.db"), key_(Key(7)) {
    RENKEI_CHECK(CreateFile(path_, {}).ok());
  }
  static SecretBytes Key(std::uint8_t value) {
    return SecretBytes::CopyOf(Bytes(kDatabaseKeyBytes, value));
  }
  std::unique_ptr<Database> Open() { return Database::Open(path_, key_).value(); }
  static std::string Text(Database& database, const std::string& sql) {
    Query query = database.Prepare(sql).value();
    EXPECT_TRUE(*query.Step());
    return ToString(query.Column(0));
  }
  // 200 rows of a page or more.
  void Fill() {
    const auto database = Open();
    ASSERT_TRUE(database->Execute("BEGIN; CREATE TABLE t(a INTEGER PRIMARY KEY, b BLOB)").ok());
    for (int i = 0; i < 200; ++i) {
      const Bytes value(5000, static_cast<std::uint8_t>(i));
      Query insert = database->Prepare("INSERT INTO t VALUES(?1, ?2)").value();
      ASSERT_TRUE(insert.BindNumber(1, i).Bind(2, value).Run().ok());
    }
    ASSERT_TRUE(database->Execute("COMMIT").ok());
  }

  TempDirectory root_;
  std::string path_;
  SecretBytes key_;
};

TEST_F(DatabaseTest, KeepsWhatWasCommitted) {
  Fill();
  EXPECT_EQ(Text(*Open(), "SELECT count(*) FROM t"), "200");
}

TEST_F(DatabaseTest, SettingsAreInForce) {
  const auto database = Open();
  EXPECT_EQ(Text(*database, "PRAGMA journal_mode"), "wal");
  EXPECT_EQ(Text(*database, "PRAGMA synchronous"), "2");
  EXPECT_EQ(Text(*database, "PRAGMA locking_mode"), "exclusive");
  EXPECT_EQ(Text(*database, "PRAGMA temp_store"), "2");
  EXPECT_EQ(Text(*database, "PRAGMA secure_delete"), "1");
  ASSERT_TRUE(database->Execute("CREATE TABLE t(a)").ok());
  EXPECT_EQ(Text(*database, "PRAGMA page_size"), "4096");
  EXPECT_FALSE(FileExists(path_ + "-shm"));
}

TEST_F(DatabaseTest, AnotherKeyOpensNothing) {
  Fill();
  EXPECT_EQ(Outcome(Database::Open(path_, Key(8))), "kCorrupt: vault: the database is damaged");
}

TEST_F(DatabaseTest, MissingFileIsNotMade) {
  EXPECT_EQ(Outcome(Database::Open(path_ + "x", key_)), "kUnavailable: vault: not writable");
  EXPECT_FALSE(FileExists(path_ + "x"));
}

// Reads every row; "ok" only if all of them are what Fill wrote.
std::string ReadEverything(const std::string& path, const SecretBytes& key) {
  auto database = Database::Open(path, key);
  if (!database.ok()) {
    return CodeName(database.error().code());
  }
  auto query = (*database)->Prepare("SELECT a, b FROM t");
  if (!query.ok()) {
    return CodeName(query.error().code());
  }
  for (int i = 0;; ++i) {
    const auto row = query->Step();
    if (!row.ok()) {
      return CodeName(row.error().code());
    }
    if (!*row) {
      return i == 200 ? "ok" : "rows missing";
    }
    if (query->Number(0) != i ||
        ToBytes(query->Column(1)) != Bytes(5000, static_cast<std::uint8_t>(i))) {
      return "wrong row";
    }
  }
}

TEST_F(DatabaseTest, AnyDamagedPageIsNoticed) {
  Fill();
  ASSERT_EQ(ReadEverything(path_, key_), "ok");
  const std::string good = ReadAll(path_);
  const std::size_t pages = good.size() / 4096;
  ASSERT_GT(pages, 200U);
  for (std::size_t page = 0; page < pages; page += 13) {
    for (const std::size_t at : {5U, 700U, 4050U}) {
      WriteAll(path_, good);
      FlipByte(path_, page * 4096 + at);
      EXPECT_EQ(ReadEverything(path_, key_), "kCorrupt") << page << " " << at;
    }
  }
}

TEST_F(DatabaseTest, CutFileIsNoticed) {
  Fill();
  const std::string good = ReadAll(path_);
  for (const std::size_t size : {std::size_t{100}, std::size_t{4096}, good.size() / 2}) {
    WriteAll(path_, good.substr(0, size));
    EXPECT_EQ(ReadEverything(path_, key_), "kCorrupt") << size;
  }
}

TEST_F(DatabaseTest, EmptyAndHighBytesAreKept) {
  const auto database = Open();
  ASSERT_TRUE(database->Execute("CREATE TABLE t(a BLOB NOT NULL)").ok());
  {
    Query insert = database->Prepare("INSERT INTO t VALUES(?1)").value();
    ASSERT_TRUE(insert.Bind(1, {}).Run().ok());
  }
  EXPECT_EQ(Text(*database, "SELECT length(a) || typeof(a) FROM t"), "0blob");
}

TEST_F(DatabaseTest, ClosingForgetsAnOpenTransaction) {
  Fill();
  {
    const auto database = Open();
    ASSERT_TRUE(database->Execute("BEGIN; DELETE FROM t").ok());
    EXPECT_TRUE(database->InTransaction());
  }
  EXPECT_EQ(ReadEverything(path_, key_), "ok");
}

TEST_F(DatabaseTest, StatementInUseTwiceIsOurBug) {
  const auto database = Open();
  ASSERT_TRUE(database->Execute("CREATE TABLE t(a); INSERT INTO t VALUES(1), (2)").ok());
  Query first = database->Prepare("SELECT a FROM t").value();
  ASSERT_TRUE(*first.Step());
  EXPECT_DEATH(static_cast<void>(database->Prepare("SELECT a FROM t")), "stmt_busy");
}

}  // namespace
}  // namespace renkei::client
