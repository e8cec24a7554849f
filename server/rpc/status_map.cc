#include "server/rpc/status_map.h"

#include <string_view>

#include "renkei/relay/v1/status.pb.h"

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
  if (error.code() == Code::kThrottled) {
    const bool is_queue = std::string_view(error.where()).starts_with("store: ");
    return Throttled(error.where(), is_queue ? kQueueWait : kQuotaWait);
  }
  return {CodeOf(error.code()), error.where()};
}

grpc::Status Throttled(const char* what, Millis wait) {
  relay::v1::RetryInfo info;
  info.mutable_retry_delay()->set_seconds(wait.value / 1000);
  info.mutable_retry_delay()->set_nanos(static_cast<std::int32_t>(wait.value % 1000) * 1'000'000);
  relay::v1::StatusDetails details;
  details.set_code(grpc::StatusCode::RESOURCE_EXHAUSTED);
  details.set_message(what);
  auto& any = *details.add_details();
  any.set_type_url("type.googleapis.com/google.rpc.RetryInfo");
  any.set_value(info.SerializeAsString());
  return {grpc::StatusCode::RESOURCE_EXHAUSTED, what, details.SerializeAsString()};
}

}  // namespace renkei::server
