#include "server/rpc/watch_pump.h"

#include <gtest/gtest.h>

#include <functional>
#include <future>
#include <thread>

namespace renkei::test {
namespace {

struct Stream : server::Pumped {
  explicit Stream(std::function<void()> what) : pump(std::move(what)) {}
  void Pump() override { pump(); }

  std::function<void()> pump;
};

// Holds the pump up inside the first stream until it is let go.
class Held : public ::testing::Test {
 protected:
  void SetUp() override {
    pump.Schedule(std::make_shared<Stream>([this] {
      is_inside.set_value();
      go_on.get_future().wait();
    }));
    is_inside.get_future().wait();
  }
  // Lets go, and waits until everything before has been pumped.
  void Finish() {
    std::promise<void> last;
    pump.Schedule(std::make_shared<Stream>([&] { last.set_value(); }));
    go_on.set_value();
    last.get_future().wait();
  }

  std::promise<void> is_inside;
  std::promise<void> go_on;
  server::WatchPump pump{std::nullopt};
};

TEST_F(Held, StreamThatWaitsIsInTheQueueOnce) {
  int pumped = 0;
  const auto stream = std::make_shared<Stream>([&] { ++pumped; });
  pump.Schedule(stream);
  pump.Schedule(stream);
  pump.Schedule(stream);
  Finish();
  EXPECT_EQ(pumped, 1);
}

TEST_F(Held, StreamsArePumpedInTheOrderInWhichTheyCame) {
  std::string order;
  for (const char name : {'a', 'b', 'c'}) {
    pump.Schedule(std::make_shared<Stream>([&order, name] { order += name; }));
  }
  Finish();
  EXPECT_EQ(order, "abc");
}

TEST(WatchPump, WhatChangesWhileAStreamReadsQueuesItAgain) {
  std::promise<void> twice;
  int pumped = 0;
  server::WatchPump pump(std::nullopt);
  std::weak_ptr<Stream> self;
  const auto stream = std::make_shared<Stream>([&] {
    if (++pumped == 1) {
      pump.Schedule(self.lock());  // as a mark would that comes while it reads
    } else {
      twice.set_value();
    }
  });
  self = stream;
  pump.Schedule(stream);
  EXPECT_EQ(twice.get_future().wait_for(std::chrono::seconds(20)), std::future_status::ready);
}

// What comes to a stream while it waits goes out with the rest.
TEST(WatchPump, WhereManyGoOutEachWaitsForMoreAndNotLonger) {
  constexpr std::chrono::milliseconds kLongest{300};
  server::WatchPump pump(server::Pace::Limits{0.001, 1, kLongest});
  std::promise<void> first;
  pump.Schedule(std::make_shared<Stream>([&] { first.set_value(); }));
  first.get_future().wait();
  int pumped = 0;
  std::promise<std::chrono::steady_clock::time_point> second;
  const auto stream = std::make_shared<Stream>([&] {
    ++pumped;
    second.set_value(std::chrono::steady_clock::now());
  });
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 10; ++i) {
    pump.Schedule(stream);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_GE(second.get_future().get() - begin, kLongest);
  EXPECT_EQ(pumped, 1);
}

TEST(WatchPump, WhatWaitsForMoreDoesNotHoldUpTheEnd) {
  const auto begin = std::chrono::steady_clock::now();
  {
    server::WatchPump pump(server::Pace::Limits{0.001, 0, std::chrono::hours(1)});
    pump.Schedule(std::make_shared<Stream>([] { ADD_FAILURE() << "its time had not come"; }));
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::minutes(1));
}

}  // namespace
}  // namespace renkei::test
