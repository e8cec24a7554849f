#include "server/core/rate_limiter.h"

#include <algorithm>

namespace renkei::server {
namespace {

constexpr std::int64_t kToken = 1000;
constexpr std::int64_t kMaxElapsed = 3'600'000;  // more fills every bucket, and may be a clock jump

std::int64_t FullOf(const Rate& rate) {
  return std::int64_t{rate.burst} * kToken;
}

// What is needed to take `cost`: never more than a full bucket holds.
std::int64_t NeedOf(const Rate& rate, std::uint64_t cost) {
  return static_cast<std::int64_t>(std::min<std::uint64_t>(cost, rate.burst)) * kToken;
}

}  // namespace

void TokenBucket::Refill(const Rate& rate, Millis now) {
  const std::int64_t full = FullOf(rate);
  // A clock that went back gives nothing; one that jumped ahead no more than a full bucket.
  const std::int64_t elapsed =
      at_ ? std::clamp<std::int64_t>((now - *at_).value, 0, kMaxElapsed) : kMaxElapsed;
  thousandths_ = at_ ? std::min(full, thousandths_ + elapsed * rate.per_second) : full;
  at_ = now;
}

std::optional<Millis> TokenBucket::Missing(const Rate& rate, Millis now, std::uint64_t cost) {
  Refill(rate, now);
  const std::int64_t missing = NeedOf(rate, cost) - thousandths_;
  if (missing <= 0) {
    return std::nullopt;
  }
  return Millis{missing / std::max<std::int64_t>(1, rate.per_second) + 1};
}

std::optional<Millis> TokenBucket::Take(const Rate& rate, Millis now, std::uint64_t cost) {
  const std::optional<Millis> wait = Missing(rate, now, cost);
  if (!wait) {
    Spend(rate, now, cost);
  }
  return wait;
}

void TokenBucket::Spend(const Rate& rate, Millis now, std::uint64_t cost) {
  Refill(rate, now);
  const std::int64_t full = FullOf(rate);
  const auto most = static_cast<std::uint64_t>(20 * full / kToken);
  const auto spent = static_cast<std::int64_t>(std::min(cost, most)) * kToken;
  thousandths_ = std::max(thousandths_ - spent, -10 * full);
}

}  // namespace renkei::server
