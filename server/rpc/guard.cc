#include "server/rpc/guard.h"

#include <grpc/grpc_security_constants.h>

#include <string>

namespace renkei::server {
namespace {

std::string_view FirstProperty(const grpc::AuthContext& auth, const char* name) {
  const std::vector<grpc::string_ref> values = auth.FindPropertyValues(name);
  return values.empty() ? std::string_view()
                        : std::string_view(values.front().data(), values.front().size());
}

// "ipv4:192.0.2.1:4711" without the port.
std::string AddressOf(const std::string& peer) {
  return peer.substr(0, peer.rfind(':'));
}

}  // namespace

Result<Admitted> Guard::Admit(grpc::CallbackServerContext& context, Access access) {
  if (draining_.load()) {
    return Error(Code::kUnavailable, "relay: shutting down");
  }
  if (access == Access::kAnyone) {
    return AdmitStranger(context);
  }
  const auto auth = context.auth_context();
  const std::string_view leaf = FirstProperty(*auth, GRPC_X509_PEM_CERT_PROPERTY_NAME);
  if (leaf.empty()) {
    return Error(Code::kAuthFailed, "caller: no device certificate");
  }
  RENKEI_ASSIGN(auto credential,
                relay_.callers().Authenticate(
                    leaf, FirstProperty(*auth, GRPC_X509_PEM_CERT_CHAIN_PROPERTY_NAME)));
  const Caller caller = credential->caller;
  RENKEI_TRY(Charge(context, devices_, AsText(caller.certificate), Limit::kDeviceCalls));
  if (access == Access::kPublished && !caller.published) {
    return Error(Code::kDenied, "caller: its certificate is not in the directory");
  }
  return Admitted{std::move(credential), caller};
}

Result<Admitted> Guard::AdmitStranger(grpc::CallbackServerContext& context) {
  RENKEI_TRY(Charge(context, strangers_, AddressOf(context.peer()), Limit::kStrangerCalls));
  return Admitted{};
}

Status Guard::Charge(grpc::CallbackServerContext& context, RateLimiter& limiter,
                     std::string_view key, Limit limit) {
  const std::optional<Millis> wait = limiter.Take(key, relay_.clock().Now());
  if (!wait) {
    return Ok();
  }
  meter_.LimitHit(limit);
  // gRPC's own retry logic understands this one.
  context.AddTrailingMetadata("grpc-retry-pushback-ms", std::to_string(wait->value));
  return Error(Code::kThrottled, "caller: too many calls");
}

void Guard::NoteRefusal(const Caller& caller, const char* method, const Error& error) const {
  const bool is_suspicious = error.code() == Code::kMalformed || error.code() == Code::kDenied ||
                             error.code() == Code::kAuthFailed || error.code() == Code::kTooLarge;
  if (is_suspicious && !caller.device.IsZero()) {
    relay_.audit().Note(EventOf(caller, method, CodeName(error.code())));
  }
}

}  // namespace renkei::server
