#include "server/store/store_tools.h"

#include <sys/stat.h>

#include <fstream>
#include <sstream>

#include "server/store/store_files.h"
#include "tests/server/store/raw_sqlite.h"
#include "tests/server/store/store_fixture.h"

namespace renkei::test {
namespace {

using server::SqliteStore;
using server::WriteTransaction;
using std::filesystem::path;
using testing::HasSubstr;
using testing::IsEmpty;

std::uint64_t Head(const path& folder) {
  auto opened = SqliteStore::Open(folder, {});
  EXPECT_TRUE(opened.store) << opened.problem;
  if (!opened.store) {
    return 0;
  }
  const auto row =
      ReadFrom(*opened.store, [](server::ReadTransaction& t) { return t.FindThread(CaseOf(1)); });
  return row ? row->head.seq : 0;
}

class StoreTools : public ::testing::Test {
 protected:
  // `count` more entries of case 1.
  static void Append(SqliteStore& store, int count) {
    for (int i = 0; i < count; ++i) {
      ASSERT_TRUE(WriteTo(store, [](WriteTransaction& t) {
                    return AppendTo(t, CaseOf(1), Bytes(500, 'x'));
                  }).ok());
    }
  }
  static void AppendClosed(const path& folder, int count) {
    auto opened = SqliteStore::Open(folder, {});
    ASSERT_TRUE(opened.store) << opened.problem;
    Append(*opened.store, count);
  }
  path Copy() const { return folder.path() / "copy.db"; }
  path Kept() const {
    for (const auto& entry : std::filesystem::directory_iterator(folder.store())) {
      if (entry.path().filename().string().starts_with("before-restore-")) {
        return entry.path();
      }
    }
    return {};
  }

