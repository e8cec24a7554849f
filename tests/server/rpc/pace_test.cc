#include "server/rpc/pace.h"

#include <gtest/gtest.h>

namespace renkei::test {
namespace {

using server::Pace;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Pace::Time kStart{seconds(1000)};
constexpr Pace::Duration kNow = Pace::Duration::zero();
// One each 5 ms at once, four of them in a row.
constexpr Pace::Limits kLimits{200, 4, milliseconds(40)};

// How many go out at once at this moment.
int AtOnce(Pace& pace, Pace::Time now) {
  int out = 0;
  while (out < 1000 && pace.Wait(now, now) == kNow) {
    ++out;
  }
  return out;
}

TEST(Pace, FewGoOutAtOnce) {
  Pace pace(kLimits, kStart);
  for (int i = 0; i < 100; ++i) {
    const auto now = kStart + i * milliseconds(5);
    EXPECT_EQ(pace.Wait(now, now), kNow) << i;
  }
}

TEST(Pace, AfterARestSoManyInARowAndNoMore) {
  Pace pace(kLimits, kStart);
  EXPECT_EQ(AtOnce(pace, kStart), 4);
  EXPECT_EQ(AtOnce(pace, kStart + milliseconds(10)), 2);
  EXPECT_EQ(AtOnce(pace, kStart + seconds(10)), 4);
}

TEST(Pace, BeyondThemEachWaitsForTheNextTurn) {
  Pace pace(kLimits, kStart);
  AtOnce(pace, kStart);
  EXPECT_EQ(pace.Wait(kStart, kStart), milliseconds(5));
  EXPECT_EQ(pace.Wait(kStart, kStart + milliseconds(3)), milliseconds(2));
  // Not woken more often than every millisecond.
  EXPECT_EQ(pace.Wait(kStart, kStart + std::chrono::microseconds(4500)), milliseconds(1));
  EXPECT_EQ(pace.Wait(kStart, kStart + std::chrono::microseconds(5500)), kNow);
}

TEST(Pace, NoneWaitsLonger) {
  Pace pace({0.001, 4, milliseconds(40)}, kStart);
  AtOnce(pace, kStart);
  EXPECT_EQ(pace.Wait(kStart, kStart + milliseconds(30)), milliseconds(10));
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(pace.Wait(kStart, kStart + milliseconds(40)), kNow) << i;
    EXPECT_EQ(pace.Wait(kStart - seconds(1), kStart + milliseconds(40)), kNow) << i;
  }
  // Who came later is not due with them.
  EXPECT_EQ(pace.Wait(kStart + milliseconds(20), kStart + milliseconds(40)), milliseconds(20));
}

// Delivery has 50 ms (design, budgets).
TEST(Pace, OnThisMachineNobodyWaitsAsLongAsADeliveryMayTake) {
  const Pace::Limits limits = Pace::ForThisMachine();
  EXPECT_GE(limits.per_second, 2500);
  EXPECT_GE(limits.in_a_row, 250);
  EXPECT_LT(limits.longest, milliseconds(50));
}

}  // namespace
}  // namespace renkei::test
