#include "client/core/elapsed.h"

#include <time.h>

#include "crypto/base/result.h"

namespace renkei::client {

Millis BoottimeClock::Now() const {
  timespec at{};
  RENKEI_CHECK(clock_gettime(CLOCK_BOOTTIME, &at) == 0);
  return {std::int64_t{at.tv_sec} * 1000 + at.tv_nsec / 1'000'000};
}

}  // namespace renkei::client
