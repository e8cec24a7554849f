#include "server/core/limits.h"

#include <gtest/gtest.h>

namespace renkei::server {
namespace {

constexpr Millis kStart = {1'000'000};

TEST(RateLimiter, GivesTheBurstAndThenTheRate) {
  RateLimiter limiter({.per_second = 10, .burst = 3});
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(limiter.Take("a", kStart));
  }
  const auto wait = limiter.Take("a", kStart);
  ASSERT_TRUE(wait);
  EXPECT_GT(wait->value, 0);
  EXPECT_LE(wait->value, 101);
  EXPECT_FALSE(limiter.Take("a", kStart + *wait)) << "who waits as told comes in";
  EXPECT_TRUE(limiter.Take("a", kStart + *wait));
}

TEST(RateLimiter, KeepsCallersApart) {
  RateLimiter limiter({.per_second = 1, .burst = 1});
  EXPECT_FALSE(limiter.Take("a", kStart));
  EXPECT_TRUE(limiter.Take("a", kStart));
  EXPECT_FALSE(limiter.Take("b", kStart));
}

TEST(RateLimiter, ClockThatGoesBackGivesNothing) {
  RateLimiter limiter({.per_second = 1, .burst = 1});
  EXPECT_FALSE(limiter.Take("a", kStart));
  EXPECT_TRUE(limiter.Take("a", kStart - Hours(1)));
  EXPECT_FALSE(limiter.Take("a", kStart - Hours(1) + Seconds(1)));
}

TEST(RateLimiter, NeverGivesMoreThanTheBurst) {
  RateLimiter limiter({.per_second = 100, .burst = 2});
  EXPECT_FALSE(limiter.Take("a", kStart));
  const Millis later = kStart + Days(30);
  EXPECT_FALSE(limiter.Take("a", later));
  EXPECT_FALSE(limiter.Take("a", later));
  EXPECT_TRUE(limiter.Take("a", later));
}

}  // namespace
}  // namespace renkei::server