  StoreFolder folder;
};

TEST_F(StoreTools, CopyOfARunningStoreIsOneStateAndOpens) {
  auto opened = SqliteStore::Open(folder.store(), {});
  ASSERT_TRUE(opened.store) << opened.problem;
  Append(*opened.store, 20);
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    while (!stop.load()) {
      Append(*opened.store, 1);
    }
  });
  for (int i = 0; i < 5; ++i) {
    const path to = folder.path() / ("copy" + std::to_string(i) + ".db");
    EXPECT_EQ(server::CopyStore(folder.store(), to), "");
    const auto heads = RowsOf(to, "SELECT head_seq, (SELECT count(*) FROM entries) FROM threads");
    ASSERT_EQ(heads.size(), 1U);
    const std::string head = heads[0].substr(0, heads[0].find('|'));
    EXPECT_EQ(heads[0], head + "|" + head + "|") << "a copy of two states at once";
    struct stat info {};
    ASSERT_EQ(stat(to.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0600U);
    EXPECT_FALSE(std::filesystem::exists(to.string() + "-wal"));
  }
  stop.store(true);
  writer.join();
  EXPECT_TRUE(opened.store->healthy());
}

TEST_F(StoreTools, CopyDoesNotTouchAFileThatIsThere) {
  AppendClosed(folder.store(), 1);
  std::ofstream(Copy()) << "somebody else's";
  EXPECT_THAT(server::CopyStore(folder.store(), Copy()), HasSubstr("there already"));
  std::stringstream text;
  text << std::ifstream(Copy()).rdbuf();
  EXPECT_EQ(text.str(), "somebody else's");
}

TEST_F(StoreTools, CopyOfADamagedStoreIsRefusedAndRemoved) {
  AppendClosed(folder.store(), 3);
  RowsOf(folder.store() / server::kDatabaseFile, "DELETE FROM entries WHERE seq = 3");
  EXPECT_THAT(server::CopyStore(folder.store(), Copy()), HasSubstr("not good"));
  EXPECT_FALSE(std::filesystem::exists(Copy()));
}

TEST_F(StoreTools, CopyOfNothingIsTold) {
  EXPECT_THAT(server::CopyStore(folder.path() / "nowhere", Copy()), HasSubstr("no store"));
  EXPECT_FALSE(std::filesystem::exists(Copy()));
}

TEST_F(StoreTools, RestoredStoreIsTheCopyAndIsMarked) {
  AppendClosed(folder.store(), 5);
  ASSERT_EQ(server::CopyStore(folder.store(), Copy()), "");
  const path other = folder.path() / "other";
  EXPECT_EQ(server::PutStore(Copy(), other, false, Millis{7}), "");
  EXPECT_EQ(Head(other), 5U);
  EXPECT_EQ(
      RowsOf(other / server::kDatabaseFile, "SELECT hex(value) FROM meta WHERE name = 'restored'"),
      std::vector<std::string>{"01|"});
  EXPECT_THAT(RowsOf(Copy(), "SELECT name FROM meta WHERE name = 'restored'"), IsEmpty())
      << "the backup itself must stay as it was";
}

TEST_F(StoreTools, StoreThatIsThereIsOnlyReplacedWhenToldAndIsKept) {
  AppendClosed(folder.store(), 2);
  ASSERT_EQ(server::CopyStore(folder.store(), Copy()), "");
  AppendClosed(folder.store(), 3);
  EXPECT_THAT(server::PutStore(Copy(), folder.store(), false, Millis{7}), HasSubstr("--replace"));
  EXPECT_EQ(Head(folder.store()), 5U);
  EXPECT_EQ(server::PutStore(Copy(), folder.store(), true, Millis{7}), "");
  EXPECT_EQ(Head(folder.store()), 2U);
  ASSERT_FALSE(Kept().empty());
  EXPECT_EQ(RowsOf(Kept() / server::kDatabaseFile, "SELECT head_seq FROM threads"),
            std::vector<std::string>{"5|"});
}

TEST_F(StoreTools, RunningRelaysStoreIsNeverReplaced) {
  AppendClosed(folder.store(), 2);
  ASSERT_EQ(server::CopyStore(folder.store(), Copy()), "");
  auto opened = SqliteStore::Open(folder.store(), {});
  EXPECT_THAT(server::PutStore(Copy(), folder.store(), true, Millis{7}),
              HasSubstr("another relay is running"));
  EXPECT_TRUE(Kept().empty());
}

TEST_F(StoreTools, DamagedCopyIsNotRestored) {
  AppendClosed(folder.store(), 4);
  ASSERT_EQ(server::CopyStore(folder.store(), Copy()), "");
  RowsOf(Copy(), "DELETE FROM entries WHERE seq = 4");
  EXPECT_THAT(server::PutStore(Copy(), folder.store(), true, Millis{7}), HasSubstr("damaged"));
  EXPECT_EQ(Head(folder.store()), 4U);
  std::ofstream(folder.path() / "text") << "not a database";
  EXPECT_THAT(server::PutStore(folder.path() / "text", folder.store(), true, Millis{7}),
              HasSubstr("nothing was changed"));
}

TEST_F(StoreTools, RestoreThatWasBrokenOffIsNotServedAndCanBeRunAgain) {
  AppendClosed(folder.store(), 2);
  ASSERT_EQ(server::CopyStore(folder.store(), Copy()), "");
  // As if the power had gone between setting the old store aside and putting the new one there.
  std::ofstream(folder.store() / server::kRestoringFile).flush();
  std::filesystem::remove(folder.store() / server::kDatabaseFile);
  const auto refused = SqliteStore::Open(folder.store(), {});
  EXPECT_FALSE(refused.store);
  EXPECT_THAT(refused.problem, HasSubstr("broken off"));
  EXPECT_EQ(server::PutStore(Copy(), folder.store(), false, Millis{7}), "");
  EXPECT_EQ(Head(folder.store()), 2U);
}

std::vector<std::string> VersionRow(std::int64_t version) {
  return {std::to_string(version) + "|"};
}

// A later version that this test makes up.
constexpr std::int64_t kLater = server::kSchemaVersion + 2;
constexpr server::MigrationStep kGoodSteps[] = {
    {server::kSchemaVersion, "CREATE TABLE later (id INTEGER PRIMARY KEY) STRICT"},
    {server::kSchemaVersion + 1,
     "INSERT INTO later (id) SELECT head_seq FROM threads; ALTER TABLE later ADD COLUMN x INT"}};
constexpr server::MigrationStep kBadSteps[] = {
    {server::kSchemaVersion, "CREATE TABLE later (id INTEGER PRIMARY KEY) STRICT"},
    {server::kSchemaVersion + 1, "INSERT INTO nowhere VALUES (1)"}};

TEST_F(StoreTools, MigrationRunsEveryStepAndKeepsACopy) {
  AppendClosed(folder.store(), 3);
  const auto done = server::MigrateStore(folder.store(), Millis{7}, kGoodSteps, kLater);
  EXPECT_EQ(done.problem, "");
  EXPECT_EQ(done.from, server::kSchemaVersion);
  EXPECT_EQ(done.to, kLater);
  const path file = folder.store() / server::kDatabaseFile;
  EXPECT_EQ(RowsOf(file, "SELECT * FROM later"), std::vector<std::string>{"3|NULL|"});
  EXPECT_EQ(RowsOf(file, "PRAGMA user_version"), VersionRow(kLater));
  EXPECT_EQ(RowsOf(done.kept, "PRAGMA user_version"), VersionRow(server::kSchemaVersion));
  EXPECT_EQ(server::MigrateStore(folder.store(), Millis{8}, kGoodSteps, kLater).kept, path())
      << "nothing to do, nothing to keep";
}

TEST_F(StoreTools, MigrationThatFailsChangesNothing) {
  AppendClosed(folder.store(), 3);
  const auto done = server::MigrateStore(folder.store(), Millis{7}, kBadSteps, kLater);
  EXPECT_THAT(done.problem, HasSubstr("it is as it was"));
  const path file = folder.store() / server::kDatabaseFile;
  EXPECT_EQ(RowsOf(file, "PRAGMA user_version"), VersionRow(server::kSchemaVersion));
  EXPECT_THAT(RowsOf(file, "SELECT name FROM sqlite_schema WHERE name = 'later'"), IsEmpty());
  EXPECT_EQ(Head(folder.store()), 3U);
}

TEST_F(StoreTools, RunningRelaysStoreIsNotMigrated) {
  auto opened = SqliteStore::Open(folder.store(), {});
  EXPECT_THAT(server::MigrateStore(folder.store(), Millis{7}, kGoodSteps, kLater).problem,
              HasSubstr("another relay is running"));
}

}  // namespace
}  // namespace renkei::test
