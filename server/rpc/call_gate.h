// Whether a connection may begin one more call, asked as soon as gRPC has read the headers of one.
// gRPC 1.51 makes a call of every stream, though it was broken off in the same breath
// (CVE-2023-44487), takes such calls faster than it ends them, and runs no handler of ours for
// many of them: what admission.h counts comes too late. A call that is refused here is gone at
// once.
#ifndef RENKEI_SERVER_RPC_CALL_GATE_H_
#define RENKEI_SERVER_RPC_CALL_GATE_H_

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "crypto/base/clock.h"
#include "server/core/admission.h"
#include "server/core/meter.h"
#include "server/core/rate_limiter.h"

namespace renkei::server {

struct GateRates {
  Rate connection;  // of one
  Rate all;         // of all of its kind together: this bounds what gRPC holds at once
};

// Any thread.
class CallGate {
 public:
  // Ten times what admission (which says when to come again) lets in a second and twice what at
  // once, so that only who does not listen is refused here: of a connection, what its device may
  // (without a certificate: its address), of all together, what an institution (all strangers).
  // meter: until Close().
  CallGate(const AdmissionLimits& limits, Meter& meter);

  // connection: the same for all calls of one; may come again for another once it is closed.
  bool Admits(const void* connection, bool is_certified, Millis now);
  // Goes on calling at this moment though it was refused more often than kMaxRefused: telling it is
  // of no use. Of this moment only, because another connection may be the same soon.
  bool IsFlooding(const void* connection, Millis now);
  // Whether any may be. Costs nothing.
  bool MayHaveFlood() const { return may_have_flood_.load(std::memory_order_relaxed); }
  // From now on nothing, and the meter may go.
  void Close();
  // Keeps itself, until it is let go: for one who holds nothing but a plain pointer, as gRPC does.
  static CallGate* Keep(std::shared_ptr<CallGate> gate);
  void LetGo();
  // Connections that are remembered, for tests: at most 2 kMaxConnections.
  std::size_t size() const;

  static constexpr std::size_t kMaxConnections = 16384;
  static constexpr Rate kMaxRefused = {20, 200};
  static constexpr Millis kThisMoment = {50};

 private:
  struct Begun {
    TokenBucket calls;
    TokenBucket refused;
    std::optional<Millis> flooded;
  };
  using Connections = std::unordered_map<const void*, Begun>;

  Begun& Of(const void* connection);

  const GateRates certified_;
  const GateRates strangers_;
  Meter& meter_;
  std::atomic<bool> may_have_flood_ = false;
  mutable std::mutex mutex_;  // of what follows
  bool is_closed_ = false;
  std::shared_ptr<CallGate> kept_;
  TokenBucket all_certified_;
  TokenBucket all_strangers_;
  Millis flooded_{};  // of any
  Connections recent_;
  Connections before_;  // the recent ones of before; who does not come again is forgotten with them
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_RPC_CALL_GATE_H_
