// How much time has gone by, whatever the wall clock does.
#ifndef RENKEI_CLIENT_CORE_ELAPSED_H_
#define RENKEI_CLIENT_CORE_ELAPSED_H_

#include "crypto/base/clock.h"

namespace renkei::client {

// Milliseconds since the machine was started, while it was suspended too (Linux's CLOCK_BOOTTIME):
// for durations only. Any thread.
class BoottimeClock final : public Clock {
 public:
  Millis Now() const override;
};

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_CORE_ELAPSED_H_
