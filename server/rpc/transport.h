// How the relay listens: keepalive, limits of the transport. In one place, so that what is
// measured beside the relay (tests/bench/relay) goes over the same. Functions; any thread.
#ifndef RENKEI_SERVER_RPC_TRANSPORT_H_
#define RENKEI_SERVER_RPC_TRANSPORT_H_

#include <grpcpp/server_builder.h>

#include "server/rpc/grpc_server.h"

namespace renkei::server {

// Everything of `builder` but its services. `listen`: host:port. `port` is written when the server
// has been built: 0 if the address cannot be bound.
void ConfigureTransport(grpc::ServerBuilder& builder, const std::string& listen,
                        const std::shared_ptr<grpc::ServerCredentials>& credentials, int& port);

}  // namespace renkei::server

#endif  // RENKEI_SERVER_RPC_TRANSPORT_H_
