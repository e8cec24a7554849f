// Token buckets: what somebody may use on average, and at once. Times are the caller's, so that a
// test has its own clock.
#ifndef RENKEI_SERVER_CORE_RATE_LIMITER_H_
#define RENKEI_SERVER_CORE_RATE_LIMITER_H_

#include <cstdint>
#include <optional>

#include "crypto/base/clock.h"

namespace renkei::server {

// `burst` at once, `per_second` on average; of calls, KiB or notes.
struct Rate {
  std::uint32_t per_second = 200;
  std::uint32_t burst = 2000;
};

// One bucket, full at first. One thread.
class TokenBucket {
 public:
  // Takes `cost` tokens. Not enough: takes none, and says how long until there are (at least one
  // millisecond). A cost above the burst needs a full bucket and leaves a debt.
  std::optional<Millis> Take(const Rate& rate, Millis now, std::uint64_t cost = 1);
  // What Take() would say, without taking.
  std::optional<Millis> Missing(const Rate& rate, Millis now, std::uint64_t cost = 1);
  // Takes what was used already, if need be into debt, of at most ten bursts.
  void Spend(const Rate& rate, Millis now, std::uint64_t cost);

 private:
  void Refill(const Rate& rate, Millis now);

  std::optional<Millis> at_;      // of the last look; none: full
  std::int64_t thousandths_ = 0;  // of a token
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_CORE_RATE_LIMITER_H_
