#include "server/rpc/pace.h"

#include <algorithm>
#include <thread>
#include <utility>

namespace renkei::server {
namespace {

constexpr double kPerSecondAndProcessor = 2500;  // each some 40 us of the relay's (README)
constexpr std::chrono::milliseconds kLongest{40};
// It is not woken for each message of its own.
constexpr std::chrono::milliseconds kShortest{1};

}  // namespace

Pace::Limits Pace::ForThisMachine() {
  const double per_second =
      kPerSecondAndProcessor * std::max(1U, std::thread::hardware_concurrency());
  return {per_second, per_second / 10, kLongest};
}

Pace::Duration Pace::Wait(Time since, Time now) {
  const std::chrono::duration<double> gone = now - std::exchange(at_, now);
  left_ = std::min(limits_.in_a_row, left_ + limits_.per_second * gone.count());
  const Duration until_due = since + limits_.longest - now;
  if (left_ >= 1 || until_due <= Duration::zero()) {
    left_ = std::max(0.0, left_ - 1);
    return Duration::zero();
  }
  const std::chrono::duration<double> until_next((1 - left_) / limits_.per_second);
  return std::min(until_due,
                  std::max<Duration>(kShortest, std::chrono::duration_cast<Duration>(until_next)));
}

}  // namespace renkei::server
