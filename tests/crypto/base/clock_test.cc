#include "crypto/base/clock.h"

#include <gtest/gtest.h>

namespace renkei {
namespace {

TEST(Millis, UnitsAgree) {
  EXPECT_EQ(Seconds(1).value, 1000);
  EXPECT_EQ(Minutes(1), Seconds(60));
  EXPECT_EQ(Hours(1), Minutes(60));
  EXPECT_EQ(Days(1), Hours(24));
  EXPECT_EQ(Days(-1) + Days(1), Millis{});
}

TEST(Millis, AddSubtractAndCompare) {
  EXPECT_EQ(Seconds(5) + Seconds(2), Seconds(7));
  EXPECT_EQ(Seconds(5) - Seconds(7), Seconds(-2));
  EXPECT_LT(Seconds(1), Seconds(2));
  EXPECT_GE(Days(400), Days(400));
}

TEST(ManualClock, StandsStillUntilTold) {
  ManualClock clock(Seconds(100));
  EXPECT_EQ(clock.Now(), Seconds(100));
  EXPECT_EQ(clock.Now(), Seconds(100));
  clock.Advance(Seconds(5));
  EXPECT_EQ(clock.Now(), Seconds(105));
  clock.Set(Seconds(1));
  EXPECT_EQ(clock.Now(), Seconds(1));
}

TEST(SystemClock, SpeaksOfThisCentury) {
  const SystemClock clock;
  const Millis y2020 = Seconds(1577836800);
  const Millis y2100 = Seconds(4102444800);
  EXPECT_GT(clock.Now(), y2020);
  EXPECT_LT(clock.Now(), y2100);
}

}  // namespace
}  // namespace renkei
