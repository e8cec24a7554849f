#include "client/core/elapsed.h"

#include <gtest/gtest.h>

#include "client/core/alarm.h"

namespace renkei::client {
namespace {

TEST(Boottime, OnlyGoesForward) {
  const BoottimeClock clock;
  const Millis first = clock.Now();
  EXPECT_GT(first, Millis{0});
  EXPECT_GE(clock.Now(), first);
}

TEST(Alarms, AreDueFromTheirTimeOnUntilTheyAreSetAgain) {
  Alarm alarm;
  EXPECT_FALSE(alarm.IsDue());
  alarm.Set(Millis{0});
  EXPECT_TRUE(alarm.IsDue());
  alarm.Set(Hours(1));
  EXPECT_FALSE(alarm.IsDue());
  alarm.Set(std::nullopt);
  EXPECT_FALSE(alarm.IsDue());
}

}  // namespace
}  // namespace renkei::client
