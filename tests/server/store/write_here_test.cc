// A caller who is alone writes itself (SqliteStore::WriteHereIfAlone): what it does, and what it
// must not change.
#include <atomic>
#include <thread>

#include "server/store/lone_writes.h"
#include "tests/server/store/store_fixture.h"

namespace renkei::test {
namespace {

using server::LoneWrites;
using server::SqliteStore;
using server::WriteTransaction;

class WriteHere : public ::testing::Test {
 protected:
  void SetUp() override { Open(std::chrono::hours(1)); }
  // quick: of the disk.
  void Open(std::chrono::nanoseconds quick) {
    store.reset();
    auto opened = SqliteStore::Open(folder.store(), {.quick = quick});
    ASSERT_TRUE(opened.store) << opened.problem;
    store = std::move(opened.store);
  }
  // One after the other, each waited for.
  void ShowOneCaller() {
    for (std::size_t i = 0; i < LoneWrites::kShown; ++i) {
      ASSERT_TRUE(WriteTo(*store, [](WriteTransaction&) { return Ok(); }).ok());
    }
    // Its turn ends after the last of them was told.
    while (!IsWrittenHere()) {
      std::this_thread::yield();
    }
  }
  bool IsWrittenHere() {
    auto told = std::make_shared<std::promise<std::thread::id>>();
    store->WriteHereIfAlone([](WriteTransaction&) { return Ok(); }, {},
                            [told](const Status&) { told->set_value(std::this_thread::get_id()); });
    return told->get_future().get() == std::this_thread::get_id();
  }

  StoreFolder folder;
  std::unique_ptr<SqliteStore> store;
};

TEST_F(WriteHere, OneCallerAtATimeIsAnsweredBeforeTheCallReturnsAndItIsDurable) {
  ShowOneCaller();
  int hooks = 0;
  std::optional<Status> told;
  store->AfterDones([&] {
    EXPECT_TRUE(told.has_value());
    ++hooks;
  });
  store->WriteHereIfAlone([](WriteTransaction& t) { return AppendTo(t, CaseOf(1), Bytes{7}); }, {},
                          [&](const Status& status) { told = status; });
  ASSERT_TRUE(told.has_value());
  EXPECT_TRUE(told->ok());
  EXPECT_EQ(hooks, 1);
  store->AfterDones({});
  Open(std::chrono::hours(1));
  const auto row =
      ReadFrom(*store, [](server::ReadTransaction& t) { return t.FindThread(CaseOf(1)); });
  ASSERT_TRUE(row.has_value());
  EXPECT_EQ(row->head.seq, 1U);
}

TEST_F(WriteHere, WhatTheAnswerNeedsIsDoneBetweenTheWorkAndTheAnswer) {
  ShowOneCaller();
  std::vector<std::string> order;
  const auto write = [&](bool has_written) {
    store->WriteHereIfAlone(
        [&, has_written](WriteTransaction& t) {
          order.emplace_back("work");
          return has_written ? AppendTo(t, CaseOf(1), Bytes{7}) : Ok();
        },
        [&] { order.emplace_back("meanwhile"); },
        [&](const Status& /*status*/) { order.emplace_back("done"); });
    return std::exchange(order, {});
  };
  EXPECT_THAT(write(true), testing::ElementsAre("work", "meanwhile", "done"));
  EXPECT_THAT(write(false), testing::ElementsAre("work", "done"));
}

TEST_F(WriteHere, NotBeforeItWasSeenNorWhereTheDiskIsSlow) {
  EXPECT_FALSE(IsWrittenHere());
  Open(std::chrono::nanoseconds(1));
  for (std::size_t i = 0; i < 3 * LoneWrites::kShown; ++i) {
    EXPECT_FALSE(IsWrittenHere());
  }
}

TEST_F(WriteHere, ARefusalIsToldAndNothingOfItStays) {
  ShowOneCaller();
  std::optional<Status> told;
  store->WriteHereIfAlone(
      [](WriteTransaction& t) -> Status {
        RENKEI_TRY(AppendTo(t, CaseOf(1), Bytes{7}));
        return Error(Code::kDenied, "test: no");
      },
      [] { ADD_FAILURE() << "nothing is on its way to the disk"; },
      [&](const Status& status) { told = status; });
  ASSERT_TRUE(told.has_value());
  EXPECT_EQ(told->error().code(), Code::kDenied);
  EXPECT_FALSE(
      ReadFrom(*store, [](server::ReadTransaction& t) { return t.FindThread(CaseOf(1)); }));
  EXPECT_TRUE(store->healthy());
}

// What waits was there first, whoever writes it.
TEST_F(WriteHere, ItNeverOvertakes) {
  ShowOneCaller();
  std::promise<void> is_inside;
  std::promise<void> go_on;
  std::vector<int> order;  // in turns only
  std::promise<void> all;
  store->Write(
      [&](WriteTransaction&) {
        is_inside.set_value();
        go_on.get_future().wait();
        return Ok();
      },
      [&](const Status&) { order.push_back(0); });
  is_inside.get_future().wait();
  store->WriteHereIfAlone([](WriteTransaction&) { return Ok(); }, {},
                          [&](const Status&) { order.push_back(1); });
  store->Write([](WriteTransaction&) { return Ok(); }, [&](const Status&) { order.push_back(2); });
  store->WriteHereIfAlone([](WriteTransaction&) { return Ok(); }, {},
                          [&](const Status&) {
                            order.push_back(3);
                            all.set_value();
                          });
  go_on.set_value();
  all.get_future().wait();
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3}));
}

