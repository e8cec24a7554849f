#include "server/rpc/methods.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace renkei::server {
namespace {

TEST(Methods, AreAllOfAllServices) {
  EXPECT_EQ(ServiceNames().size(), 6U);
  EXPECT_EQ(MethodNames().size(), 27U);
  EXPECT_THAT(ServiceNames(), testing::Contains("renkei.relay.v1.Threads"));
  EXPECT_THAT(ServiceNames(), testing::Each(testing::StartsWith("renkei.relay.v1.")));
  EXPECT_THAT(MethodNames(),
              testing::IsSupersetOf({"Enrolment.Approve", "Directory.Sync", "Threads.Append",
                                     "Threads.Watch", "Mailbox.Ack", "Envelopes.FetchPacks"}));
}

}  // namespace
}  // namespace renkei::server
