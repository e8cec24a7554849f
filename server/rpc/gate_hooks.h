// Where gRPC asks the gate: before each call, and for who it was.
#ifndef RENKEI_SERVER_RPC_GATE_HOOKS_H_
#define RENKEI_SERVER_RPC_GATE_HOOKS_H_

#include <grpc/grpc_security.h>
#include <grpcpp/server_builder.h>

#include <functional>
#include <memory>

#include "server/rpc/call_gate.h"
#include "server/rpc/peer_address.h"

namespace renkei::server {

// Every call of a connection with these credentials is asked for, and refused with
// RESOURCE_EXHAUSTED, on the thread that reads from it, before gRPC makes more of it. The gate is
// kept as long as gRPC keeps the credentials: a connection may outlive its server.
void AskBeforeCalls(grpc_server_credentials* credentials, std::shared_ptr<CallGate> gate);

// The gate knows a connection only as gRPC's own; who is at its other end is known when a call gets
// through. hang_up: told of the other end of each that is flooding, perhaps more than once, on any
// thread. Both outlive the server.
void FindFlooding(grpc::ServerBuilder& builder, CallGate& gate,
                  std::function<void(const Peer&)> hang_up);

}  // namespace renkei::server

#endif  // RENKEI_SERVER_RPC_GATE_HOOKS_H_