TEST_F(WriteHere, WhoWritesAgainWhileItIsToldWaitsForItsTurn) {
  ShowOneCaller();
  std::promise<Status> second;
  bool is_inside = false;
  store->WriteHereIfAlone([](WriteTransaction&) { return Ok(); }, {},
                          [&](const Status&) {
                            is_inside = true;
                            store->WriteHereIfAlone(
                                [&](WriteTransaction& t) {
                                  EXPECT_FALSE(is_inside);
                                  return AppendTo(t, CaseOf(1), Bytes{8});
                                },
                                {}, [&](const Status& status) { second.set_value(status); });
                            is_inside = false;
                          });
  EXPECT_TRUE(second.get_future().get().ok());
}

// One caller who sends the next as soon as the last is answered may come before the turn is over.
TEST_F(WriteHere, WhoWasAnsweredIsNotBesideThemselves) {
  ShowOneCaller();
  std::promise<void> second;
  const auto nothing = [](WriteTransaction&) { return Ok(); };
  store->WriteHereIfAlone(nothing, {}, [&](const Status&) {
    store->WriteHereIfAlone(nothing, {}, [&](const Status&) { second.set_value(); });
  });
  second.get_future().wait();
  // The second's turn ends after it was told.
  int tries = 0;
  while (!IsWrittenHere()) {
    ASSERT_LT(++tries, 8);
  }
}

// Both ways, from many threads, with pauses in which one is alone: everything once, each thread's
// own in order, nobody told while another is.
TEST_F(WriteHere, ManyCallersComeAndGo) {
  constexpr std::uint8_t kCallers = 4;
  constexpr std::uint8_t kEach = 120;
  std::atomic<int> telling = 0;
  std::atomic<int> here = 0;
  const auto append = [&](std::uint8_t n, std::uint8_t i) {
    std::promise<void> told;
    const std::thread::id caller = std::this_thread::get_id();
    const server::Store::Work work = [&, n, i](WriteTransaction& t) {
      here += std::this_thread::get_id() == caller ? 1 : 0;
      return AppendTo(t, CaseOf(n), Bytes{n, i});
    };
    const server::Store::Done done = [&](const Status& status) {
      EXPECT_EQ(++telling, 1);
      EXPECT_TRUE(status.ok());
      --telling;
      told.set_value();
    };
    if (i % 5 == 4) {
      store->Write(work, done);
    } else {
      store->WriteHereIfAlone(work, {}, done);
    }
    told.get_future().wait();
  };
  ShowOneCaller();
  for (std::uint8_t i = 0; i < kEach; ++i) {
    append(0, i);
  }
  std::vector<std::thread> callers;
  for (std::uint8_t n = 1; n <= kCallers; ++n) {
    callers.emplace_back([&, n] {
      for (std::uint8_t i = 0; i < kEach; ++i) {
        append(n, i);
      }
    });
  }
  for (std::thread& caller : callers) {
    caller.join();
  }
  EXPECT_GT(here.load(), 0);
  for (std::uint8_t n = 0; n <= kCallers; ++n) {
    const auto entries = ReadFrom(*store, [&](server::ReadTransaction& t) {
      return t.ReadEntries(CaseOf(n), 1, UINT64_MAX, SIZE_MAX, SIZE_MAX);
    });
    ASSERT_EQ(entries.size(), kEach);
    for (std::uint8_t i = 0; i < kEach; ++i) {
      EXPECT_EQ(entries[i].payload, (Bytes{n, i}));
    }
  }
}

}  // namespace
}  // namespace renkei::test
