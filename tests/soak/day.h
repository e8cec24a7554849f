// A day of home care in fast motion: which hour it is, and how much is written by then.
#ifndef RENKEI_TESTS_SOAK_DAY_H_
#define RENKEI_TESTS_SOAK_DAY_H_

#include <chrono>

namespace renkei::soak {

inline constexpr double kMidnight = 24;  // hours, as everywhere here

// The lulls that are compared: at the end of the noon break, and late in the evening.
inline constexpr double kNoonFrom = 13;
inline constexpr double kNoonUntil = 14;
inline constexpr double kNightFrom = 23;

// The share of the day's records that is written before this hour.
double ShareBefore(double hour);
// How busy this hour is: 1 is the busiest.
double Rush(double hour);
// Only what cannot wait is written.
bool IsNight(double hour);
// What the busy hours did not get done is left out, so that the lulls are lulls on any machine.
bool IsLull(double hour);

// Immutable.
class Day {
 public:
  // Begins now.
  explicit Day(double minutes)
      : begin_(std::chrono::steady_clock::now()),
        hour_(std::chrono::duration<double>(minutes * 60 / kMidnight)) {}

  // Since its midnight; goes on after 24.
  double Now() const;
  // The time itself is waited for, nothing else.
  void WaitUntil(double hour) const;

 private:
  const std::chrono::steady_clock::time_point begin_;
  const std::chrono::duration<double> hour_;
};

}  // namespace renkei::soak

#endif  // RENKEI_TESTS_SOAK_DAY_H_
