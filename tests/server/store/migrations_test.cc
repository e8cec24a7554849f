#include "server/store/migrations.h"

#include <fstream>
#include <sstream>

#include "server/store/store_files.h"
#include "server/store/store_tools.h"
#include "tests/server/store/raw_sqlite.h"
#include "tests/server/store/store_fixture.h"

namespace renkei::test {
namespace {

using server::Database;
using server::MigrationStep;
using std::filesystem::path;
using testing::ElementsAre;
using testing::IsEmpty;

// Versions that this test makes up; each step says which it was.
constexpr MigrationStep kSteps[] = {
    {1, "CREATE TABLE two (a INTEGER) STRICT; INSERT INTO two VALUES (1)"},
    {2, "INSERT INTO two VALUES (2)"},
    {3, "INSERT INTO two VALUES (3)"}};

class Migrations : public ::testing::Test {
 protected:
  path File() const { return folder.path() / "old.db"; }
  Status Run(std::span<const MigrationStep> steps, std::int64_t from) {
    auto database = Database::Open(File(), Database::Mode::kReadWrite);
    return database.ok() ? server::RunMigrations(**database, steps, from) : database.error();
  }
  std::vector<std::string> Version() const { return RowsOf(File(), "PRAGMA user_version"); }

  StoreFolder folder;
};

TEST_F(Migrations, EveryStepFromTheVersionOnRunsInOrder) {
  RowsOf(File(), "PRAGMA user_version = 1");
  ASSERT_TRUE(Run(kSteps, 1).ok());
  EXPECT_THAT(RowsOf(File(), "SELECT a FROM two ORDER BY rowid"), ElementsAre("1|", "2|", "3|"));
  EXPECT_THAT(Version(), ElementsAre("4|"));
}

TEST_F(Migrations, StepsBeforeTheVersionDoNotRun) {
  RowsOf(File(), "PRAGMA user_version = 2; CREATE TABLE two (a INTEGER) STRICT");
  ASSERT_TRUE(Run(kSteps, 2).ok());
  EXPECT_THAT(RowsOf(File(), "SELECT a FROM two ORDER BY rowid"), ElementsAre("2|", "3|"));
  EXPECT_THAT(Version(), ElementsAre("4|"));
}

TEST_F(Migrations, WhereNoStepBeginsThereIsNoWay) {
  RowsOf(File(), "PRAGMA user_version = 9");
  for (const std::int64_t from : {0, 4, 9}) {
    const Status status = Run(kSteps, from);
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code(), Code::kNotFound) << from;
  }
  EXPECT_EQ(Run({}, 1).error().code(), Code::kNotFound);
  EXPECT_THAT(Version(), ElementsAre("9|"));
}

TEST_F(Migrations, StepThatDoesNotFitUndoesThoseBeforeIt) {
  RowsOf(File(), "PRAGMA user_version = 1");
  constexpr MigrationStep kBad[] = {{1, "CREATE TABLE two (a INTEGER) STRICT"},
                                    {2, "INSERT INTO nowhere VALUES (1)"}};
  const Status status = Run(kBad, 1);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code(), Code::kInternal);
  EXPECT_THAT(Version(), ElementsAre("1|"));
  EXPECT_THAT(RowsOf(File(), "SELECT name FROM sqlite_schema"), IsEmpty());
}

TEST_F(Migrations, AreNotLeftOpenWhenTheyFail) {
  RowsOf(File(), "PRAGMA user_version = 1");
  constexpr MigrationStep kBad[] = {{1, "INSERT INTO nowhere VALUES (1)"}};
  auto database = Database::Open(File(), Database::Mode::kReadWrite);
  ASSERT_TRUE(database.ok());
  ASSERT_FALSE(server::RunMigrations(**database, kBad, 1).ok());
  EXPECT_TRUE((*database)->Execute("BEGIN EXCLUSIVE").ok()) << "a transaction is still open";
}

TEST(MigrationSteps, LeadFromTheFirstVersionToTodaysWithoutAGap) {
  const auto steps = server::MigrationSteps();
  ASSERT_EQ(static_cast<std::int64_t>(steps.size()), server::kSchemaVersion - 1);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    EXPECT_EQ(steps[i].from, static_cast<std::int64_t>(i) + 1);
  }
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

TEST_F(Migrations, StoresOfEveryVersionSoFarAreMigratedToTodaysAndSound) {
  ASSERT_TRUE(server::SqliteStore::Open(folder.store(), {}).store);
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
    EXPECT_THAT(report.miscounted, IsEmpty());
    EXPECT_EQ(report.threads, 1U);
    EXPECT_EQ(report.entries, 10U);
    EXPECT_GT(report.audit_rows, 0U);
    EXPECT_TRUE(server::SqliteStore::Open(old, {}).store);
  }
}

}  // namespace
}  // namespace renkei::test
