#include "server/core/rate_limiter.h"

#include <gtest/gtest.h>

namespace renkei::server {
namespace {

constexpr Millis kStart = {1'000'000};

TEST(TokenBucket, GivesTheBurstAndThenTheRate) {
  const Rate rate = {.per_second = 10, .burst = 3};
  TokenBucket bucket;
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(bucket.Take(rate, kStart));
  }
  const auto wait = bucket.Take(rate, kStart);
  ASSERT_TRUE(wait);
  EXPECT_GT(wait->value, 0);
  EXPECT_LE(wait->value, 101);
  EXPECT_FALSE(bucket.Take(rate, kStart + *wait)) << "who waits as told comes in";
  EXPECT_TRUE(bucket.Take(rate, kStart + *wait));
}

TEST(TokenBucket, ClockThatGoesBackGivesNothing) {
  const Rate rate = {.per_second = 1, .burst = 1};
  TokenBucket bucket;
  EXPECT_FALSE(bucket.Take(rate, kStart));
  EXPECT_TRUE(bucket.Take(rate, kStart - Hours(1)));
  EXPECT_FALSE(bucket.Take(rate, kStart - Hours(1) + Seconds(1)));
}

TEST(TokenBucket, NeverGivesMoreThanTheBurst) {
  const Rate rate = {.per_second = 100, .burst = 2};
  TokenBucket bucket;
  EXPECT_FALSE(bucket.Take(rate, kStart));
  const Millis later = kStart + Days(30);
  EXPECT_FALSE(bucket.Take(rate, later));
  EXPECT_FALSE(bucket.Take(rate, later));
  EXPECT_TRUE(bucket.Take(rate, later));
}

TEST(TokenBucket, WhatIsRefusedCostsNothing) {
  const Rate rate = {.per_second = 1, .burst = 10};
  TokenBucket bucket;
  EXPECT_FALSE(bucket.Take(rate, kStart, 8));
  EXPECT_TRUE(bucket.Take(rate, kStart, 3));
  EXPECT_FALSE(bucket.Take(rate, kStart, 2));
}

TEST(TokenBucket, MoreThanTheBurstNeedsAFullBucketAndLeavesADebt) {
  const Rate rate = {.per_second = 1, .burst = 10};
  TokenBucket bucket;
  EXPECT_FALSE(bucket.Take(rate, kStart));
  EXPECT_TRUE(bucket.Take(rate, kStart, 25)) << "not full";
  EXPECT_FALSE(bucket.Take(rate, kStart + Seconds(1), 25));
  const auto wait = bucket.Take(rate, kStart + Seconds(1));
  ASSERT_TRUE(wait);
  EXPECT_GT(*wait, Seconds(15));
  EXPECT_FALSE(bucket.Take(rate, kStart + Seconds(1) + *wait));
}

TEST(TokenBucket, DebtHasAnEnd) {
  const Rate rate = {.per_second = 1, .burst = 10};
  TokenBucket bucket;
  for (int i = 0; i < 100; ++i) {
    bucket.Spend(rate, kStart, UINT64_MAX);
  }
  EXPECT_FALSE(bucket.Take(rate, kStart + Seconds(101)));
}

TEST(TokenBucket, RateOfNothingGivesTheBurstOnly) {
  const Rate rate = {.per_second = 0, .burst = 1};
  TokenBucket bucket;
  EXPECT_FALSE(bucket.Take(rate, kStart));
  EXPECT_TRUE(bucket.Take(rate, kStart + Days(1)));
}

}  // namespace
}  // namespace renkei::server
