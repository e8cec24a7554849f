#include "server/store/store_tools.h"

#include <sqlite3.h>
#include <sys/stat.h>

#include <fstream>
#include <sstream>

#include "server/store/store_files.h"
#include "tests/server/store/store_fixture.h"

namespace renkei::test {
namespace {

using server::SqliteStore;
using server::WriteTransaction;
using std::filesystem::path;
using testing::HasSubstr;
using testing::IsEmpty;

// Every row that `sql` gives, columns between bars.
std::vector<std::string> RowsOf(const path& file, const std::string& sql) {
  std::vector<std::string> out;
  sqlite3* db = nullptr;
  EXPECT_EQ(sqlite3_open(file.c_str(), &db), SQLITE_OK);
  const auto add = [](void* rows, int count, char** values, char**) {
    std::string row;
    for (int i = 0; i < count; ++i) {
      row += std::string(values[i] != nullptr ? values[i] : "NULL") + "|";
    }
    static_cast<std::vector<std::string>*>(rows)->push_back(row);
    return 0;
  };
  EXPECT_EQ(sqlite3_exec(db, sql.c_str(), add, &out, nullptr), SQLITE_OK) << sqlite3_errmsg(db);
  sqlite3_close(db);
  return out;
}

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

TEST_F(StoreTools, StoreWhoseDatabaseIsGoneIsNotMadeAnew) {
  AppendClosed(folder.store(), 2);
  std::filesystem::remove(folder.store() / server::kDatabaseFile);
  const auto refused = SqliteStore::Open(folder.store(), {});
  EXPECT_FALSE(refused.store) << "an empty store in place of a lost one would be served";
  EXPECT_THAT(refused.problem, HasSubstr("is gone"));
  EXPECT_FALSE(std::filesystem::exists(folder.store() / server::kDatabaseFile));
}

// A later version that this test makes up.
constexpr server::MigrationStep kGoodSteps[] = {
    {1, "CREATE TABLE later (id INTEGER PRIMARY KEY) STRICT"},
    {2, "INSERT INTO later (id) SELECT head_seq FROM threads; ALTER TABLE later ADD COLUMN x INT"}};
constexpr server::MigrationStep kBadSteps[] = {
    {1, "CREATE TABLE later (id INTEGER PRIMARY KEY) STRICT"},
    {2, "INSERT INTO nowhere VALUES (1)"}};

TEST_F(StoreTools, MigrationRunsEveryStepAndKeepsACopy) {
  AppendClosed(folder.store(), 3);
  const auto done = server::MigrateStore(folder.store(), Millis{7}, kGoodSteps, 3);
  EXPECT_EQ(done.problem, "");
  EXPECT_EQ(done.from, 1);
  EXPECT_EQ(done.to, 3);
  const path file = folder.store() / server::kDatabaseFile;
  EXPECT_EQ(RowsOf(file, "SELECT * FROM later"), std::vector<std::string>{"3|NULL|"});
  EXPECT_EQ(RowsOf(file, "PRAGMA user_version"), std::vector<std::string>{"3|"});
  EXPECT_EQ(RowsOf(done.kept, "PRAGMA user_version"), std::vector<std::string>{"1|"});
  EXPECT_EQ(server::MigrateStore(folder.store(), Millis{8}, kGoodSteps, 3).kept, path())
      << "nothing to do, nothing to keep";
}

TEST_F(StoreTools, MigrationThatFailsChangesNothing) {
  AppendClosed(folder.store(), 3);
  const auto done = server::MigrateStore(folder.store(), Millis{7}, kBadSteps, 3);
  EXPECT_THAT(done.problem, HasSubstr("it is as it was"));
  const path file = folder.store() / server::kDatabaseFile;
  EXPECT_EQ(RowsOf(file, "PRAGMA user_version"), std::vector<std::string>{"1|"});
  EXPECT_THAT(RowsOf(file, "SELECT name FROM sqlite_schema WHERE name = 'later'"), IsEmpty());
  EXPECT_EQ(Head(folder.store()), 3U);
}

TEST_F(StoreTools, RunningRelaysStoreIsNotMigrated) {
  auto opened = SqliteStore::Open(folder.store(), {});
  EXPECT_THAT(server::MigrateStore(folder.store(), Millis{7}, kGoodSteps, 3).problem,
              HasSubstr("another relay is running"));
}

TEST_F(StoreTools, StoreOfAnOlderRelayIsRefusedWithTheWayToMigrate) {
  AppendClosed(folder.store(), 1);
  RowsOf(folder.store() / server::kDatabaseFile, "PRAGMA user_version = 0");
  const auto opened = SqliteStore::Open(folder.store(), {});
  EXPECT_FALSE(opened.store);
  EXPECT_FALSE(opened.is_damaged);
  EXPECT_THAT(opened.problem, HasSubstr("renkei-relay migrate"));
}

// Tables with their columns, indexes with theirs: what a schema is, however it came to be.
std::vector<std::string> Shape(const path& file) {
  auto shape = RowsOf(file,
                      "SELECT m.name, p.name, p.type, p.\"notnull\", p.dflt_value, p.pk"
                      " FROM sqlite_schema m, pragma_table_info(m.name) p WHERE m.type = 'table'"
                      " AND m.name NOT LIKE 'sqlite_%' ORDER BY m.name, p.name");
  const auto indexes =
      RowsOf(file,
             "SELECT m.name, l.\"unique\", l.partial, x.seqno, x.name, l.origin"
             " FROM sqlite_schema m, pragma_index_list(m.name) l, pragma_index_info(l.name) x"
             " WHERE m.type = 'table' ORDER BY m.name, l.origin, x.name, x.seqno");
  shape.insert(shape.end(), indexes.begin(), indexes.end());
  return shape;
}

TEST_F(StoreTools, StoresOfEveryVersionSoFarAreMigratedToTodaysAndSound) {
  AppendClosed(folder.store(), 1);
  const auto today = Shape(folder.store() / server::kDatabaseFile);
  for (std::int64_t version = 1; version <= server::kSchemaVersion; ++version) {
    const path fixture = path(RENKEI_FIXTURES) / ("v" + std::to_string(version) + ".sql");
    std::stringstream sql;
    sql << std::ifstream(fixture).rdbuf();
    ASSERT_GT(sql.str().size(), 1000U) << fixture << " is missing";
    const path old = folder.path() / ("v" + std::to_string(version));
    std::filesystem::create_directory(old);
    const path file = old / server::kDatabaseFile;
    RowsOf(file, sql.str());
    const auto done =
        server::MigrateStore(old, Millis{7}, server::MigrationSteps(), server::kSchemaVersion);
    EXPECT_EQ(done.problem, "");
    EXPECT_EQ(done.from, version);
    EXPECT_EQ(Shape(file), today) << "version " << version;
    const auto report = server::VerifyStore(file);
    EXPECT_EQ(report.problem, "");
    EXPECT_THAT(report.findings, IsEmpty());
    EXPECT_EQ(report.threads, 1U);
    EXPECT_EQ(report.entries, 10U);
    EXPECT_GT(report.audit_rows, 0U);
    EXPECT_TRUE(SqliteStore::Open(old, {}).store);
  }
}

}  // namespace
}  // namespace renkei::test
