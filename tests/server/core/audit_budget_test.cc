#include "server/core/audit_budget.h"

#include <gtest/gtest.h>

namespace renkei::server {
namespace {

constexpr Millis kNow = {1'000'000};
constexpr std::uint64_t kAtOnce = AuditBudget::kRate.burst / AuditBudget::kCost;

DeviceId Device(std::uint32_t number) {
  DeviceId out;
  for (std::size_t i = 0; i < 4; ++i) {
    out.bytes[i] = static_cast<std::uint8_t>(number >> (8 * i));
  }
  return out;
}

TEST(AuditBudget, TakesSoManyAtOnceThenOneNowAndThenWithTheNumberMissed) {
  AuditBudget budget;
  for (std::uint64_t i = 0; i < kAtOnce; ++i) {
    EXPECT_TRUE(budget.Take(Device(1), kNow).take);
  }
  for (int i = 0; i < 7; ++i) {
    EXPECT_FALSE(budget.Take(Device(1), kNow).take);
  }
  EXPECT_TRUE(budget.Take(Device(2), kNow).take) << "each device has its own";
  const auto later = budget.Take(Device(1), kNow + Seconds(5));
  EXPECT_TRUE(later.take);
  EXPECT_EQ(later.missed, 7U);
  EXPECT_FALSE(budget.Take(Device(1), kNow + Seconds(5)).take);
  EXPECT_EQ(budget.Take(Device(1), kNow + Seconds(10)).missed, 1U);
}

TEST(AuditBudget, WhatWasMissedIsCountedThoughItsDeviceIsForgotten) {
  AuditBudget budget;
  for (std::uint64_t i = 0; i < kAtOnce + 3; ++i) {
    (void)budget.Take(Device(0), kNow);
  }
  EXPECT_EQ(budget.TakeForgotten(), 0U);
  for (std::uint32_t i = 1; i <= AuditBudget::kMaxDevices; ++i) {
    EXPECT_TRUE(budget.Take(Device(i), kNow).take);
  }
  EXPECT_EQ(budget.TakeForgotten(), 3U);
  EXPECT_EQ(budget.TakeForgotten(), 0U) << "once";
}

}  // namespace
}  // namespace renkei::server
