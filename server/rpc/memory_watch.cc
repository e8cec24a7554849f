#include "server/rpc/memory_watch.h"

#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <memory>

namespace renkei::server {

std::size_t ResidentBytes() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return 0;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
  return 0;
#endif
#endif
  const std::unique_ptr<FILE, int (*)(FILE*)> statm(std::fopen("/proc/self/statm", "re"),
                                                    &std::fclose);
  std::size_t size = 0;
  std::size_t resident = 0;
  if (statm == nullptr || std::fscanf(statm.get(), "%zu %zu", &size, &resident) != 2) {
    return 0;
  }
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

void GiveBackFreeMemory() {
  (void)malloc_trim(0);
}

bool MemoryWatch::HasJumped() {
  const std::size_t now = resident_();
  const std::size_t before = before_.value_or(now);
  before_ = now;
  return now > before + kJump;
}

std::size_t MemoryWatch::Rest(std::size_t expected) const {
  const std::size_t resident = resident_();
  return resident - std::min(resident, expected);
}

bool MemoryWatch::IsShort(std::size_t expected, Millis now) {
  std::size_t rest = Rest(expected);
  if (!looked_) {
    own_ = rest;
  }
  const std::size_t most = std::min(own_ + kSlack, most_);
  if (rest > most && (!given_back_ || now - *given_back_ >= kPause)) {
    give_back_();
    given_back_ = now;
    rest = Rest(expected);
  }
  const std::int64_t waited = looked_ ? std::max<std::int64_t>(0, (now - *looked_).value) : 0;
  own_ = std::min(rest, own_ + static_cast<std::size_t>(waited) * kSlowly / 1000);
  looked_ = now;
  return rest > most;
}

}  // namespace renkei::server
