// Who may come in: the caller's certificate and limits, looked at before every call. Any thread.
#ifndef RENKEI_SERVER_RPC_GUARD_H_
#define RENKEI_SERVER_RPC_GUARD_H_

#include <grpcpp/server_context.h>

#include <atomic>
#include <optional>
#include <variant>

#include "server/core/admission.h"
#include "server/core/meter.h"
#include "server/core/relay.h"
#include "server/rpc/byte_ledger.h"
#include "server/rpc/reader_budget.h"
#include "server/rpc/watch_pump.h"

namespace renkei::server {

enum class Access {
  kAnyone,     // enrolment without a certificate
  kCertified,  // a device certificate of the region, published or not
  kPublished,  // one that is in the directory
};

// One call of the relay's services.
struct Method {
  const char* name;  // for the audit log: "rpc Service.Call", at most kMaxAuditWord bytes
  Access access = Access::kPublished;
  std::uint32_t weight = 1;  // Use::weight
  std::uint32_t news = 0;    // Use::news
  bool is_stream = false;
  bool is_large = false;  // its answer may be more than some KiB (large_answer.h)
};

// Who came in. Nobody in particular has no credential. The call is under way until it goes.
struct Admitted {
  std::shared_ptr<const Credential> credential;
  Caller caller;
  Admission::Pass pass;
};

// How a call ends that does not come in.
struct TurnedAway {
  Code code;
  grpc::Status status;
};

class Guard {
 public:
  // meter, ledger: outlive the guard; null: nobody counts.
  Guard(Relay& relay, const AdmissionLimits& limits, Meter* meter = nullptr,
        const ReaderShares& unread = {}, ByteLedger* ledger = nullptr)
      : relay_(relay),
        ledger_(ledger),
        meter_(meter != nullptr ? *meter : no_meter_),
        admission_(limits),
        unread_(unread, &meter_) {}

  Meter& meter() { return meter_; }
  ReaderBudget& unread() { return unread_; }
  // Makes the answers that had to wait for room.
  WatchPump& answers() { return answers_; }

  // Or UNAUTHENTICATED, PERMISSION_DENIED (not in the directory), RESOURCE_EXHAUSTED with
  // RetryInfo, UNAVAILABLE (the store, or shutting down).
  std::variant<Admitted, TurnedAway> Admit(const grpc::CallbackServerContext& context,
                                           const Method& method, std::uint64_t request_bytes);

  // One more message of a stream that was admitted: whether the caller still may, and rates. Turned
  // away as above; nothing: it comes in.
  std::optional<TurnedAway> AdmitMessage(const Admitted& stream, const Method& method,
                                         const Peer& peer, std::uint64_t bytes);

  // Whether who was admitted would be now, but for limits.
  bool StillValid(const Admitted& admitted) const {
    return relay_.callers().StillValid(*admitted.credential);
  }

  // What a caller should never have sent, or may not do now, for the audit log.
  void NoteRefusal(const Caller& caller, const char* method, const Error& error) const;
  // For an answer of this size; its party may come into debt.
  void Spend(Admitted& admitted, std::uint64_t response_bytes) const;

  // From now on nobody new.
  void Drain() { draining_.store(true); }

 private:
  std::variant<Admitted, TurnedAway> AdmitStranger(const grpc::CallbackServerContext& context,
                                                   const Use& use);
  TurnedAway Refuse(const Caller& caller, const Method& method, const Error& error) const;
  TurnedAway OverLimit(const Admission::Refused& refused);

  Meter no_meter_;
  Relay& relay_;
  ByteLedger* const ledger_;
  Meter& meter_;
  Admission admission_;
  ReaderBudget unread_;
  WatchPump answers_{std::nullopt};
  std::atomic<bool> draining_ = false;
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_RPC_GUARD_H_
