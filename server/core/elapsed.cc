#include "server/core/elapsed.h"

#include <time.h>

#include <algorithm>
#include <fstream>
#include <string>

#include "crypto/base/ids.h"
#include "crypto/base/random.h"

namespace renkei::server {
namespace {

ByteArray<16> ReadBoot() {
  std::string text;
  std::ifstream("/proc/sys/kernel/random/boot_id") >> text;
  if (const auto id = RecordId::Parse(text); id.ok()) {
    return id->bytes;
  }
  SystemRandom random;
  return RecordId::Generate(random).bytes;
}

}  // namespace

SystemElapsedClock::SystemElapsedClock() : boot_(ReadBoot()) {}

Elapsed SystemElapsedClock::Now() const {
  timespec at{};
  RENKEI_CHECK(clock_gettime(CLOCK_BOOTTIME, &at) == 0);
  return {boot_, {std::int64_t{at.tv_sec} * 1000 + at.tv_nsec / 1'000'000}};
}

AlertTimer StartTimer(const Elapsed& now, Millis wall, Millis wait) {
  return {now.boot, now.since, wall, wait};
}

Millis RemainingOf(const AlertTimer& timer, const Elapsed& now, Millis wall) {
  if (timer.boot == now.boot) {
    return timer.wait - (now.since - timer.elapsed);
  }
  return timer.wait - std::clamp(wall - timer.wall, Millis{0}, timer.wait);
}

}  // namespace renkei::server
