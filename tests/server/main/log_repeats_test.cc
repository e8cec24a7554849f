#include "server/log_repeats.h"

#include <gtest/gtest.h>

namespace renkei::server {
namespace {

using std::chrono::seconds;

LogRepeats::Moment At(int second) {
  return LogRepeats::Moment(seconds(second));
}

TEST(LogRepeats, TheFirstFewAreSaidAndTheRestCountedOnce) {
  LogRepeats repeats;
  int said = 0;
  for (int i = 0; i < 1000; ++i) {
    said += repeats.Take("handshake failed", At(0)) ? 1 : 0;
  }
  EXPECT_EQ(said, static_cast<int>(kSaidInAWindow));
  EXPECT_TRUE(repeats.TakeLeftOut(At(59)).empty());
  const auto left_out = repeats.TakeLeftOut(At(60));
  ASSERT_EQ(left_out.size(), 1U);
  EXPECT_EQ(left_out[0].text, "handshake failed");
  EXPECT_EQ(left_out[0].times, 1000 - kSaidInAWindow);
  EXPECT_TRUE(repeats.TakeLeftOut(At(61)).empty());
  EXPECT_TRUE(repeats.Take("handshake failed", At(61))) << "a new window";
}

TEST(LogRepeats, OtherTextsAreNotHeldBack) {
  LogRepeats repeats;
  for (int i = 0; i < 100; ++i) {
    (void)repeats.Take("again", At(0));
  }
  EXPECT_TRUE(repeats.Take("something else", At(0)));
}

TEST(LogRepeats, WhatWasSaidInFullLeavesNothingOut) {
  LogRepeats repeats;
  EXPECT_TRUE(repeats.Take("once", At(0)));
  EXPECT_TRUE(repeats.TakeLeftOut(At(1000)).empty());
}

// Ever new texts take no more room than kMaxTexts, and are held back together.
TEST(LogRepeats, EverNewTextsAreBoundedToo) {
  LogRepeats repeats;
  int said = 0;
  for (int i = 0; i < 10000; ++i) {
    said += repeats.Take("text " + std::to_string(i), At(0)) ? 1 : 0;
  }
  EXPECT_EQ(said, static_cast<int>(kMaxTexts + kSaidInAWindow));
  const auto left_out = repeats.TakeLeftOut(At(60));
  ASSERT_EQ(left_out.size(), 1U);
  EXPECT_EQ(left_out[0].text, "");
}

TEST(LogRepeats, AClockThatWentBackHoldsNobodyForLong) {
  LogRepeats repeats;
  for (int i = 0; i < 100; ++i) {
    (void)repeats.Take("again", At(1000));
  }
  EXPECT_EQ(repeats.TakeLeftOut(At(0)).size(), 1U);
  EXPECT_TRUE(repeats.Take("again", At(0)));
}

}  // namespace
}  // namespace renkei::server
