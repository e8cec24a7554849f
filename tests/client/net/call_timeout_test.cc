#include "client/net/call_timeout.h"

#include <gtest/gtest.h>

namespace renkei::client {
namespace {

using std::chrono::seconds;

TEST(CallTimeout, ASmallCallIsGivenUpSoon) {
  EXPECT_EQ(CallTimeout(0), seconds(20));
  EXPECT_EQ(CallTimeout(2000), seconds(20));
}

// The largest that an outbox sends at once, at half of what such a telephone carries.
TEST(CallTimeout, WhatIsLargeHasTheTimeThatASlowLineTakes) {
  for (const std::size_t bytes : {std::size_t{256} << 10U, std::size_t{512} << 10U}) {
    const seconds on_the_way(bytes * 8 / 64'000);
    EXPECT_GE(CallTimeout(bytes), seconds(19) + on_the_way);
  }
}

}  // namespace
}  // namespace renkei::client
