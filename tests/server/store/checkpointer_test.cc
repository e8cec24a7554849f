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
  // Commits this many rows of a page each.
  void Insert(int pages) {
    ASSERT_TRUE(writer->Execute("BEGIN").ok());
    for (int i = 0; i < pages; ++i) {
      ASSERT_TRUE(writer->Execute("INSERT INTO t (b) VALUES (zeroblob(3900))").ok());
    }
    ASSERT_TRUE(writer->Execute("COMMIT").ok());
    rows += pages;
    longest = std::max(longest, writer->log_pages());
  }
  // And lets the log be looked after as the store does.
  void Write(int pages) {
    Insert(pages);
    if (!checkpointer->Look(writer->log_pages())) {
      return;
    }
    const auto copy = writer->Checkpoint();
    if (copy.ok()) {
      checkpointer->Finished(*copy);
      ++finished;
    }
  }

  void GrowBeyondTheLongest() {
    while (writer->log_pages() < 16384 + 1024) {
      Write(64);
    }
  }
  // Reads the database as it is now, until it is taken down.
  std::unique_ptr<Database> ReaderOfNow() const {
    auto reader = Database::Open(path, Database::Mode::kReadOnly);
    EXPECT_TRUE(reader.ok());
    EXPECT_TRUE((*reader)->Execute("BEGIN; SELECT count(*) FROM t").ok());
    return std::move(*reader);
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
  const auto reader = ReaderOfNow();
  for (int i = 0; i < 300; ++i) {
    Write(32);
  }
  EXPECT_GE(longest, 9600) << "it did not begin anew";
  EXPECT_LE(finished, 9600 / 256);
}

// A backup that goes on for long: the log grows past the length from which on the writer is asked,
// which could do nothing about it either, and begins anew when the reader has gone.
TEST_F(TheCheckpointer, ALongReaderDoesNotMakeTheWriterCopyWithEachCommit) {
  Write(32);
  auto reader = ReaderOfNow();
  GrowBeyondTheLongest();
  const int before = finished;
  EXPECT_LE(before, 2);
  for (int i = 0; i < 64; ++i) {
    Write(40);
  }
  EXPECT_EQ(finished, before) << "not again and again";
  reader.reset();
  bool began_anew = false;
  for (int i = 0; i < 2000 && !began_anew; ++i) {
    const int pages = writer->log_pages();
    Write(32);
    began_anew = writer->log_pages() < pages;
  }
  EXPECT_TRUE(began_anew);
}

TEST_F(TheCheckpointer, WhatTheWriterCouldNotCopyItIsNotAskedForAgain) {
  Insert(16384);
  const auto reader = ReaderOfNow();
  Write(50);
  EXPECT_EQ(finished, 1);
  Write(10);
  Write(10);
  EXPECT_EQ(finished, 1);
}

// It was kept back by a reader then, and not by a slow disk; now it may be the disk.
TEST_F(TheCheckpointer, WhenTheReaderWentTheWriterIsAskedAgain) {
  Write(32);
  auto first = ReaderOfNow();
  GrowBeyondTheLongest();
  EXPECT_FALSE(checkpointer->Look(writer->log_pages() + 300));
  Insert(1100);
  const auto second = ReaderOfNow();  // keeps the log from beginning anew
  first.reset();
  EXPECT_FALSE(checkpointer->Look(writer->log_pages())) << "it is copied on the other thread";
  bool asked = false;
  for (int i = 0; i < 1000 && !asked; ++i) {
    ASSERT_TRUE(second->Execute("SELECT count(*) FROM t").ok());  // takes a while
    asked = checkpointer->Look(writer->log_pages() + 300);
  }
  EXPECT_TRUE(asked);
}

TEST_F(TheCheckpointer, ADatabaseThatIsNotThereIsTold) {
  EXPECT_FALSE(Checkpointer::Start(folder.store() / "no" / "such.db").ok());
}

}  // namespace
}  // namespace renkei::test
