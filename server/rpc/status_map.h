// Errors of core as gRPC statuses (proto/README.md "Errors"): transport, credential and quota
// faults only; expected outcomes are arms of the response. Functions; any thread.
#ifndef RENKEI_SERVER_RPC_STATUS_MAP_H_
#define RENKEI_SERVER_RPC_STATUS_MAP_H_

#include <grpcpp/support/status.h>

#include "crypto/base/result.h"

namespace renkei::server {

// The message is the error's literal: it never holds anything of a request.
grpc::Status StatusOf(const Error& error);

}  // namespace renkei::server

#endif  // RENKEI_SERVER_RPC_STATUS_MAP_H_
