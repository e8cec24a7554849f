// What the store tells its meter.
#include <signal.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>

#include "tests/server/store/store_fixture.h"

namespace renkei::test {
namespace {

using server::SqliteStore;
using server::WriteTransaction;

// The store's thread tells before it answers.
class StoreMeter final : public server::Meter {
 public:
  void Committed(const server::CommitStats& stats) override {
    ++transactions;
    writes += stats.writes;
    entries += stats.entries;
    largest = std::max(largest.load(), stats.writes);
    has_time = has_time || stats.commit.count() > 0;
  }
  void CommitFailed() override { ++failed; }
  void LimitHit(server::Limit limit) override {
    EXPECT_EQ(limit, server::Limit::kWaitingWrites);
    ++limits;
  }

  std::atomic<std::size_t> transactions = 0;
  std::atomic<std::size_t> writes = 0;
  std::atomic<std::size_t> entries = 0;
  std::atomic<std::size_t> largest = 0;
  std::atomic<std::size_t> failed = 0;
  std::atomic<std::size_t> limits = 0;
  std::atomic<bool> has_time = false;
};

class MeteredStore : public ::testing::Test {
 protected:
  void Open(std::size_t max_waiting) {
    auto opened = SqliteStore::Open(folder.store(), {.max_waiting = max_waiting, .meter = &meter});
    ASSERT_TRUE(opened.store) << opened.problem;
    store = std::move(opened.store);
  }
  // Holds the writer up, so that what comes behind goes together.
  void Hold() {
    store->Write(
        [started = started](WriteTransaction&) {
          started.wait();
          return Ok();
        },
        [](const Status&) {});
  }

  StoreFolder folder;
  StoreMeter meter;
  std::promise<void> may_start;
  std::shared_future<void> started = may_start.get_future().share();
  std::unique_ptr<SqliteStore> store;
};

TEST_F(MeteredStore, TransactionsWithTheirSizeAndTheEntriesThatTheyAdded) {
  Open(1000);
  Hold();
  for (int i = 0; i < 20; ++i) {
    store->Write([](WriteTransaction& t) { return AppendTo(t, CaseOf(1), AsBytes("entry")); },
                 [](const Status& status) { EXPECT_TRUE(status.ok()); });
  }
  may_start.set_value();
  ASSERT_TRUE(WriteTo(*store, [](WriteTransaction&) { return Ok(); }).ok());
  EXPECT_EQ(meter.writes.load(), 22U);
  EXPECT_EQ(meter.entries.load(), 20U);
  EXPECT_LT(meter.transactions.load(), 22U);
  EXPECT_GE(meter.largest.load(), 10U) << "what waits goes together";
  EXPECT_TRUE(meter.has_time.load());
  EXPECT_EQ(meter.failed.load(), 0U);
}

// Its caller was refused, after it had written: the store is not to blame, and nothing counts
// twice.
TEST_F(MeteredStore, WhatItsCallerUndidIsNoFailureAndNoEntry) {
  Open(1000);
  const Status undone = WriteTo(*store, [](WriteTransaction& t) -> Status {
    RENKEI_TRY(AppendTo(t, CaseOf(1), AsBytes("entry")));
    return Error(Code::kDenied, "test");
  });
  EXPECT_FALSE(undone.ok());
  ASSERT_TRUE(WriteTo(*store, [](WriteTransaction& t) {
                return AppendTo(t, CaseOf(1), AsBytes("entry"));
              }).ok());
  EXPECT_EQ(meter.entries.load(), 1U);
  EXPECT_EQ(meter.failed.load(), 0U);
}

TEST_F(MeteredStore, TooMuchWaitingIsALimit) {
  Open(16);
  Hold();
  for (int i = 0; i < 40; ++i) {
    store->Write([](WriteTransaction&) { return Ok(); }, [](const Status&) {});
  }
  EXPECT_GE(meter.limits.load(), 8U);
  EXPECT_GE(store->waiting(), 15U);
  may_start.set_value();
}

TEST_F(MeteredStore, ATransactionThatTheDiskRefusesFailed) {
  Open(1000);
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  signal(SIGXFSZ, SIG_IGN);
  const rlimit small{1U << 20U, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  Status status;
  for (int i = 0; i < 2000 && status.ok(); ++i) {
    status = WriteTo(*store,
                     [](WriteTransaction& t) { return AppendTo(t, CaseOf(1), Bytes(20000, 'x')); });
  }
  setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_FALSE(status.ok());
  EXPECT_GT(meter.failed.load(), 0U);
}

}  // namespace
}  // namespace renkei::test
