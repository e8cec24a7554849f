#include "server/rpc/watch_pump.h"

#include <utility>

namespace renkei::server {

WatchPump::WatchPump(const std::optional<Pace::Limits>& limits) {
  if (limits) {
    pace_.emplace(*limits, std::chrono::steady_clock::now());
  }
  thread_ = std::thread([this] { Run(); });
}

WatchPump::~WatchPump() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void WatchPump::Schedule(std::shared_ptr<Pumped> stream) {
  bool is_first = false;
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(stream->is_queued_, true)) {
      return;
    }
    is_first = queue_.empty();
    queue_.push_back({std::move(stream), std::chrono::steady_clock::now()});
  }
  // Behind others it waits for them; they were told of.
  if (is_first) {
    changed_.notify_one();
  }
}

void WatchPump::Run() {
  while (const auto stream = Next()) {
    stream->Pump();
  }
}

std::shared_ptr<Pumped> WatchPump::Next() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stopped_ || !queue_.empty(); });
    if (stopped_) {
      return nullptr;
    }
    const auto now = std::chrono::steady_clock::now();
    const auto wait = pace_ ? pace_->Wait(queue_.front().since, now) : Pace::Duration::zero();
    if (wait == Pace::Duration::zero()) {
      break;
    }
    changed_.wait_until(lock, now + wait);
  }
  std::shared_ptr<Pumped> out = std::move(queue_.front().stream);
  queue_.pop_front();
  // Before it reads: what changes from now on must queue it again.
  out->is_queued_ = false;
  return out;
}

}  // namespace renkei::server
