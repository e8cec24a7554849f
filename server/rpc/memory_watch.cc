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

FreeHeap::~FreeHeap() {
  if (thread_.joinable()) {
    thread_.join();
  }
}

void FreeHeap::GiveBack() {
  if (is_busy_.exchange(true)) {
    return;
  }
  if (thread_.joinable()) {
    thread_.join();
  }
  thread_ = std::thread([this] {
    (void)malloc_trim(0);
    is_busy_.store(false);
  });
}

bool MemoryWatch::HasJumped() {
  const std::size_t now = resident_();
  const std::size_t before = before_.value_or(now);
  before_ = now;
  return now > before + kJump;
}

bool MemoryWatch::IsShort(std::size_t expected, Millis now) {
  const std::size_t resident = resident_();
  const std::size_t rest = resident - std::min(resident, expected);
  if (!looked_) {
    own_ = rest;
    rest_ = rest;
  }
  const std::int64_t waited = looked_ ? std::max<std::int64_t>(0, (now - *looked_).value) : 0;
  own_ = std::min(rest, own_ + static_cast<std::size_t>(waited) * kSlowly / 1000);
  looked_ = now;
  const bool is_growing = rest > rest_ + kGrowth;
  rest_ = rest;
  if (rest <= std::min(own_ + kSlack, most_)) {
    has_tried_ = false;
    return false;
  }
  return HelpsNothing(now) || is_growing;
}

bool MemoryWatch::HelpsNothing(Millis now) {
  if (free_.IsGivingBack()) {
    return false;
  }
  const bool out = has_tried_;
  if (!given_back_ || now - *given_back_ >= kPause) {
    free_.GiveBack();
    given_back_ = now;
    has_tried_ = true;
  }
  return out;
}

}  // namespace renkei::server
