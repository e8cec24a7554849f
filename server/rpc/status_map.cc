#include "server/rpc/status_map.h"

#include <string_view>

#include "renkei/relay/v1/status.pb.h"
#include "server/core/usage.h"

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
    const std::string_view where = error.where();
    if (where == kDeviceIsFull || where == kInstitutionIsFull) {
      return Throttled(error.where(), kFullWait, kStoreFullReason);
    }
    return Throttled(error.where(), where.starts_with("store: ") ? kQueueWait : kQuotaWait);
  }
  return {CodeOf(error.code()), error.where()};
}

grpc::Status Throttled(const char* what, Millis wait, const char* reason) {
  relay::v1::RetryInfo info;
  info.mutable_retry_delay()->set_seconds(wait.value / 1000);
  info.mutable_retry_delay()->set_nanos(static_cast<std::int32_t>(wait.value % 1000) * 1'000'000);
  relay::v1::StatusDetails details;
  details.set_code(grpc::StatusCode::RESOURCE_EXHAUSTED);
  details.set_message(what);
  auto& any = *details.add_details();
  any.set_type_url("type.googleapis.com/google.rpc.RetryInfo");
  any.set_value(info.SerializeAsString());
  if (reason != nullptr) {
    relay::v1::ErrorInfo why;
    why.set_reason(reason);
    why.set_domain("renkei");
    auto& second = *details.add_details();
    second.set_type_url("type.googleapis.com/google.rpc.ErrorInfo");
    second.set_value(why.SerializeAsString());
  }
  return {grpc::StatusCode::RESOURCE_EXHAUSTED, what, details.SerializeAsString()};
}

}  // namespace renkei::server
