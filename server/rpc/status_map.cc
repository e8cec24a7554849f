#include "server/rpc/status_map.h"

namespace renkei::server {
namespace {

grpc::StatusCode CodeOf(Code code) {
  switch (code) {
    case Code::kMalformed:
    case Code::kTooLarge:
    case Code::kUnsupported:
      return grpc::StatusCode::INVALID_ARGUMENT;
    case Code::kAuthFailed:
      return grpc::StatusCode::UNAUTHENTICATED;
    case Code::kDenied:
      return grpc::StatusCode::PERMISSION_DENIED;
    case Code::kThrottled:
      return grpc::StatusCode::RESOURCE_EXHAUSTED;
    case Code::kUnavailable:
    // A damaged store answers nobody until the operator has put it right.
    case Code::kCorrupt:
      return grpc::StatusCode::UNAVAILABLE;
    case Code::kStaleEpoch:
    case Code::kFutureEpoch:
    case Code::kNotFound:
    case Code::kConflict:
    case Code::kInternal:
      return grpc::StatusCode::INTERNAL;
  }
  return grpc::StatusCode::INTERNAL;
}

}  // namespace

grpc::Status StatusOf(const Error& error) {
  return {CodeOf(error.code()), error.where()};
}

}  // namespace renkei::server
