// Who may come in: the caller's certificate and rate, looked at before every call. Any thread.
#ifndef RENKEI_SERVER_RPC_GUARD_H_
#define RENKEI_SERVER_RPC_GUARD_H_

#include <grpcpp/server_context.h>

#include <atomic>

#include "server/core/meter.h"
#include "server/core/relay.h"

namespace renkei::server {

enum class Access {
  kAnyone,     // enrolment without a certificate
  kCertified,  // a device certificate of the region, published or not
  kPublished,  // one that is in the directory
};

struct RateLimits {
  Rate device;                                     // each device certificate
  Rate stranger = {.per_second = 5, .burst = 50};  // each address without one
};

// What came in: nobody in particular has no credential.
struct Admitted {
  std::shared_ptr<const Credential> credential;
  Caller caller;
};

class Guard {
 public:
  // meter: outlives the guard; null: nobody counts.
  Guard(Relay& relay, const RateLimits& rates, Meter* meter = nullptr)
      : relay_(relay),
        meter_(meter != nullptr ? *meter : no_meter_),
        devices_(rates.device),
        strangers_(rates.stranger) {}

  Meter& meter() { return meter_; }

  // kAuthFailed, kDenied (not in the directory), kThrottled (the context's trailing metadata then
  // says when to come again), kUnavailable (the store, or shutting down).
  Result<Admitted> Admit(grpc::CallbackServerContext& context, Access access);

  // What a certified caller should never have sent, for the audit log.
  void NoteRefusal(const Caller& caller, const char* method, const Error& error) const;

  // From now on nobody new.
  void Drain() { draining_.store(true); }

 private:
  Result<Admitted> AdmitStranger(grpc::CallbackServerContext& context);
  Status Charge(grpc::CallbackServerContext& context, RateLimiter& limiter, std::string_view key,
                Limit limit);

  Meter no_meter_;
  Relay& relay_;
  Meter& meter_;
  RateLimiter devices_;
  RateLimiter strangers_;
  std::atomic<bool> draining_ = false;
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_RPC_GUARD_H_
