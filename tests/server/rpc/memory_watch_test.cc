#include "server/rpc/memory_watch.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace renkei::server {
namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20U;

class MemoryWatchTest : public ::testing::Test, public FreeMemory {
 public:
  void GiveBack() override {
    ++given_back_;
    is_giving_back_ = true;
  }
  bool IsGivingBack() const override { return is_giving_back_; }

 protected:
  bool IsShortAfter(Millis wait) {
    now_ = now_ + wait;
    return watch_.IsShort(expected_, now_);
  }
  // It ends, and so much was free.
  void GaveBack(std::size_t bytes) {
    is_giving_back_ = false;
    resident_ -= bytes;
  }

  std::size_t resident_ = 50 * kMiB;
  int given_back_ = 0;
  bool is_giving_back_ = false;
  std::size_t expected_ = 0;
  Millis now_ = {1'000'000};
  MemoryWatch watch_{512 * kMiB, *this, [this] { return resident_; }};
};

TEST_F(MemoryWatchTest, IsShortWhileItGrows) {
  EXPECT_FALSE(IsShortAfter({0}));
  resident_ += MemoryWatch::kSlack;
  EXPECT_FALSE(IsShortAfter({0}));
  EXPECT_EQ(given_back_, 0);
  resident_ += 10 * kMiB;
  EXPECT_TRUE(IsShortAfter({0})) << "long before what is free has been given back";
  EXPECT_EQ(given_back_, 1);
  resident_ += 10 * kMiB;
  EXPECT_TRUE(IsShortAfter({0}));
  EXPECT_FALSE(IsShortAfter({0})) << "it stands, and giving back may help";
}

TEST_F(MemoryWatchTest, WhatIsOverAndFreeIsGivenBack) {
  EXPECT_FALSE(IsShortAfter({0}));
  resident_ += 1000 * kMiB;
  EXPECT_TRUE(IsShortAfter({0}));
  EXPECT_FALSE(IsShortAfter({250}));
  GaveBack(1000 * kMiB);
  EXPECT_FALSE(IsShortAfter({250}));
  EXPECT_EQ(given_back_, 1);
}

TEST_F(MemoryWatchTest, IsShortIfGivingBackDidNotHelp) {
  EXPECT_FALSE(IsShortAfter({0}));
  resident_ += 1000 * kMiB;
  EXPECT_TRUE(IsShortAfter({0}));
  GaveBack(100 * kMiB);
  EXPECT_TRUE(IsShortAfter({250}));
  EXPECT_EQ(given_back_, 1) << "not again so soon";
  EXPECT_TRUE(IsShortAfter(MemoryWatch::kPause));
  EXPECT_EQ(given_back_, 2);
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
  resident_ += 5 * kMiB;
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

TEST_F(MemoryWatchTest, AJumpIsNoticedOnce) {
  EXPECT_FALSE(watch_.HasJumped());
  resident_ += MemoryWatch::kJump;
  EXPECT_FALSE(watch_.HasJumped());
  resident_ += MemoryWatch::kJump + 1;
  EXPECT_TRUE(watch_.HasJumped());
  EXPECT_FALSE(watch_.HasJumped());
}

TEST(FreeHeap, GivesBackAgainAndAgain) {
  FreeHeap heap;
  for (int i = 0; i < 3; ++i) {
    heap.GiveBack();
    heap.GiveBack();
    while (heap.IsGivingBack()) {
      std::this_thread::yield();
    }
  }
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
