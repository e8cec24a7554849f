#include "server/rpc/health_client.h"

#include "crypto/pki/names.h"
#include "crypto/pki/pem.h"
#include "server/rpc/methods.h"
#include "tests/server/rpc/live_relay.h"

namespace renkei::test {
namespace {

using server::HealthAnswer;
using server::HealthClient;

class Health : public LiveRelay {
 protected:
  HealthClient ClientFor(Region& region) {
    return {Address(), pki::ToPem(region.root().certificate()), pki::RelayDnsName(region.id())};
  }
};

TEST_F(Health, IsToldForTheWholeAndForEachService) {
  const HealthClient client = ClientFor(world.region());
  std::vector<std::string> services = server::ServiceNames();
  services.emplace_back();
  for (const std::string& service : services) {
    server->SetServing(true);
    EXPECT_EQ(client.Ask(service, Seconds(20)), HealthAnswer::kServing) << service;
    server->SetServing(false);
    EXPECT_EQ(client.Ask(service, Seconds(20)), HealthAnswer::kNotServing) << service;
  }
}

TEST_F(Health, OfAServiceThatIsNotThereIsUnknown) {
  EXPECT_EQ(ClientFor(world.region()).Ask("renkei.relay.v1.Nothing", Seconds(20)),
            HealthAnswer::kUnknown);
  EXPECT_EQ(ClientFor(world.region()).Ask(std::string(200, 'x'), Seconds(20)),
            HealthAnswer::kUnknown);
}

TEST_F(Health, OfAnotherRegionsRelayIsNoAnswer) {
  Region other(12, "よその地域（架空）", SystemClock().Now() - Days(1));
  EXPECT_EQ(ClientFor(other).Ask("", Seconds(5)), HealthAnswer::kNoAnswer);
}

TEST_F(Health, OfARelayThatIsNotThereIsNoAnswer) {
  const HealthClient client = ClientFor(world.region());
  Stop();
  EXPECT_EQ(client.Ask("", Seconds(5)), HealthAnswer::kNoAnswer);
}

}  // namespace
}  // namespace renkei::test
