#include "server/store/write_queue.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

namespace renkei::test {
namespace {

using server::LoneWrites;
using server::Nanos;
using server::WrittenBy;
using Queue = server::WriteQueue<int>;

constexpr Nanos kQuick = std::chrono::milliseconds(1);

void ShowOneCaller(Queue& queue) {
  for (std::size_t i = 0; i < LoneWrites::kShown; ++i) {
    ASSERT_TRUE(queue.Put(0));
    ASSERT_EQ(queue.Take(1).size(), 1U);
    queue.EndTurn({1, 0, kQuick, WrittenBy::kStore});
  }
}

TEST(WriteQueue, GivesWhatWaitsInItsOrderAndNotMoreThanIsAskedFor) {
  Queue queue(3, kQuick);
  EXPECT_TRUE(queue.Put(1));
  EXPECT_TRUE(queue.Put(2));
  EXPECT_TRUE(queue.Put(3));
  EXPECT_FALSE(queue.Put(4));
  EXPECT_EQ(queue.Take(2), (std::vector<int>{1, 2}));
  EXPECT_EQ(queue.size(), 1U);
  queue.EndTurn({2, 0, kQuick, WrittenBy::kStore});
  EXPECT_EQ(queue.Take(2), (std::vector<int>{3}));
}

TEST(WriteQueue, ACallerHasATurnOnlyWhereItIsAlone) {
  Queue queue(3, kQuick);
  EXPECT_FALSE(queue.TryTurn());
  ShowOneCaller(queue);
  ASSERT_TRUE(queue.TryTurn());
  EXPECT_FALSE(queue.TryTurn());  // somebody's turn
  queue.EndTurn({1, 0, kQuick, WrittenBy::kCaller});
  ASSERT_TRUE(queue.Put(1));
  EXPECT_FALSE(queue.TryTurn());  // before what waits
  ASSERT_EQ(queue.Take(1).size(), 1U);
  EXPECT_FALSE(queue.TryTurn());  // the store's, though nothing waits
  queue.EndTurn({1, 0, kQuick, WrittenBy::kStore});
  EXPECT_TRUE(queue.TryTurn());
}

TEST(WriteQueue, TheStoresThreadWaitsForACallersTurn) {
  Queue queue(3, kQuick);
  ShowOneCaller(queue);
  ASSERT_TRUE(queue.TryTurn());
  std::atomic<bool> is_over = false;
  ASSERT_TRUE(queue.Put(7));
  std::thread store([&] {
    EXPECT_EQ(queue.Take(1), (std::vector<int>{7}));
    EXPECT_TRUE(is_over.load());
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  is_over = true;
  queue.EndTurn({1, 0, kQuick, WrittenBy::kCaller});
  store.join();
}

TEST(WriteQueue, ClosedItIsDrainedAndTakesNothingMore) {
  Queue queue(3, kQuick);
  ShowOneCaller(queue);
  ASSERT_TRUE(queue.Put(1));
  queue.Close();
  EXPECT_FALSE(queue.Put(2));
  EXPECT_EQ(queue.Take(5), (std::vector<int>{1}));
  queue.EndTurn({1, 0, kQuick, WrittenBy::kStore});
  EXPECT_FALSE(queue.TryTurn());
  EXPECT_TRUE(queue.Take(5).empty());
}

}  // namespace
}  // namespace renkei::test
