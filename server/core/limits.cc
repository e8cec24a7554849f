#include "server/core/limits.h"

#include <algorithm>

namespace renkei::server {
namespace {

constexpr std::int64_t kToken = 1000;
constexpr Millis kSweepEvery = Minutes(1);

}  // namespace

std::optional<Millis> RateLimiter::Take(std::string_view key, Millis now) {
  const std::lock_guard lock(mutex_);
  Forget(now);
  const std::int64_t full = std::int64_t{rate_.burst} * kToken;
  auto it = buckets_.find(key);
  if (it == buckets_.end()) {
    it = buckets_.emplace(std::string(key), Bucket{full, now}).first;
  }
  Bucket& bucket = it->second;
  // A clock that went back gives nothing; one that jumped ahead no more than a full bucket.
  const std::int64_t elapsed = std::clamp<std::int64_t>((now - bucket.at).value, 0, 3'600'000);
  bucket.thousandths = std::min(full, bucket.thousandths + elapsed * rate_.per_second);
  bucket.at = now;
  if (bucket.thousandths >= kToken) {
    bucket.thousandths -= kToken;
    return std::nullopt;
  }
  const std::int64_t missing = kToken - bucket.thousandths;
  return Millis{missing / std::max<std::int64_t>(1, rate_.per_second) + 1};
}

void RateLimiter::Forget(Millis now) {
  if (swept_ <= now && now - swept_ < kSweepEvery) {
    return;
  }
  swept_ = now;
  const std::int64_t full = std::int64_t{rate_.burst} * kToken;
  std::erase_if(buckets_, [&](const auto& item) {
    const Bucket& bucket = item.second;
    const std::int64_t idle = (now - bucket.at).value;
    return idle > kSweepEvery.value &&
           bucket.thousandths + std::min<std::int64_t>(idle, 3'600'000) * rate_.per_second >= full;
  });
}

}  // namespace renkei::server
