#include "server/store/checkpointer.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "tests/server/store/store_fixture.h"

namespace renkei::test {
namespace {

using server::Checkpointer;
using server::Database;

// A database in WAL mode with a connection that writes and one that copies.
class TheCheckpointer : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(folder.store());
    path = folder.store() / "some.db";
    auto opened = Database::Open(path, Database::Mode::kReadWrite);
    ASSERT_TRUE(opened.ok());
    writer = std::move(*opened);
    ASSERT_TRUE(writer
                    ->Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                              "CREATE TABLE t (id INTEGER PRIMARY KEY, b BLOB)")
                    .ok());
    writer->LeaveLogAlone();
    auto started = Checkpointer::Start(path);
    ASSERT_TRUE(started.ok());
    checkpointer = std::move(*started);
  }
  // Commits this many rows of a page each, and lets the log be looked after as the store does.
  void Write(int pages) {
    ASSERT_TRUE(writer->Execute("BEGIN").ok());
    for (int i = 0; i < pages; ++i) {
      ASSERT_TRUE(writer->Execute("INSERT INTO t (b) VALUES (zeroblob(3900))").ok());
    }
    ASSERT_TRUE(writer->Execute("COMMIT").ok());
    rows += pages;
    longest = std::max(longest, writer->log_pages());
    if (checkpointer->Look(writer->log_pages()) && writer->Checkpoint().ok()) {
      checkpointer->Finished(writer->log_pages());
      ++finished;
    }
  }

  StoreFolder folder;
  std::filesystem::path path;
  std::unique_ptr<Database> writer;
  std::unique_ptr<Checkpointer> checkpointer;
  int rows = 0;
  int longest = 0;
  int finished = 0;
};

TEST_F(TheCheckpointer, LeavesAShortLogAlone) {
  Write(100);
  EXPECT_GE(writer->log_pages(), 100);
  EXPECT_EQ(finished, 0);
}

// However fast it is written, the log begins anew, and nothing is lost.
TEST_F(TheCheckpointer, TheLogBeginsAnewAndNothingIsLost) {
  bool began_anew = false;
  int before = 0;
  for (int i = 0; i < 2000 && !began_anew; ++i) {
    Write(32);
    began_anew = writer->log_pages() < before;
    before = writer->log_pages();
  }
  EXPECT_TRUE(began_anew);
  EXPECT_GE(finished, 1);
  EXPECT_LE(longest, 16384 + 64);
  EXPECT_GE(longest, 4096);
  checkpointer.reset();
  auto copy = Database::Open(path, Database::Mode::kReadOnly);
  ASSERT_TRUE(copy.ok());
  server::Query count(**copy, "SELECT count(*) FROM t");
  ASSERT_TRUE(count.Next().ok());
  EXPECT_EQ(count.Int(), rows);
}

// A reader in the middle of the log keeps it from beginning anew, but not from being copied once,
// nor is it copied again with each commit.
TEST_F(TheCheckpointer, AReaderInTheWayCostsAFewCheckpointsOnly) {
  Write(32);
  auto reader = Database::Open(path, Database::Mode::kReadOnly);
  ASSERT_TRUE(reader.ok());
  ASSERT_TRUE((*reader)->Execute("BEGIN").ok());
  ASSERT_TRUE((*reader)->Execute("SELECT count(*) FROM t").ok());
  for (int i = 0; i < 300; ++i) {
    Write(32);
  }
  EXPECT_GE(longest, 9600) << "it did not begin anew";
  EXPECT_LE(finished, 9600 / 256);
  ASSERT_TRUE((*reader)->Execute("COMMIT").ok());
}

TEST_F(TheCheckpointer, ADatabaseThatIsNotThereIsTold) {
  EXPECT_FALSE(Checkpointer::Start(folder.store() / "no" / "such.db").ok());
}

}  // namespace
}  // namespace renkei::test
