// When somebody must be told although nothing comes: set by the session's thread, looked at by the
// one that may break a waiting stream off.
#ifndef RENKEI_CLIENT_CORE_ALARM_H_
#define RENKEI_CLIENT_CORE_ALARM_H_

#include <atomic>
#include <cstdint>
#include <limits>
#include <optional>

#include "client/core/elapsed.h"

namespace renkei::client {

// Any thread.
class Alarm {
 public:
  // In so long from now, however long the machine sleeps; none: never.
  void Set(std::optional<Millis> in) {
    at_.store(in.has_value() ? (clock_.Now() + *in).value : kNever);
  }
  bool IsDue() const { return clock_.Now().value >= at_.load(); }

 private:
  static constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
  const BoottimeClock clock_{};
  std::atomic<std::int64_t> at_{kNever};
};

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_CORE_ALARM_H_
