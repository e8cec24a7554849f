#include "server/store/sqlite_store.h"

#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <future>
#include <set>

#include "server/store/store_files.h"
#include "tests/server/store/raw_sqlite.h"
#include "tests/server/store/store_fixture.h"
#include "tests/server/store/watched_disk.h"

namespace renkei::test {
namespace {

using server::ReadTransaction;
using server::SqliteStore;
using server::WriteTransaction;

constexpr std::uint8_t kCases = 3;

std::unique_ptr<SqliteStore> OpenStore(const std::filesystem::path& folder) {
  auto opened = SqliteStore::Open(folder, {});
  EXPECT_TRUE(opened.store) << opened.problem;
  return std::move(opened.store);
}

std::uint64_t HeadSeq(server::Store& store, std::uint8_t n) {
  const auto row = ReadFrom(store, [&](ReadTransaction& t) { return t.FindThread(CaseOf(n)); });
  return row ? row->head.seq : 0;
}

// The payloads of a thread, after checking that its chain is unbroken from the first entry on.
std::vector<Bytes> WalkThread(server::Store& store, std::uint8_t n) {
  std::vector<Bytes> out;
  const auto row = ReadFrom(store, [&](ReadTransaction& t) { return t.FindThread(CaseOf(n)); });
  if (!row) {
    return out;
  }
  const auto entries = ReadFrom(store, [&](ReadTransaction& t) {
    return t.ReadEntries(CaseOf(n), 1, UINT64_MAX, SIZE_MAX, SIZE_MAX);
  });
  thread::Position at = thread::StartOf(CaseOf(n));
  for (const server::EntryRow& entry : entries) {
    const auto next = thread::CheckNext(
        CaseOf(n), at,
        {CaseOf(n), entry.seq, entry.kind, entry.received_at, entry.payload, entry.hash});
    EXPECT_TRUE(next.ok()) << "chain broken at " << entry.seq;
    at = next.ok() ? *next : at;
    out.push_back(entry.payload);
  }
  EXPECT_EQ(at.hash, row->head.hash);
  return out;
}

TEST(SqliteStore, WhatManyThreadsWriteTogetherIsAllThere) {
  StoreFolder folder;
  auto store = OpenStore(folder.store());
  std::vector<std::thread> writers;
  for (std::uint8_t n = 1; n <= 8; ++n) {
    writers.emplace_back([&store, n] {
      for (std::uint8_t i = 0; i < 50; ++i) {
        EXPECT_TRUE(WriteTo(*store, [&](WriteTransaction& t) {
                      return AppendTo(t, CaseOf(n), Bytes{n, i});
                    }).ok());
      }
    });
  }
  for (std::thread& writer : writers) {
    writer.join();
  }
  for (std::uint8_t n = 1; n <= 8; ++n) {
    EXPECT_EQ(WalkThread(*store, n).size(), 50U);
  }
}

// What one signature is to cover (server/core/acknowledger.h): everything of one transaction.
TEST(SqliteStore, WhatWasCommittedTogetherIsAnsweredInOneRun) {
  constexpr int kWrites = 50;
  StoreFolder folder;
  const auto store = OpenStore(folder.store());
  std::promise<void> is_inside;
  std::promise<void> go_on;
  std::promise<void> all;
  std::atomic<int> runs = 0;
  std::atomic<int> done = 0;
  store->AfterDones([&] {
    ++runs;
    if (done.load() == kWrites + 1) {
      all.set_value();
    }
  });
  store->Write(
      [&](WriteTransaction&) {
        is_inside.set_value();
        go_on.get_future().wait();
        return Ok();
      },
      [&](const Status&) { ++done; });
  is_inside.get_future().wait();
  for (int i = 0; i < kWrites; ++i) {
    store->Write([](WriteTransaction&) { return Ok(); }, [&](const Status&) { ++done; });
  }
  go_on.set_value();
  all.get_future().wait();
  EXPECT_EQ(runs.load(), 2);
  store->AfterDones({});
}

TEST(SqliteStore, OneThatFailsDoesNotTakeItsCompanionsWithIt) {
  StoreFolder folder;
  auto store = OpenStore(folder.store());
  std::promise<void> may_start;
  std::shared_future<void> started = may_start.get_future().share();
  std::atomic<int> good = 0;
  std::atomic<int> bad = 0;
  std::promise<void> all;
  constexpr int kJobs = 40;
  // The first holds the writer up until the others wait behind it, so that they go together.
  store->Write(
      [started](WriteTransaction&) {
        started.wait();
        return Ok();
      },
      [](const Status&) {});
  for (int i = 0; i < kJobs; ++i) {
    const bool fails = i % 10 == 3;
    store->Write(
        [fails](WriteTransaction& t) -> Status {
          RENKEI_TRY(AppendTo(t, CaseOf(1), AsBytes("entry")));
          return fails ? Status(Error(Code::kDenied, "test")) : Ok();
        },
        [&](const Status& status) {
          (status.ok() ? good : bad).fetch_add(1);
          if (good + bad == kJobs) {
            all.set_value();
          }
        });
  }
  may_start.set_value();
  all.get_future().wait();
  EXPECT_EQ(good.load(), 36);
  EXPECT_EQ(bad.load(), 4);
  EXPECT_EQ(WalkThread(*store, 1).size(), 36U);
  EXPECT_TRUE(store->healthy());
}

// What its caller refuses says nothing of the disk.
TEST(SqliteStore, ARefusalAfterAWriteLeavesTheStoresHealthAsItWas) {
  StoreFolder folder;
  auto store = OpenStore(folder.store());
  const auto refuse = [](WriteTransaction& t) -> Status {
    RENKEI_TRY(AppendTo(t, CaseOf(1), AsBytes("entry")));
    return Error(Code::kDenied, "test");
  };
  EXPECT_EQ(WriteTo(*store, refuse).error().code(), Code::kDenied);
  EXPECT_TRUE(store->healthy());
  EXPECT_EQ(store->last_failure(), 0);
  const auto fail = [](WriteTransaction&) { return Status(Error(Code::kUnavailable, "test")); };
  EXPECT_EQ(WriteTo(*store, fail).error().code(), Code::kUnavailable);
  EXPECT_FALSE(store->healthy());
  EXPECT_EQ(WriteTo(*store, refuse).error().code(), Code::kDenied);
  EXPECT_FALSE(store->healthy()) << "nothing was committed since";
  EXPECT_TRUE(WriteTo(*store, [](WriteTransaction&) { return Ok(); }).ok());
  EXPECT_TRUE(store->healthy());
}

// Runs these together in one transaction, and gives back what each was told.
std::vector<Status> WriteTogether(SqliteStore& store, std::vector<server::Store::Work> works) {
  std::promise<void> may_start;
  std::shared_future<void> started = may_start.get_future().share();
  std::vector<std::promise<Status>> told(works.size());
  store.Write(
      [started](WriteTransaction&) {
        started.wait();
        return Ok();
      },
      [](const Status&) {});
  for (std::size_t i = 0; i < works.size(); ++i) {
    store.Write(std::move(works[i]),
                [&told, i](const Status& status) { told[i].set_value(status); });
  }
  may_start.set_value();
  std::vector<Status> out;
  for (std::promise<Status>& each : told) {
    out.push_back(each.get_future().get());
  }
  return out;
}

TEST(SqliteStore, RefusalsAfterWritesOfAWholeBatchLeaveItHealthy) {
  StoreFolder folder;
  auto store = OpenStore(folder.store());
  const auto refuse = [](WriteTransaction& t) -> Status {
    RENKEI_TRY(AppendTo(t, CaseOf(1), AsBytes("entry")));
    return Error(Code::kDenied, "test");
  };
  for (const Status& status : WriteTogether(*store, {refuse, refuse, refuse})) {
    EXPECT_EQ(status.error().code(), Code::kDenied);
  }
  EXPECT_TRUE(store->healthy());
}

// It may have been refused for what a companion wrote, which is undone.
TEST(SqliteStore, ARefusalInATransactionThatFailedIsNotToldAsOne) {
  StoreFolder folder;
  WatchedDisk disk;
  auto store = OpenStore(folder.store());
  const auto write = [&](WriteTransaction& t) -> Status {
    disk.FailSyncs(true);
    return AppendTo(t, CaseOf(1), AsBytes("entry"));
  };
  const auto refuse = [](WriteTransaction& t) -> Status {
    RENKEI_ASSIGN(const auto row, t.FindThread(CaseOf(1)));
    return row ? Status(Error(Code::kConflict, "test")) : Ok();
  };
  for (const Status& status : WriteTogether(*store, {write, refuse})) {
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code(), Code::kUnavailable);
  }
  EXPECT_FALSE(store->healthy());
  disk.FailSyncs(false);
  store.reset();
}

TEST(SqliteStore, TooMuchWaitingIsThrottled) {
  StoreFolder folder;
  // Before the store: it answers what still waits while it is taken down.
  std::promise<void> may_start;
  std::shared_future<void> started = may_start.get_future().share();
  std::atomic<int> throttled = 0;
  auto opened = SqliteStore::Open(folder.store(), {.max_waiting = 16});
  for (int i = 0; i < 40; ++i) {
    opened.store->Write(
        [started](WriteTransaction&) {
          started.wait();
          return Ok();
        },
        [&](const Status& status) {
          throttled += !status.ok() && status.error().code() == Code::kThrottled ? 1 : 0;
        });
  }
  EXPECT_GE(throttled.load(), 8);
  may_start.set_value();
}

TEST(SqliteStore, ReadersAreNotHeldUpByTheWriter) {
  StoreFolder folder;
  std::promise<void> may_go_on;
  std::shared_future<void> go_on = may_go_on.get_future().share();
  std::promise<void> is_inside;
  auto store = OpenStore(folder.store());
  ASSERT_TRUE(
      WriteTo(*store, [](WriteTransaction& t) { return AppendTo(t, CaseOf(1), Bytes{1}); }).ok());
  store->Write(
      [&](WriteTransaction& t) {
        (void)AppendTo(t, CaseOf(1), Bytes{2});
        is_inside.set_value();
        go_on.wait();
        return Ok();
      },
      [](const Status&) {});
  is_inside.get_future().wait();
  EXPECT_EQ(HeadSeq(*store, 1), 1U) << "what is not durable must not be seen";
  may_go_on.set_value();
}

// The child: appends to a few threads from several of its own, and writes what was acknowledged to
// the pipe.
[[noreturn]] void AppendUntilKilled(const std::filesystem::path& folder, int acknowledged) {
  auto opened = SqliteStore::Open(folder, {});
  if (!opened.store) {
    _exit(1);
  }
  std::vector<std::thread> writers;
  for (std::uint8_t w = 0; w < 6; ++w) {
    writers.emplace_back([&, w] {
      SystemRandom random;
      for (;;) {
        const Bytes payload = random.NextBytes(200);
        const std::uint8_t n = static_cast<std::uint8_t>(w % kCases + 1);
        const Status status = WriteTo(
            *opened.store, [&](WriteTransaction& t) { return AppendTo(t, CaseOf(n), payload); });
        if (!status.ok() || write(acknowledged, payload.data(), payload.size()) != 200) {
          _exit(2);
        }
      }
    });
  }
  for (std::thread& writer : writers) {
    writer.join();
  }
  _exit(0);
}

TEST(SqliteStore, G5_AcknowledgedEntriesSurviveKillAndAreThereOnce) {
  StoreFolder folder;
  std::set<Bytes> acknowledged;
  SystemRandom random;
  for (int round = 0; round < 12; ++round) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      close(ends[0]);
      AppendUntilKilled(folder.store(), ends[1]);
    }
    close(ends[1]);
    // Killed after a random number of acknowledgements, wherever the others are then.
    const std::size_t least = random.NextUint64() % 120 + 1;
    Bytes got(200);
    std::size_t count = 0;
    while (read(ends[0], got.data(), got.size()) == static_cast<ssize_t>(got.size())) {
      acknowledged.insert(got);
      if (++count == least) {
        kill(child, SIGKILL);
      }
    }
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child ended by itself: " << WEXITSTATUS(status);
  }
  auto store = OpenStore(folder.store());
  std::set<Bytes> kept;
  std::size_t total = 0;
  for (std::uint8_t n = 1; n <= kCases; ++n) {
    for (Bytes& payload : WalkThread(*store, n)) {
      kept.insert(std::move(payload));
      ++total;
    }
  }
  EXPECT_EQ(kept.size(), total) << "an entry is there twice";
  for (const Bytes& payload : acknowledged) {
    EXPECT_TRUE(kept.contains(payload)) << "an acknowledged entry is lost";
  }
  EXPECT_GT(acknowledged.size(), 12U);
}

