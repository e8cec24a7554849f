// Whether the process holds more memory than it should. glibc keeps what a flood made it take,
// gigabytes of it, for ever: what is free is given back to the machine, on a thread of its own,
// because that can take seconds in which a flood goes on.
#ifndef RENKEI_SERVER_RPC_MEMORY_WATCH_H_
#define RENKEI_SERVER_RPC_MEMORY_WATCH_H_

#include <atomic>
#include <cstddef>
#include <functional>
#include <optional>
#include <thread>
#include <utility>

#include "crypto/base/clock.h"

namespace renkei::server {

// Of this process, in bytes; 0: unknown, as with a sanitizer, whose own memory counts for ten times
// ours. Any thread.
std::size_t ResidentBytes();

// One thread.
class FreeMemory {
 public:
  virtual ~FreeMemory() = default;
  // Begins to; waits for nothing.
  virtual void GiveBack() = 0;
  virtual bool IsGivingBack() const = 0;
};

// glibc's.
class FreeHeap final : public FreeMemory {
 public:
  FreeHeap() = default;
  ~FreeHeap() override;
  FreeHeap(const FreeHeap&) = delete;
  FreeHeap& operator=(const FreeHeap&) = delete;
  void GiveBack() override;
  bool IsGivingBack() const override { return is_busy_.load(); }

 private:
  std::atomic<bool> is_busy_ = false;
  std::thread thread_;
};

// One thread.
class MemoryWatch {
 public:
  using Resident = std::function<std::size_t()>;

  // most: that the process may hold beside what is expected of it. free: outlives this.
  MemoryWatch(std::size_t most, FreeMemory& free, Resident resident = ResidentBytes)
      : most_(most), free_(free), resident_(std::move(resident)) {}

  // Grew by kJump since this was asked last, so that something may be wrong. Cheap.
  bool HasJumped();
  // Some times a second. expected: what connections, requests and answers explain. The rest may be
  // `most`, and grow no faster than kSlowly but for kSlack: so caches fill, and a flood does not
  // pass for one. Over that it is short while it grows, or if giving back what is free did not
  // help.
  bool IsShort(std::size_t expected, Millis now);

  static constexpr std::size_t kJump = std::size_t{32} << 20U;
  static constexpr std::size_t kSlack = std::size_t{192} << 20U;
  static constexpr std::size_t kSlowly = std::size_t{1} << 20U;  // a second
  static constexpr std::size_t kGrowth = std::size_t{4} << 20U;  // since it was asked last
  static constexpr Millis kPause = Seconds(2);                   // between two times of giving back

 private:
  bool HelpsNothing(Millis now);

  const std::size_t most_;
  FreeMemory& free_;
  const Resident resident_;
  std::optional<std::size_t> before_;
  std::size_t own_ = 0;  // of the rest: what grew slowly
  std::size_t rest_ = 0;
  bool has_tried_ = false;  // to give back, since it was too much
  std::optional<Millis> looked_;
  std::optional<Millis> given_back_;
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_RPC_MEMORY_WATCH_H_
