// The relay's core behind client/core's Relay interface, without sockets: every call is one
// function call into the same handlers that gRPC uses. Faults are drawn from a seeded stream. One
// thread.
#ifndef RENKEI_TESTS_SIM_SIM_RELAY_H_
#define RENKEI_TESTS_SIM_SIM_RELAY_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "client/core/enrolment.h"
#include "client/core/relay.h"
#include "server/core/relay.h"
#include "tests/support/memory_store.h"

namespace renkei::sim {

// Chances in percent, drawn anew for each call.
struct Faults {
  unsigned lost_request = 0;  // never arrives
  unsigned lost_answer = 0;   // is carried out, but nobody hears of it
  unsigned repeated = 0;      // arrives twice
  bool down = false;
  bool drops_lists = false;  // lies: "published", of a revocation list that it throws away
  std::optional<Millis> throttle = std::nullopt;  // over a limit, asked to wait for so long
};

// The relay's process and disk: Restart() is a crash of the process, the store stays.
class RelayHost {
 public:
  // `region`: what client::Enrolment::InitRegion made.
  RelayHost(const client::Region& region, const Clock& clock, Random& random);

  void Restart();
  server::Relay& relay() { return *relay_; }
  test::MemoryStore& store() { return store_; }
  ByteView root() const { return root_; }

 private:
  server::RelayIdentity Identity() const;

  const Clock& clock_;
  Random& random_;
  Bytes root_;
  Bytes issuing_;
  Bytes signing_;
  SecretBytes seed_;
  InstitutionId operator_institution_;
  test::MemoryStore store_;
  std::unique_ptr<server::Relay> relay_;
};

class SimConnector final : public client::RelayConnector {
 public:
  SimConnector(std::unique_ptr<RelayHost>& host, Random& dice) : host_(host), dice_(dice) {}

  Result<std::unique_ptr<client::Relay>> Connect(const client::RelayEndpoint& endpoint) override;
  Result<Bytes> FetchRoot(const std::string& address, const Hash32& fingerprint) override;

  Faults faults;
  // What a watch stream does; without it, it breaks at once.
  using OnEvent = std::function<bool(const relay::v1::WatchEvent&)>;
  std::function<Status(const OnEvent&)> watch;

 private:
  std::unique_ptr<RelayHost>& host_;
  Random& dice_;
};

}  // namespace renkei::sim

#endif  // RENKEI_TESTS_SIM_SIM_RELAY_H_