// Fills the store until the disk refuses, checks that nothing is half done, makes room, goes on.
void FillUntilRefused(const std::filesystem::path& folder, const std::function<void()>& make_room) {
  auto store = OpenStore(folder);
  std::uint64_t accepted = 0;
  Status status;
  for (int i = 0; i < 2000 && status.ok(); ++i) {
    status = WriteTo(*store, [](WriteTransaction& t) -> Status {
      RENKEI_TRY(AppendTo(t, CaseOf(1), Bytes(20000, 'x')));
      return t.PutGroupInfo(CaseOf(1), Bytes(20000, 'y'));
    });
    accepted += status.ok() ? 1 : 0;
  }
  ASSERT_FALSE(status.ok()) << "the disk never became full";
  EXPECT_EQ(status.error().code(), Code::kUnavailable);
  EXPECT_FALSE(store->healthy());
  EXPECT_EQ(HeadSeq(*store, 1), accepted);
  make_room();
  EXPECT_TRUE(WriteTo(*store, [](WriteTransaction& t) {
                return AppendTo(t, CaseOf(1), AsBytes("small"));
              }).ok());
  EXPECT_TRUE(store->healthy());
  EXPECT_EQ(WalkThread(*store, 1).size(), accepted + 1);
}

TEST(SqliteStore, WriteThatTheSystemRefusesChangesNothing) {
  StoreFolder folder;
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  signal(SIGXFSZ, SIG_IGN);
  const rlimit small{2U << 20U, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  FillUntilRefused(folder.store(), [&] { setrlimit(RLIMIT_FSIZE, &before); });
  setrlimit(RLIMIT_FSIZE, &before);
}

TEST(SqliteStore, FullDiskChangesNothingAndIsOverWhenThereIsRoom) {
  StoreFolder folder;
  const std::filesystem::path disk = folder.path() / "disk";
  std::filesystem::create_directory(disk);
  if (mount("none", disk.c_str(), "tmpfs", 0, "size=3m") != 0) {
    GTEST_SKIP() << "needs the right to mount a small disk";
  }
  std::ofstream(disk / "ballast") << std::string(500000, 'b');
  FillUntilRefused(disk / "store", [&] { std::filesystem::remove(disk / "ballast"); });
  EXPECT_EQ(umount(disk.c_str()), 0);
}

// What is there can be read, though nothing can be written, not even what a start would like to.
TEST(SqliteStore, StartsOnADiskThatIsFull) {
  StoreFolder folder;
  const std::filesystem::path disk = folder.path() / "disk";
  std::filesystem::create_directory(disk);
  if (mount("none", disk.c_str(), "tmpfs", 0, "size=3m") != 0) {
    GTEST_SKIP() << "needs the right to mount a small disk";
  }
  {
    ASSERT_TRUE(WriteTo(*OpenStore(disk / "store"), [](WriteTransaction& t) {
                  return AppendTo(t, CaseOf(1), AsBytes("entry"));
                }).ok());
    std::ofstream(disk / "ballast") << std::string(std::size_t{4} << 20U, 'b');
    // Room for SQLite's shared memory and the log's header, not for a frame.
    std::filesystem::resize_file(disk / "ballast",
                                 std::filesystem::file_size(disk / "ballast") - 9 * 4096);
    server::SqliteOptions options;
    options.log_room = true;
    const auto opened = SqliteStore::Open(disk / "store", options);
    ASSERT_TRUE(opened.store) << opened.problem;
    EXPECT_EQ(HeadSeq(*opened.store, 1), 1U);
    EXPECT_FALSE(WriteTo(*opened.store, [](WriteTransaction& t) {
                   return AppendTo(t, CaseOf(1), AsBytes("no room"));
                 }).ok());
  }
  EXPECT_EQ(umount(disk.c_str()), 0);
}

// After a failed fsync the kernel may have dropped the pages that it could not write, and the next
// fsync says nothing of it: only a restart reads what is there.
TEST(SqliteStore, G5_AfterAFailedSyncNothingIsAcknowledgedUntilARestart) {
  StoreFolder folder;
  WatchedDisk disk;
  const auto append = [](WriteTransaction& t) { return AppendTo(t, CaseOf(1), AsBytes("entry")); };
  auto store = OpenStore(folder.store());
  ASSERT_TRUE(WriteTo(*store, append).ok());
  disk.FailSyncs(true);
  EXPECT_EQ(WriteTo(*store, append).error().code(), Code::kUnavailable);
  disk.FailSyncs(false);
  for (int i = 0; i < 2; ++i) {
    const Status status = WriteTo(*store, append);
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code(), Code::kUnavailable);
    EXPECT_FALSE(store->healthy());
  }
  EXPECT_EQ(HeadSeq(*store, 1), 1U) << "reading goes on";
  store.reset();
  store = OpenStore(folder.store());
  const std::size_t before = WalkThread(*store, 1).size();
  EXPECT_GE(before, 1U);
  EXPECT_TRUE(WriteTo(*store, append).ok());
  EXPECT_TRUE(store->healthy());
  EXPECT_EQ(WalkThread(*store, 1).size(), before + 1);
  store.reset();
}

