#include "tests/soak/day.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <thread>

namespace renkei::soak {
namespace {

// A visiting nurse station's region, roughly: a few urgent notes at night, plans and handovers when
// the day begins, records after each visit, reports in the evening.
constexpr std::array<double, 24> kHours = {0.4, 0.3, 0.2, 0.2, 0.3, 0.6, 2, 5, 9, 10,  9,   7,
                                           0.5, 0.5, 7,   8,   9,   10,  8, 5, 3, 1.5, 0.6, 0.5};
constexpr double kBusiest = 10;

std::size_t IndexOf(double hour) {
  return static_cast<std::size_t>(std::clamp(hour, 0.0, kMidnight - 0.001));
}

}  // namespace

double ShareBefore(double hour) {
  static const double all = std::accumulate(kHours.begin(), kHours.end(), 0.0);
  const double at = std::clamp(hour, 0.0, kMidnight);
  const std::size_t whole = std::min(static_cast<std::size_t>(at), kHours.size() - 1);
  const double before =
      std::accumulate(kHours.begin(), kHours.begin() + static_cast<std::ptrdiff_t>(whole), 0.0);
  return (before + kHours[whole] * (at - static_cast<double>(whole))) / all;
}

double Rush(double hour) {
  return kHours[IndexOf(hour)] / kBusiest;
}

bool IsNight(double hour) {
  return hour < 6 || hour >= 22;
}

bool IsLull(double hour) {
  return IsNight(hour) || (hour >= 12 && hour < kNoonUntil);
}

double Day::Now() const {
  return (std::chrono::steady_clock::now() - begin_) / hour_;
}

void Day::WaitUntil(double hour) const {
  std::this_thread::sleep_until(
      begin_ + std::chrono::duration_cast<std::chrono::steady_clock::duration>(hour * hour_));
}

}  // namespace renkei::soak
