// Time as a seam. Millis counts milliseconds of UTC since 1970-01-01; durations are Millis too.
#ifndef RENKEI_CRYPTO_BASE_CLOCK_H_
#define RENKEI_CRYPTO_BASE_CLOCK_H_

#include <compare>
#include <cstdint>

namespace renkei {

struct Millis {
  std::int64_t value = 0;

  friend constexpr auto operator<=>(Millis, Millis) = default;
  friend constexpr Millis operator+(Millis a, Millis b) { return {a.value + b.value}; }
  friend constexpr Millis operator-(Millis a, Millis b) { return {a.value - b.value}; }
};

constexpr Millis Seconds(std::int64_t n) {
  return {n * 1000};
}
constexpr Millis Minutes(std::int64_t n) {
  return Seconds(n * 60);
}
constexpr Millis Hours(std::int64_t n) {
  return Minutes(n * 60);
}
constexpr Millis Days(std::int64_t n) {
  return Hours(n * 24);
}

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Millis Now() const = 0;
};

// The machine's wall clock. Any thread.
class SystemClock final : public Clock {
 public:
  Millis Now() const override;
};

// For tests: stands still until told. One thread.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Millis now) : now_(now) {}
  Millis Now() const override { return now_; }
  void Set(Millis now) { now_ = now; }
  void Advance(Millis by) { now_ = now_ + by; }

 private:
  Millis now_;
};

}  // namespace renkei

#endif  // RENKEI_CRYPTO_BASE_CLOCK_H_
