#include "server/rpc/watch_pump.h"

#include <gtest/gtest.h>

#include <functional>
#include <future>

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
  server::WatchPump pump;
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
  server::WatchPump pump;
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

}  // namespace
}  // namespace renkei::test
