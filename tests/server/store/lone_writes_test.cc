#include "server/store/lone_writes.h"

#include <gtest/gtest.h>

#include <chrono>

namespace renkei::test {
namespace {

using server::LoneWrites;
using server::Nanos;
using server::WriteTurn;
using server::WrittenBy;

constexpr Nanos kQuick = std::chrono::milliseconds(2);
constexpr WriteTurn kLone{.written = 1, .waiting = 0, .took = kQuick, .by = WrittenBy::kStore};
constexpr WriteTurn kLoneCaller{.written = 1, .took = kQuick, .by = WrittenBy::kCaller};

void End(LoneWrites& writes, const WriteTurn& turn, std::size_t times) {
  for (std::size_t i = 0; i < times; ++i) {
    writes.Ended(turn);
  }
}

TEST(LoneWrites, ACallerWritesItselfOnceItWasSeenToBeAlone) {
  LoneWrites writes(kQuick);
  End(writes, kLone, LoneWrites::kShown - 1);
  EXPECT_FALSE(writes.MayWriteItself());
  End(writes, kLone, 1);
  EXPECT_TRUE(writes.MayWriteItself());
}

TEST(LoneWrites, WhoIsSeenBesideItBeginsTheCountAnew) {
  const WriteTurn several{.written = 2, .waiting = 0, .took = kQuick, .by = WrittenBy::kStore};
  const WriteTurn behind{.written = 1, .waiting = 1, .took = kQuick, .by = WrittenBy::kStore};
  for (const WriteTurn& turn : {several, behind}) {
    for (const WrittenBy by : {WrittenBy::kStore, WrittenBy::kCaller}) {
      LoneWrites writes(kQuick);
      End(writes, kLone, LoneWrites::kShown);
      WriteTurn not_lone = turn;
      not_lone.by = by;
      writes.Ended(not_lone);
      EXPECT_FALSE(writes.MayWriteItself());
      End(writes, kLone, LoneWrites::kShown - 1);
      EXPECT_FALSE(writes.MayWriteItself());
      End(writes, kLone, 1);
      EXPECT_TRUE(writes.MayWriteItself());
    }
  }
}

constexpr WriteTurn kSlow{.written = 1, .took = kQuick + Nanos(1), .by = WrittenBy::kCaller};

TEST(LoneWrites, ADiskThatIsSlowNowAndThenIsNoSlowDisk) {
  LoneWrites writes(kQuick);
  End(writes, kLone, LoneWrites::kMost);
  for (int i = 0; i < 20; ++i) {
    End(writes, kSlow, 1);
    ASSERT_TRUE(writes.MayWriteItself()) << i;
    End(writes, kLoneCaller, LoneWrites::kSlowTakes);
    ASSERT_TRUE(writes.MayWriteItself()) << i;
  }
}

TEST(LoneWrites, ADiskThatIsSlowMoreOftenIsLeftToTheStore) {
  LoneWrites writes(kQuick);
  End(writes, kLone, LoneWrites::kMost);
  int slow = 0;
  for (; writes.MayWriteItself() && slow < 100; ++slow) {
    End(writes, kSlow, 1);
    End(writes, kLoneCaller, LoneWrites::kSlowTakes / 2);
  }
  EXPECT_LT(slow, 10);
  EXPECT_GT(slow, 1);
  LoneWrites always(kQuick);
  WriteTurn by_store = kSlow;
  by_store.by = WrittenBy::kStore;
  End(always, by_store, 10 * LoneWrites::kShown);
  EXPECT_FALSE(always.MayWriteItself());
}

// Those behind it on its thread come to the store only when it looks again.
TEST(LoneWrites, ItIsBelievedForAWhileAndLookedAtAnew) {
  LoneWrites writes(kQuick);
  End(writes, kLone, LoneWrites::kShown);
  for (int round = 0; round < 3; ++round) {
    End(writes, kLoneCaller, LoneWrites::kBelieved - 1);
    EXPECT_TRUE(writes.MayWriteItself());
    End(writes, kLoneCaller, 1);
    EXPECT_FALSE(writes.MayWriteItself());
    End(writes, kLone, LoneWrites::kAgain - 1);
    EXPECT_FALSE(writes.MayWriteItself());
    End(writes, kLone, 1);
    EXPECT_TRUE(writes.MayWriteItself());
  }
}

TEST(LoneWrites, WhoIsSeenWhenItIsLookedAtAnewEndsIt) {
  LoneWrites writes(kQuick);
  End(writes, kLone, LoneWrites::kShown);
  End(writes, kLoneCaller, LoneWrites::kBelieved);
  WriteTurn behind = kLone;
  behind.waiting = 1;
  End(writes, behind, 1);
  End(writes, kLone, LoneWrites::kShown - 1);
  EXPECT_FALSE(writes.MayWriteItself());
}

}  // namespace
}  // namespace renkei::test
