#include "server/core/elapsed.h"

#include <gtest/gtest.h>

namespace renkei::server {
namespace {

constexpr Elapsed kNow{{1}, {5'000'000}};
constexpr Millis kWall{1'700'000'000'000};

TEST(AlertTimers, RunOnElapsedTimeWithinOneStartOfTheMachine) {
  const AlertTimer timer = StartTimer(kNow, kWall, Minutes(5));
  EXPECT_EQ(RemainingOf(timer, kNow, kWall), Minutes(5));
  const Elapsed later{kNow.boot, kNow.since + Minutes(2)};
  for (const Millis wall : {kWall, kWall - Days(900), kWall + Days(900)}) {
    EXPECT_EQ(RemainingOf(timer, later, wall), Minutes(3));
  }
}

TEST(AlertTimers, SayHowLateTheyAre) {
  const AlertTimer timer = StartTimer(kNow, kWall, Minutes(5));
  EXPECT_EQ(RemainingOf(timer, {kNow.boot, kNow.since + Minutes(7)}, kWall), Minutes(-2));
}

TEST(AlertTimers, RunOnTheWallClockOverAnotherStartWithinTheirOwnLength) {
  const AlertTimer timer = StartTimer(kNow, kWall, Minutes(5));
  const Elapsed other{{2}, {1000}};
  EXPECT_EQ(RemainingOf(timer, other, kWall + Minutes(2)), Minutes(3));
  EXPECT_EQ(RemainingOf(timer, other, kWall + Days(900)), Millis{0});
  EXPECT_EQ(RemainingOf(timer, other, kWall - Days(900)), Minutes(5));
}

TEST(SystemElapsed, GoesForwardAndKnowsItsStart) {
  const SystemElapsedClock one;
  const SystemElapsedClock two;
  const Elapsed first = one.Now();
  const Elapsed second = two.Now();
  EXPECT_LE(first.since, second.since);
  EXPECT_GT(first.since, Millis{0});
  EXPECT_NE(first.boot, (ByteArray<16>{}));
}

TEST(SameElapsed, IsTheOneClock) {
  const ManualClock clock(kWall);
  EXPECT_EQ(SameElapsedClock(clock).Now().since, kWall);
}

}  // namespace
}  // namespace renkei::server
