// Asking a relay's standard health service, as whoever watches it does. Needs no certificate.
#ifndef RENKEI_SERVER_RPC_HEALTH_CLIENT_H_
#define RENKEI_SERVER_RPC_HEALTH_CLIENT_H_

#include <memory>
#include <string>

#include "crypto/base/clock.h"

namespace grpc {
class Channel;
}  // namespace grpc

namespace renkei::server {

enum class HealthAnswer {
  kServing,
  kNotServing,
  kUnknown,   // it knows no such service
  kNoAnswer,  // not reached, not this region's, or not in time
};

// One thread at a time.
class HealthClient {
 public:
  // address: host:port. root_pem: the region's root. dns_name: pki::RelayDnsName of the region.
  HealthClient(const std::string& address, const std::string& root_pem,
               const std::string& dns_name);
  ~HealthClient();
  HealthClient(const HealthClient&) = delete;
  HealthClient& operator=(const HealthClient&) = delete;

  // service: "renkei.relay.v1.Threads"; empty: the relay as a whole. Waits until `limit` at most.
  HealthAnswer Ask(const std::string& service, Millis limit) const;

 private:
  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_RPC_HEALTH_CLIENT_H_
