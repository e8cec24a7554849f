#include "server/rpc/watch_pump.h"

#include <utility>

namespace renkei::server {

WatchPump::WatchPump() : thread_([this] { Run(); }) {}

WatchPump::~WatchPump() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void WatchPump::Schedule(std::shared_ptr<Pumped> stream) {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(stream->is_queued_, true)) {
      return;
    }
    queue_.push_back(std::move(stream));
  }
  changed_.notify_one();
}

void WatchPump::Run() {
  for (;;) {
    std::shared_ptr<Pumped> stream;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stopped_ || !queue_.empty(); });
      if (stopped_) {
        return;
      }
      stream = std::move(queue_.front());
      queue_.pop_front();
      // Before it reads: what changes from now on must queue it again.
      stream->is_queued_ = false;
    }
    stream->Pump();
  }
}

}  // namespace renkei::server
