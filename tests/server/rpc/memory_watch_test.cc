#include "server/rpc/memory_watch.h"

#include <gtest/gtest.h>

#include <vector>

namespace renkei::server {
namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20U;

class MemoryWatchTest : public ::testing::Test {
 protected:
  bool IsShortAfter(Millis wait) {
    now_ = now_ + wait;
    return watch_.IsShort(expected_, now_);
  }

  std::size_t resident_ = 50 * kMiB;
  std::size_t free_ = 0;  // of it
  int given_back_ = 0;
  std::size_t expected_ = 0;
  Millis now_ = {1'000'000};
  MemoryWatch watch_{512 * kMiB, [this] { return resident_; },
                     [this] {
                       ++given_back_;
                       resident_ -= free_;
                       free_ = 0;
                     }};
};

TEST_F(MemoryWatchTest, GivesBackWhatIsFreeBeforeItIsShort) {
  EXPECT_FALSE(IsShortAfter({0}));
  resident_ += MemoryWatch::kSlack;
  EXPECT_FALSE(IsShortAfter({0}));
  EXPECT_EQ(given_back_, 0);
  resident_ += kMiB;
  free_ = 2 * kMiB;
  EXPECT_FALSE(IsShortAfter({0}));
  EXPECT_EQ(given_back_, 1);
  resident_ += 2 * kMiB;
  EXPECT_TRUE(IsShortAfter(MemoryWatch::kPause));
}

TEST_F(MemoryWatchTest, WhatIsExpectedMayBeThere) {
  EXPECT_FALSE(IsShortAfter({0}));
  resident_ += 2000 * kMiB;
  expected_ = 1900 * kMiB;
  EXPECT_FALSE(IsShortAfter({0}));
  expected_ = 0;
  EXPECT_TRUE(IsShortAfter({0}));
}

TEST_F(MemoryWatchTest, WhatGrowsSlowlyIsItsOwnUpToTheMost) {
  EXPECT_FALSE(IsShortAfter({0}));
  while (resident_ < 512 * kMiB) {
    resident_ += kMiB;
    ASSERT_FALSE(IsShortAfter(Seconds(1))) << resident_ / kMiB;
  }
  resident_ += kMiB;
  EXPECT_TRUE(IsShortAfter(Seconds(1)));
}

TEST_F(MemoryWatchTest, WhatWentAwayMustGrowSlowlyAgain) {
  resident_ = 400 * kMiB;
  EXPECT_FALSE(IsShortAfter({0}));
  resident_ = 50 * kMiB;
  EXPECT_FALSE(IsShortAfter(Seconds(1)));
  resident_ = 400 * kMiB;
  EXPECT_TRUE(IsShortAfter(Seconds(1)));
}

TEST_F(MemoryWatchTest, GivesBackNoMoreOftenThanItMay) {
  EXPECT_FALSE(IsShortAfter({0}));
  resident_ = 2000 * kMiB;
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(IsShortAfter({MemoryWatch::kPause.value / 2}));
  }
  EXPECT_EQ(given_back_, 5);
}

TEST_F(MemoryWatchTest, AJumpIsNoticedOnce) {
  EXPECT_FALSE(watch_.HasJumped());
  resident_ += MemoryWatch::kJump;
  EXPECT_FALSE(watch_.HasJumped());
  resident_ += MemoryWatch::kJump + 1;
  EXPECT_TRUE(watch_.HasJumped());
  EXPECT_FALSE(watch_.HasJumped());
}

TEST(ResidentBytes, IsWhatThisProcessHas) {
  if (ResidentBytes() == 0) {
    GTEST_SKIP() << "a sanitizer's memory is not ours";
  }
  const std::vector<char> more(64 * kMiB, 'x');
  EXPECT_GT(ResidentBytes(), more.size());
  EXPECT_LT(ResidentBytes(), 64 * more.size());
}

}  // namespace
}  // namespace renkei::server