// It is not the writer's connection that failed then: the operator is told why all the same.
TEST(SqliteStore, G5_AFailedSyncOfTheLogsCopyIsAsFinalAndItsCodeIsKept) {
  StoreFolder folder;
  WatchedDisk disk;
  auto store = OpenStore(folder.store());
  Status status;
  for (int i = 0; i < 2000 && status.ok(); ++i) {
    status = WriteTo(*store, [&](WriteTransaction& t) {
      disk.FailSyncsElsewhere(std::this_thread::get_id());
      return AppendTo(t, CaseOf(1), Bytes(60000, 'x'));
    });
  }
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code(), Code::kUnavailable);
  EXPECT_FALSE(store->healthy());
  EXPECT_EQ(store->last_failure(), SQLITE_IOERR_FSYNC);
  disk.FailSyncs(false);
  EXPECT_FALSE(WriteTo(*store, [](WriteTransaction&) { return Ok(); }).ok());
  // A fault that has no code of its own.
  EXPECT_FALSE(
      store->Read([](ReadTransaction&) { return Status(Error(Code::kUnavailable, "test")); }).ok());
  EXPECT_EQ(store->last_failure(), SQLITE_IOERR_FSYNC);
  store.reset();
}

TEST(SqliteStore, SecondRelayOnTheSameFolderIsRefused) {
  StoreFolder folder;
  auto store = OpenStore(folder.store());
  const auto second = SqliteStore::Open(folder.store(), {});
  EXPECT_FALSE(second.store);
  EXPECT_THAT(second.problem, testing::HasSubstr("another relay is running"));
  EXPECT_THAT(second.problem, testing::Not(testing::HasSubstr("damaged")));
}

