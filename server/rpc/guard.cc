#include "server/rpc/guard.h"

#include <grpc/grpc_security_constants.h>

#include <string_view>
#include <utility>

#include "server/core/usage.h"
#include "server/rpc/peer_address.h"
#include "server/rpc/status_map.h"

namespace renkei::server {
namespace {

std::string_view FirstProperty(const grpc::AuthContext& auth, const char* name) {
  const std::vector<grpc::string_ref> values = auth.FindPropertyValues(name);
  return values.empty() ? std::string_view()
                        : std::string_view(values.front().data(), values.front().size());
}

bool IsSuspicious(Code code) {
  return code == Code::kMalformed || code == Code::kDenied || code == Code::kAuthFailed ||
         code == Code::kTooLarge || code == Code::kThrottled;
}

}  // namespace

std::variant<Admitted, TurnedAway> Guard::Admit(const grpc::CallbackServerContext& context,
                                                const Method& method, std::uint64_t request_bytes) {
  if (ledger_ != nullptr) {
    ledger_->Explain(PeerOf(context.peer()), request_bytes);
  }
  if (draining_.load()) {
    return Refuse({}, method, Error(Code::kUnavailable, "relay: shutting down"));
  }
  const Use use{request_bytes, method.weight, method.is_stream, method.news};
  if (method.access == Access::kAnyone) {
    return AdmitStranger(context, use);
  }
  const auto auth = context.auth_context();
  const std::string_view leaf = FirstProperty(*auth, GRPC_X509_PEM_CERT_PROPERTY_NAME);
  if (leaf.empty()) {
    return Refuse({}, method, Error(Code::kAuthFailed, "caller: no device certificate"));
  }
  auto credential = relay_.callers().Authenticate(
      leaf, FirstProperty(*auth, GRPC_X509_PEM_CERT_CHAIN_PROPERTY_NAME));
  if (!credential.ok()) {
    return Refuse({}, method, credential.error());
  }
  const Caller caller = (*credential)->caller;
  auto verdict = admission_.Enter(caller, use, relay_.clock().Now());
  if (const auto* refused = std::get_if<Admission::Refused>(&verdict)) {
    NoteRefusal(caller, method.name, Error(Code::kThrottled, "caller: over a limit"));
    return OverLimit(*refused);
  }
  if (method.access == Access::kPublished && !caller.published) {
    return Refuse(caller, method,
                  Error(Code::kDenied, "caller: its certificate is not in the directory"));
  }
  return Admitted{std::move(*credential), caller, std::get<Admission::Pass>(std::move(verdict))};
}

std::optional<TurnedAway> Guard::AdmitMessage(const Admitted& stream, const Method& method,
                                              const Peer& peer, std::uint64_t bytes) {
  if (ledger_ != nullptr) {
    ledger_->Explain(peer, bytes);
  }
  if (draining_.load()) {
    return Refuse({}, method, Error(Code::kUnavailable, "relay: shutting down"));
  }
  if (!StillValid(stream)) {
    return Refuse(stream.caller, method, Error(Code::kAuthFailed, "caller: expired or revoked"));
  }
  const Use use{bytes, method.weight, false, method.news};
  if (const auto refused = admission_.Message(stream.caller, use, relay_.clock().Now())) {
    NoteRefusal(stream.caller, method.name, Error(Code::kThrottled, "caller: over a limit"));
    return OverLimit(*refused);
  }
  return std::nullopt;
}

std::variant<Admitted, TurnedAway> Guard::AdmitStranger(const grpc::CallbackServerContext& context,
                                                        const Use& use) {
  auto verdict =
      admission_.EnterStranger(PeerOf(context.peer()).address(), use, relay_.clock().Now());
  if (const auto* refused = std::get_if<Admission::Refused>(&verdict)) {
    return OverLimit(*refused);
  }
  return Admitted{nullptr, Caller{}, std::get<Admission::Pass>(std::move(verdict))};
}

TurnedAway Guard::Refuse(const Caller& caller, const Method& method, const Error& error) const {
  NoteRefusal(caller, method.name, error);
  return {error.code(), StatusOf(error)};
}

TurnedAway Guard::OverLimit(const Admission::Refused& refused) {
  meter_.LimitHit(refused.limit);
  return {Code::kThrottled, Throttled(LimitName(refused.limit), refused.wait)};
}

void Guard::NoteRefusal(const Caller& caller, const char* method, const Error& error) const {
  if (std::string_view(error.where()) == kDeviceIsFull) {
    meter_.LimitHit(Limit::kDeviceStored);
  } else if (std::string_view(error.where()) == kInstitutionIsFull) {
    meter_.LimitHit(Limit::kInstitutionStored);
  }
  if (IsSuspicious(error.code()) && !caller.device.IsZero()) {
    relay_.audit().NoteRefusal(EventOf(caller, method, CodeName(error.code())));
  }
}

void Guard::Spend(Admitted& admitted, std::uint64_t response_bytes) const {
  admitted.pass.Spend(response_bytes, relay_.clock().Now());
}

}  // namespace renkei::server
