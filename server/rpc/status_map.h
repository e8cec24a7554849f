// Errors of core as gRPC statuses (proto/README.md "Errors"): transport, credential and quota
// faults only; expected outcomes are arms of the response. Functions; any thread.
#ifndef RENKEI_SERVER_RPC_STATUS_MAP_H_
#define RENKEI_SERVER_RPC_STATUS_MAP_H_

#include <grpcpp/support/status.h>

#include "crypto/base/clock.h"
#include "crypto/base/result.h"

namespace renkei::server {

// The message is the error's literal: it never holds anything of a request. kThrottled says when
// to come again as Throttled() does: soon where writes wait for the disk, late where somebody has
// too much in the store, else in kQuotaWait.
grpc::Status StatusOf(const Error& error);

// RESOURCE_EXHAUSTED with google.rpc.RetryInfo (proto/renkei/relay/v1/status.proto). `what`: a
// literal. `reason`: for google.rpc.ErrorInfo; null: none.
grpc::Status Throttled(const char* what, Millis wait, const char* reason = nullptr);

// What is over a number, not a rate, comes free only when somebody does something about it.
inline constexpr Millis kQuotaWait = Minutes(1);
inline constexpr Millis kQueueWait = Seconds(1);
// A full device or institution (core/usage.h): until an operator gives it more.
inline constexpr Millis kFullWait = Minutes(15);
// The reason in google.rpc.ErrorInfo, of the domain "renkei", that such a refusal carries too.
inline constexpr char kStoreFullReason[] = "STORED_BYTES";

}  // namespace renkei::server

#endif  // RENKEI_SERVER_RPC_STATUS_MAP_H_