TEST(SqliteStore, DamagedOneIsRefusedAndKept) {
  StoreFolder folder;
  ASSERT_TRUE(WriteTo(*OpenStore(folder.store()), [](WriteTransaction& t) {
                return AppendTo(t, CaseOf(1), AsBytes("entry"));
              }).ok());
  const auto file = folder.store() / server::kDatabaseFile;
  RowsOf(file, "DELETE FROM entries");
  const auto opened = SqliteStore::Open(folder.store(), {});
  EXPECT_FALSE(opened.store);
  EXPECT_THAT(opened.problem, testing::HasSubstr("is damaged and is not served"));
  EXPECT_THAT(opened.problem, testing::HasSubstr("backup"));
  EXPECT_EQ(RowsOf(file, "SELECT head_seq FROM threads"), std::vector<std::string>{"1|"});
}

TEST(SqliteStore, G5_DamageThatNobodyReadsTurnsItUnhealthyWhereItIsScrubbed) {
  StoreFolder folder;
  ASSERT_TRUE(WriteTo(*OpenStore(folder.store()), [](WriteTransaction& t) -> Status {
                RENKEI_TRY(AppendTo(t, CaseOf(1), AsBytes("old")));
                return AppendTo(t, CaseOf(1), AsBytes("head"));
              }).ok());
  server::SqliteOptions options;
  options.scrub_every = std::chrono::hours(1);
  auto sound = SqliteStore::Open(folder.store(), options);
  ASSERT_TRUE(sound.store) << sound.problem;
  while (!sound.store->scrubbed()) {
    std::this_thread::yield();
  }
  EXPECT_TRUE(sound.store->healthy());
  sound.store.reset();
  RowsOf(folder.store() / server::kDatabaseFile,
         "UPDATE entries SET payload = CAST('new' AS BLOB) WHERE seq = 1");
  const auto damaged = SqliteStore::Open(folder.store(), options);
  ASSERT_TRUE(damaged.store) << damaged.problem;
  while (!damaged.store->damaged()) {
    std::this_thread::yield();
  }
  EXPECT_FALSE(damaged.store->healthy());
  EXPECT_EQ(damaged.store->scrubbed(), std::nullopt);
}

TEST(SqliteStore, OneWhoseDatabaseIsGoneIsNotMadeAnew) {
  StoreFolder folder;
  OpenStore(folder.store()).reset();
  std::filesystem::remove(folder.store() / server::kDatabaseFile);
  const auto refused = SqliteStore::Open(folder.store(), {});
  EXPECT_FALSE(refused.store) << "an empty store in place of a lost one would be served";
  EXPECT_THAT(refused.problem, testing::HasSubstr("is gone"));
  EXPECT_FALSE(std::filesystem::exists(folder.store() / server::kDatabaseFile));
}

TEST(SqliteStore, FolderThatCannotBeMadeIsTold) {
  const auto opened = SqliteStore::Open("/nonexistent/folder/store", {});
  EXPECT_FALSE(opened.store);
  EXPECT_THAT(opened.problem, testing::HasSubstr("cannot be made"));
}

}  // namespace
}  // namespace renkei::test
