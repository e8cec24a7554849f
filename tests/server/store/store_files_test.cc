#include "server/store/store_files.h"

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "server/store/migrations.h"
#include "tests/server/store/raw_sqlite.h"
#include "tests/server/store/store_fixture.h"

namespace renkei::test {
namespace {

using server::Database;
using std::filesystem::path;
using testing::HasSubstr;
using testing::Not;

unsigned ModeOf(const path& file) {
  struct stat info {};
  EXPECT_EQ(stat(file.c_str(), &info), 0) << file;
  return info.st_mode & 0777U;
}

class StoreFiles : public ::testing::Test {
 protected:
  path Lock() const { return folder.store() / server::kLockFile; }
  path File() const { return folder.store() / server::kDatabaseFile; }

  StoreFolder folder;
};

TEST_F(StoreFiles, FolderIsMadeAndLockedForOneAtATime) {
  {
    const auto first = server::LockFolder(folder.store());
    ASSERT_TRUE(first.lock) << first.problem;
    EXPECT_EQ(ModeOf(folder.store()), 0700U);
    EXPECT_EQ(ModeOf(Lock()), 0600U);
    const auto second = server::LockFolder(folder.store());
    EXPECT_FALSE(second.lock);
    EXPECT_THAT(second.problem, HasSubstr("another relay is running"));
  }
  EXPECT_TRUE(server::LockFolder(folder.store()).lock) << "who is gone holds nothing";
}

TEST_F(StoreFiles, LockThatIsMovedIsStillHeldAndLetGoOnce) {
  auto first = server::LockFolder(folder.store());
  {
    const server::FolderLock moved = std::move(*first.lock);
    first.lock.reset();
    EXPECT_FALSE(server::LockFolder(folder.store()).lock);
  }
  EXPECT_TRUE(server::LockFolder(folder.store()).lock);
}

TEST_F(StoreFiles, FolderThatCannotBeMadeIsTold) {
  const auto locked = server::LockFolder(folder.path() / "no" / "store");
  EXPECT_FALSE(locked.lock);
  EXPECT_THAT(locked.problem, HasSubstr("cannot be made"));
  std::ofstream(folder.path() / "file") << "x";
  EXPECT_THAT(server::LockFolder(folder.path() / "file").problem,
              HasSubstr("cannot be written to"));
}

TEST_F(StoreFiles, WhatIsNotThereIsNotSynced) {
  EXPECT_TRUE(server::SyncFolder(folder.path()));
  EXPECT_FALSE(server::SyncFolder(folder.path() / "nothing"));
  EXPECT_FALSE(server::SyncFile(folder.path() / "nothing"));
  std::ofstream(folder.path() / "file") << "x";
  EXPECT_TRUE(server::SyncFile(folder.path() / "file"));
  EXPECT_FALSE(server::SyncFolder(folder.path() / "file"));
}

TEST_F(StoreFiles, NewFolderMayStart) {
  ASSERT_TRUE(server::LockFolder(folder.store()).lock);
  EXPECT_EQ(server::CheckFolder(folder.store()), "");
}

TEST_F(StoreFiles, StoreThatWasMadeAndIsGoneIsNotMadeAnew) {
  ASSERT_TRUE(server::LockFolder(folder.store()).lock);
  ASSERT_TRUE(server::NoteMade(folder.store()));
  EXPECT_THAT(server::CheckFolder(folder.store()), HasSubstr("is gone"));
  std::ofstream(File()) << "database";
  EXPECT_EQ(server::CheckFolder(folder.store()), "");
  ASSERT_TRUE(server::LockFolder(folder.store()).lock);
  std::filesystem::remove(File());
  EXPECT_THAT(server::CheckFolder(folder.store()), HasSubstr("is gone"))
      << "locking it must not make it forget";
}

TEST_F(StoreFiles, RestoreThatWasBrokenOffIsTold) {
  ASSERT_TRUE(server::LockFolder(folder.store()).lock);
  std::ofstream(File()) << "database";
  std::ofstream(folder.store() / server::kRestoringFile).flush();
  EXPECT_THAT(server::CheckFolder(folder.store()), HasSubstr("broken off"));
}

TEST_F(StoreFiles, NothingIsNotedWhereNobodyHasLocked) {
  EXPECT_FALSE(server::NoteMade(folder.store()));
}

// A store with `entries` entries in one thread, closed, and what is found when it is opened.
class ClosedDatabase : public StoreFiles {
 protected:
  void SetUp() override {
    auto opened = server::SqliteStore::Open(folder.store(), {});
    ASSERT_TRUE(opened.store) << opened.problem;
    ASSERT_TRUE(WriteTo(*opened.store, [](server::WriteTransaction& t) -> Status {
                  for (int i = 0; i < 200; ++i) {
                    RENKEI_TRY(AppendTo(t, CaseOf(1), Bytes(2000, 'x')));
                  }
                  return Ok();
                }).ok());
  }
  void Sql(const std::string& sql) { RowsOf(File(), sql); }
  // What is said when it is opened to be served.
  std::string Prepare(std::int64_t checked_pages = server::kCheckedPages) {
    auto database = Database::Open(File(), Database::Mode::kReadWrite);
    EXPECT_TRUE(database.ok());
    return database.ok() ? server::PrepareDatabase(**database, File(), checked_pages)
                         : "cannot be opened";
  }
  // What a look without changing anything says.
  std::string Sound() {
    auto database = Database::Open(File(), Database::Mode::kReadOnly);
    const auto sound = server::IsSound(**database);
    return !sound.ok() ? CodeName(sound.error().code()) : *sound ? "sound" : "damaged";
  }
  void ExpectDamaged(const std::string& why) {
    EXPECT_NE(Sound(), "sound") << why;
    const std::string problem = Prepare();
    EXPECT_THAT(problem, HasSubstr("is damaged and is not served")) << why;
    EXPECT_THAT(problem, HasSubstr("backup")) << why;
  }
};

TEST_F(ClosedDatabase, GoodOneIsPreparedAndSound) {
  EXPECT_EQ(Sound(), "sound");
  EXPECT_EQ(Prepare(), "");
}

TEST_F(ClosedDatabase, IsKnownForWhatItIs) {
  auto database = Database::Open(File(), Database::Mode::kReadOnly);
  const auto kind = server::KindOf(**database);
  ASSERT_TRUE(kind.ok());
  EXPECT_FALSE(kind->is_empty);
  EXPECT_TRUE(kind->is_relay_store);
  EXPECT_EQ(kind->version, server::kSchemaVersion);
  auto fresh = Database::Open(folder.path() / "fresh.db", Database::Mode::kReadWrite);
  const auto empty = server::KindOf(**fresh);
  ASSERT_TRUE(empty.ok());
  EXPECT_TRUE(empty->is_empty);
  EXPECT_FALSE(empty->is_relay_store);
  RowsOf(folder.path() / "other.db", "CREATE TABLE t (a)");
  auto other = Database::Open(folder.path() / "other.db", Database::Mode::kReadOnly);
  EXPECT_FALSE(server::KindOf(**other)->is_empty) << "it has a table, though no version";
}

TEST_F(ClosedDatabase, ConnectionIsDurable) {
  auto database = Database::Open(File(), Database::Mode::kReadWrite);
  ASSERT_EQ(server::PrepareDatabase(**database, File()), "");
  const auto number = [&](const char* sql) {
    server::Query query(**database, sql);
    return *query.Next() ? query.Int() : -1;
  };
  EXPECT_EQ(number("PRAGMA synchronous"), 2) << "FULL";
  EXPECT_EQ(number("PRAGMA temp_store"), 2) << "MEMORY";
  server::Query journal(**database, "PRAGMA journal_mode");
  ASSERT_TRUE(*journal.Next());
  EXPECT_EQ(journal.Text(), "wal");
}

TEST_F(ClosedDatabase, DamagedPagesAreToldWithTheWayToRestore) {
  {
    std::fstream file(File(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(5 * 4096);
    file << std::string(20 * 4096, 'Z');
  }
  ExpectDamaged("pages");
}

// No thread, no entry is touched by it: only SQLite's own check sees it.
TEST_F(ClosedDatabase, DamageFarFromAnyThreadIsFoundToo) {
  const std::string page =
      RowsOf(File(), "SELECT rootpage FROM sqlite_schema WHERE name = 'tickets'").at(0);
  {
    std::fstream file(File(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp((std::stol(page) - 1) * 4096);
    file << std::string(200, 'Z');
  }
  ExpectDamaged("a page of the tickets");
}

TEST_F(ClosedDatabase, FileThatIsNoDatabaseIsDamaged) {
  std::ofstream(File(), std::ios::binary) << std::string(10000, 'Z');
  ExpectDamaged("no database");
}

TEST_F(ClosedDatabase, HeadIsTheLastEntryAndHasItsHash) {
  Sql("UPDATE threads SET head_seq = 199");
  ExpectDamaged("an entry behind the head");
  Sql("UPDATE threads SET head_seq = 201");
  ExpectDamaged("a head without an entry");
  Sql("UPDATE threads SET head_seq = 200");
  EXPECT_EQ(Sound(), "sound");
  Sql("UPDATE threads SET head_hash = zeroblob(32)");
  ExpectDamaged("another hash");
}

TEST_F(ClosedDatabase, LastEntryThatIsGoneIsDamage) {
  Sql("DELETE FROM entries WHERE seq = 200");
  ExpectDamaged("the last entry is gone");
}

// The scrubber finds the rest (scrub_test.cc).
TEST_F(ClosedDatabase, OfALargeOneOnlyTheNewestIsCheckedBeforeItIsServed) {
  EXPECT_EQ(Prepare(1), "");
  const std::string page =
      RowsOf(File(), "SELECT rootpage FROM sqlite_schema WHERE name = 'tickets'").at(0);
  {
    std::fstream file(File(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp((std::stol(page) - 1) * 4096);
    file << std::string(200, 'Z');
  }
  EXPECT_EQ(Prepare(1), "");
  EXPECT_THAT(Prepare(), HasSubstr("is damaged and is not served"));
  Sql("UPDATE entries SET hash = zeroblob(32) WHERE id = 199");
  EXPECT_THAT(Prepare(1), HasSubstr("is damaged and is not served"));
}

TEST_F(ClosedDatabase, NewerRelaysIsRefusedButNotCalledDamaged) {
  Sql("PRAGMA user_version = " + std::to_string(server::kSchemaVersion + 1));
  const std::string problem = Prepare();
  EXPECT_THAT(problem, HasSubstr("newer"));
  EXPECT_THAT(problem, Not(HasSubstr("damaged")));
}

TEST_F(ClosedDatabase, OlderRelaysIsRefusedWithTheWayToMigrate) {
  Sql("PRAGMA user_version = " + std::to_string(server::kSchemaVersion - 1));
  const std::string problem = Prepare();
  EXPECT_THAT(problem, HasSubstr("renkei-relay migrate"));
  EXPECT_THAT(problem, Not(HasSubstr("damaged")));
}

TEST_F(ClosedDatabase, OneOfAnotherProgramIsRefusedAndLeftAsItIs) {
  Sql("PRAGMA application_id = 1");
  const std::string problem = Prepare();
  EXPECT_THAT(problem, HasSubstr("not a relay's store"));
  EXPECT_THAT(problem, Not(HasSubstr("damaged")));
  EXPECT_EQ(RowsOf(File(), "SELECT count(*) FROM entries"), std::vector<std::string>{"200|"});
}

TEST_F(StoreFiles, EmptyDatabaseGetsTodaysSchema) {
  const path file = folder.path() / "fresh.db";
  auto database = Database::Open(file, Database::Mode::kReadWrite);
  ASSERT_EQ(server::PrepareDatabase(**database, file), "");
  const auto kind = server::KindOf(**database);
  EXPECT_TRUE(kind->is_relay_store);
  EXPECT_EQ(kind->version, server::kSchemaVersion);
  EXPECT_TRUE(*server::IsSound(**database));
}

}  // namespace
}  // namespace renkei::test
