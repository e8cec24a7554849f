// Whether the process holds more memory than it should. What is free is given back to the machine
// first: glibc keeps what a flood made it take, gigabytes of it, for ever.
#ifndef RENKEI_SERVER_RPC_MEMORY_WATCH_H_
#define RENKEI_SERVER_RPC_MEMORY_WATCH_H_

#include <cstddef>
#include <functional>
#include <optional>
#include <utility>

#include "crypto/base/clock.h"

namespace renkei::server {

// Of this process, in bytes; 0: unknown, as with a sanitizer, whose own memory counts for ten times
// ours. Any thread.
std::size_t ResidentBytes();
void GiveBackFreeMemory();

// One thread.
class MemoryWatch {
 public:
  using Resident = std::function<std::size_t()>;
  using GiveBack = std::function<void()>;

  // most: that the process may hold beside what is expected of it.
  explicit MemoryWatch(std::size_t most, Resident resident = ResidentBytes,
                       GiveBack give_back = GiveBackFreeMemory)
      : most_(most), resident_(std::move(resident)), give_back_(std::move(give_back)) {}

  // Grew by kJump since this was asked last, so that something may be wrong. Cheap.
  bool HasJumped();
  // Some times a second. expected: what connections, requests and answers explain. The rest may be
  // `most`, and grow no faster than kSlowly but for kSlack: so caches fill, and a flood does not
  // pass for one. What is free is given back before this says yes, but not more often than every
  // kPause.
  bool IsShort(std::size_t expected, Millis now);

  static constexpr std::size_t kJump = std::size_t{32} << 20U;
  static constexpr std::size_t kSlack = std::size_t{192} << 20U;
  static constexpr std::size_t kSlowly = std::size_t{1} << 20U;  // a second
  static constexpr Millis kPause = {500};

 private:
  std::size_t Rest(std::size_t expected) const;

  const std::size_t most_;
  const Resident resident_;
  const GiveBack give_back_;
  std::optional<std::size_t> before_;
  std::size_t own_ = 0;  // of the rest: what grew slowly
  std::optional<Millis> looked_;
  std::optional<Millis> given_back_;
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_RPC_MEMORY_WATCH_H_
