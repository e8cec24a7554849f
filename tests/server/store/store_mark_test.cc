#include "server/store/store_mark.h"

#include "server/store/store_tools.h"
#include "tests/server/store/crashed_store.h"
#include "tests/server/store/raw_sqlite.h"

namespace renkei::test {
namespace {

using server::StoreMark;
using testing::HasSubstr;

class StoreMarks : public CrashedStore {
 protected:
  Path Mark() const { return File(server::kMarkSuffix); }
  Path Log() const { return File(server::kLogSuffix); }
  void ExpectRefused() {
    EXPECT_EQ(Start(), -1);
    EXPECT_THAT(problem, HasSubstr("lacks entries that were acknowledged"));
    EXPECT_THAT(problem, HasSubstr("renkei-relay restore"));
  }
};

TEST_F(StoreMarks, CrashedStoreStartsWithEverything) {
  EXPECT_EQ(Start(), 5);
  EXPECT_EQ(problem, "");
}

// Wherever the log ends: what was acknowledged is there, or the start is refused.
TEST_F(StoreMarks, G5_StoreWhoseLogWasCutIsRefused) {
  const std::uintmax_t size = std::filesystem::file_size(Log());
  for (std::uintmax_t cut = 1; cut < size; cut += 1999) {
    Crash();
    std::filesystem::resize_file(Log(), size - cut);
    ExpectRefused();
  }
}

TEST_F(StoreMarks, RefusedStoreIsLeftAsItIs) {
  std::filesystem::resize_file(Log(), std::filesystem::file_size(Log()) - 5000);
  const std::uintmax_t size = std::filesystem::file_size(Log());
  ExpectRefused();
  EXPECT_EQ(std::filesystem::file_size(Log()), size);
  std::filesystem::remove(Mark());  // without it: only what SQLite finds
  EXPECT_EQ(Start(), 4);
}

TEST_F(StoreMarks, LogThatIsGoneIsRefused) {
  std::filesystem::remove(Log());
  EXPECT_EQ(Start(), -1);
}

TEST_F(StoreMarks, OlderFilesInItsPlaceAreRefused) {
  std::filesystem::copy(crashed(), folder.path() / "older");
  Append();
  Crash();
  for (const char* suffix : {"", server::kLogSuffix}) {
    const std::string name = std::string(server::kDatabaseFile) + suffix;
    std::filesystem::copy_file(folder.path() / "older" / name, crashed() / name,
                               std::filesystem::copy_options::overwrite_existing);
  }
  ExpectRefused();
}

// Somebody else may have copied the log into the database, and the database is whole.
TEST_F(StoreMarks, LogThatWasCopiedFromOutsideIsNoLoss) {
  RowsOf(File(), "PRAGMA wal_checkpoint(TRUNCATE)");
  EXPECT_EQ(Start(), 5);
}

TEST_F(StoreMarks, EntryThatIsNotTheMarkedOneIsRefused) {
  RowsOf(File(),
         "UPDATE entries SET hash = zeroblob(32) WHERE seq = 5;"
         "UPDATE threads SET head_hash = zeroblob(32)");
  ExpectRefused();
}

TEST_F(StoreMarks, EitherSlotMayBeTorn) {
  const auto whole = server::ReadMark(Mark());
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->entry.number, 5U);
  EXPECT_GT(whole->log.frames, 0U);
  int kept = 0;
  for (const std::uintmax_t slot : {0U, 512U}) {
    Crash();
    Overwrite(Mark(), slot + 40, "torn");
    const auto mark = server::ReadMark(Mark());
    ASSERT_TRUE(mark);
    EXPECT_GE(mark->entry.number, 4U);
    kept += *mark == *whole ? 1 : 0;
    EXPECT_EQ(Start(), 5);
  }
  EXPECT_EQ(kept, 1) << "one of them was the newer";
}

// It proves nothing then, and the store is not to blame.
TEST_F(StoreMarks, DamagedOrMissingMarkIsNoReasonToRefuse) {
  Overwrite(Mark(), 0, std::string(1024, 'x'));
  EXPECT_FALSE(server::ReadMark(Mark()));
  EXPECT_EQ(Start(), 5);
  EXPECT_TRUE(server::ReadMark(Mark())) << "made anew";
  std::filesystem::remove(Mark());
  EXPECT_EQ(Start(), 5);
  EXPECT_TRUE(server::ReadMark(Mark()));
  std::filesystem::resize_file(Mark(), 700);
  EXPECT_EQ(Start(), 5);
}

TEST_F(StoreMarks, VerifyTellsWhatIsMissing) {
  std::filesystem::resize_file(Log(), std::filesystem::file_size(Log()) - 5000);
  const auto report = server::VerifyStore(File());
  EXPECT_EQ(report.problem, "");
  EXPECT_THAT(report.findings, testing::Contains(HasSubstr("that was acknowledged is missing")));
}

TEST_F(StoreMarks, RestoreTakesTheMarkAwayWithTheOldStore) {
  const Path backup = folder.path() / "backup.db";
  ASSERT_EQ(server::CopyStore(crashed(), backup), "");
  Append();
  Crash();
  ASSERT_EQ(server::PutStore(backup, crashed(), true, {1}), "");
  EXPECT_FALSE(std::filesystem::exists(Mark()));
  EXPECT_TRUE(std::filesystem::exists(crashed() / "before-restore-1" / "relay.db-mark"));
  EXPECT_EQ(Start(), 5);
}

// What is left of it is one moment, from which members can give back the rest.
TEST_F(StoreMarks, WhatIsLeftCanBeRestoredInItsOwnPlace) {
  std::filesystem::resize_file(Log(), std::filesystem::file_size(Log()) - 5000);
  ExpectRefused();
  const Path left = folder.path() / "left.db";
  ASSERT_EQ(server::CopyStore(crashed(), left), "");
  ASSERT_EQ(server::PutStore(left, crashed(), true, {1}), "");
  EXPECT_EQ(Start(), 4);
}

TEST_F(StoreMarks, StoreThatWouldBeRefusedIsNotMigrated) {
  std::filesystem::resize_file(Log(), std::filesystem::file_size(Log()) - 5000);
  const auto steps = server::MigrationSteps();
  EXPECT_THAT(server::MigrateStore(crashed(), {1}, steps, server::kSchemaVersion).problem,
              HasSubstr("lacks entries that were acknowledged"));
  ExpectRefused();
}

TEST_F(StoreMarks, MarkFollowsEachCommit) {
  for (std::uint64_t entry = 6; entry < 9; ++entry) {
    Append();
    const auto mark =
        server::ReadMark(folder.store() / (std::string(server::kDatabaseFile) + "-mark"));
    ASSERT_TRUE(mark);
    EXPECT_EQ(mark->entry.number, entry) << "before it was acknowledged";
  }
}

}  // namespace
}  // namespace renkei::test
