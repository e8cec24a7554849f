// Connections for enrolment: addresses, and certificates that are published first.
#include "client/core/enrol_connect.h"

#include "client/core/enrolment_store.h"
#include "tests/client/core/case_fixture.h"

namespace renkei::test {
namespace {

TEST(RelayAddress, IsHostAndPort) {
  for (const char* good : {"relay.example:443", "127.0.0.1:1", "[::1]:65535", "h:1"}) {
    EXPECT_TRUE(client::CheckRelayAddress(good).ok()) << good;
  }
  for (const char* bad : {"", "h", "h:", ":1", "h:0", "h:65536", "h:-1", "h:1x", "h: 1", "a b:1",
                          "h:99999999999999999999", "h\n:1", "ほ:1"}) {
    EXPECT_EQ(client::CheckRelayAddress(bad).error().code(), Code::kMalformed) << bad;
  }
  EXPECT_FALSE(client::CheckRelayAddress(std::string(254, 'h') + ":1").ok());
}

class Connecting : public CaseFixture {
 protected:
  Status Connect() {
    const auto relay = client::ConnectAs(manager_->Env(), manager_->Identity());
    return relay.ok() ? Ok() : Status(relay.error());
  }
  bool Unpublished() { return client::IsUnpublished(manager_->vault()).value(); }
};

TEST_F(Connecting, PublishesOnceWhatTheRelayDoesNotHave) {
  ASSERT_TRUE(client::MarkUnpublished(manager_->vault(), true).ok());
  const auto before = nurse_->vault().Scan(client::Table::kDirectory, {}, {}).value().size();
  ASSERT_TRUE(Connect().ok());
  EXPECT_FALSE(Unpublished());
  nurse_->Sync();
  EXPECT_GE(nurse_->vault().Scan(client::Table::kDirectory, {}, {}).value().size(), before);
}

TEST_F(Connecting, WithTheRelayDownStaysUnpublished) {
  ASSERT_TRUE(client::MarkUnpublished(manager_->vault(), true).ok());
  region_.relay.down = true;
  EXPECT_EQ(Connect().error().code(), Code::kUnavailable);
  EXPECT_TRUE(Unpublished());
  region_.relay.down = false;
  EXPECT_TRUE(Connect().ok());
}

TEST_F(Connecting, WithNothingToPublishAsksNothing) {
  region_.relay.down = true;
  EXPECT_TRUE(Connect().ok()) << "an unreachable relay shows at the first call";
}

}  // namespace
}  // namespace renkei::test
