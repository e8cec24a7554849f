// How the relay speaks: keepalive, limits of the transport. In one place, so that what is
// measured beside the relay (tests/bench/relay) speaks the same. Functions; any thread.
#ifndef RENKEI_SERVER_RPC_TRANSPORT_H_
#define RENKEI_SERVER_RPC_TRANSPORT_H_

#include <grpcpp/server_builder.h>

#include "crypto/base/clock.h"

namespace renkei::server {

// What somebody can make gRPC hold without ever making a call (server/README.md "Bounds").
struct TransportBounds {
  Millis handshake = Seconds(20);                    // for TLS, and then for HTTP/2's first words
  Millis idle = Seconds(120);                        // a connection on which no call is under way
  std::size_t memory_bytes = std::size_t{1} << 30U;  // for what is on its way in and out, of all
};

// Everything of `builder` but its services and where it listens.
void ConfigureTransport(grpc::ServerBuilder& builder, const TransportBounds& bounds);

}  // namespace renkei::server

#endif  // RENKEI_SERVER_RPC_TRANSPORT_H_
