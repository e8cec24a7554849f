// The relay over gRPC: TLS 1.3 with the region's root as the only trusted one, and our device
// certificate. Implements client/core/relay.h. One thread, except CancelWatch.
#ifndef RENKEI_CLIENT_NET_GRPC_RELAY_H_
#define RENKEI_CLIENT_NET_GRPC_RELAY_H_

#include <memory>
#include <string>

#include "client/core/relay.h"

namespace renkei::client {

// Before any other use of gRPC in the process, once: leaves TLS 1.3 as the only version that can be
// agreed (deploy and server do the same), and keeps gRPC's own log off the terminal.
void InitNetwork();

class GrpcConnector final : public RelayConnector {
 public:
  // kMalformed: an address that is not host:port, or a root that is not a certificate.
  Result<std::unique_ptr<Relay>> Connect(const RelayEndpoint& endpoint) override;
  Result<Bytes> FetchRoot(const std::string& address, const Hash32& fingerprint) override;
};

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_NET_GRPC_RELAY_H_
