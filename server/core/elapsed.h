// How much time has gone by, whatever the wall clock does: the clock of urgent alerts
// (server/README.md "Urgent alerts"). A seam like Clock.
#ifndef RENKEI_SERVER_CORE_ELAPSED_H_
#define RENKEI_SERVER_CORE_ELAPSED_H_

#include "crypto/base/clock.h"
#include "server/core/rows.h"

namespace renkei::server {

// Milliseconds since the machine was started, and which start that was. Values of another start
// cannot be compared.
struct Elapsed {
  ByteArray<16> boot{};
  Millis since;
};

class ElapsedClock {
 public:
  virtual ~ElapsedClock() = default;
  virtual Elapsed Now() const = 0;
};

// Linux's CLOCK_BOOTTIME, which goes on while the machine is suspended and never jumps, and the
// kernel's boot id. Where that cannot be read each process counts as a start of its own. Any
// thread.
class SystemElapsedClock final : public ElapsedClock {
 public:
  SystemElapsedClock();
  Elapsed Now() const override;

 private:
  ByteArray<16> boot_{};
};

// For whoever has but one clock (the simulation): `clock` never jumps and is never started anew.
class SameElapsedClock final : public ElapsedClock {
 public:
  explicit SameElapsedClock(const Clock& clock) : clock_(clock) {}
  Elapsed Now() const override { return {{}, clock_.Now()}; }

 private:
  const Clock& clock_;
};

// Due `wait` from now.
AlertTimer StartTimer(const Elapsed& now, Millis wall, Millis wait);

// How long until it is due; 0 or less: it is. Over a new start of the machine the wall clocks'
// difference counts instead, neither less than nothing nor more than the whole wait: a clock that
// was set cannot bring on more than this one step, nor hold it up by more than its own length.
Millis RemainingOf(const AlertTimer& timer, const Elapsed& now, Millis wall);

}  // namespace renkei::server

#endif  // RENKEI_SERVER_CORE_ELAPSED_H_
