#include "server/rpc/call_gate.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace renkei::server {
namespace {

std::uint32_t Times(std::uint32_t factor, std::uint32_t number) {
  const std::uint64_t product = std::uint64_t{factor} * number;
  return static_cast<std::uint32_t>(
      std::min<std::uint64_t>(product, std::numeric_limits<std::uint32_t>::max()));
}

Rate Above(const Rate& rate) {
  return {Times(10, rate.per_second), Times(2, rate.burst)};
}

}  // namespace

CallGate::CallGate(const AdmissionLimits& limits, Meter& meter)
    : certified_{Above(limits.device.calls), Above(limits.institution.calls)},
      strangers_{Above(limits.address.calls), Above(limits.strangers.calls)},
      meter_(meter) {}

bool CallGate::Admits(const void* connection, bool is_certified, Millis now) {
  const GateRates& rates = is_certified ? certified_ : strangers_;
  const std::lock_guard lock(mutex_);
  if (is_closed_) {
    return false;
  }
  Begun& begun = Of(connection);
  // First its own: a connection over its limit takes nothing from the others.
  if (begun.calls.Take(rates.connection, now)) {
    meter_.LimitHit(Limit::kConnectionCalls);
    if (begun.refused.Take(kMaxRefused, now)) {
      begun.flooded = now;
      flooded_ = now;
      may_have_flood_.store(true, std::memory_order_relaxed);
    }
    return false;
  }
  TokenBucket& all = is_certified ? all_certified_ : all_strangers_;
  if (all.Take(rates.all, now)) {
    meter_.LimitHit(Limit::kAllConnectionsCalls);
    return false;
  }
  return true;
}

bool CallGate::IsFlooding(const void* connection, Millis now) {
  const std::lock_guard lock(mutex_);
  if (now - flooded_ >= kThisMoment) {
    may_have_flood_.store(false, std::memory_order_relaxed);
    return false;
  }
  const auto it = recent_.find(connection);
  return it != recent_.end() && it->second.flooded && now - *it->second.flooded < kThisMoment;
}

void CallGate::Close() {
  const std::lock_guard lock(mutex_);
  is_closed_ = true;
}

CallGate* CallGate::Keep(std::shared_ptr<CallGate> gate) {
  CallGate* const out = gate.get();
  const std::lock_guard lock(out->mutex_);
  out->kept_ = std::move(gate);
  return out;
}

void CallGate::LetGo() {
  std::shared_ptr<CallGate> last;  // goes when nothing here is locked any more
  const std::lock_guard lock(mutex_);
  last = std::move(kept_);
}

std::size_t CallGate::size() const {
  const std::lock_guard lock(mutex_);
  return recent_.size() + before_.size();
}

CallGate::Begun& CallGate::Of(const void* connection) {
  if (const auto it = recent_.find(connection); it != recent_.end()) {
    return it->second;
  }
  if (recent_.size() >= kMaxConnections) {
    before_ = std::exchange(recent_, {});
  }
  Begun begun;
  if (const auto it = before_.find(connection); it != before_.end()) {
    begun = it->second;
    before_.erase(it);
  }
  return recent_.emplace(connection, begun).first->second;
}

}  // namespace renkei::server
