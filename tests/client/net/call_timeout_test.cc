#include "client/net/call_timeout.h"

#include <gtest/gtest.h>

#include "client/core/relay.h"
#include "crypto/thread/entry.h"

namespace renkei::client {
namespace {

using std::chrono::seconds;

TEST(CallTimeout, ASmallCallIsGivenUpSoon) {
  EXPECT_EQ(CallTimeout(0), seconds(20));
  EXPECT_EQ(CallTimeout(2000), seconds(20));
}

TEST(CallTimeout, OfAPageIsEnoughForTheLargestItemToo) {
  constexpr std::size_t kSlow = 16 * 1024;  // 128 kbit/s
  EXPECT_GE(static_cast<std::size_t>(CallTimeout(kPageBytes).count()) * kSlow,
            thread::kMaxEntryBytes + (std::size_t{64} << 10U));
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
