#include "server/rpc/spare_poller.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

namespace renkei::server {
namespace {

using Clock = std::chrono::steady_clock;

// How gRPC is made to call: on a channel without credentials every call fails at once, and that is
// told on one of the threads for callbacks, as any other end is.
class Nowhere {
 public:
  struct Call {
    grpc::ClientContext context;
    grpc::Slice nothing;
    grpc::ByteBuffer request{&nothing, 1};
    grpc::ByteBuffer response;
  };

  // The call must live until `then` was called.
  void Begin(Call& call, std::function<void()> then) {
    stub_.UnaryCall(&call.context, "/", grpc::StubOptions(), &call.request, &call.response,
                    [then = std::move(then)](const grpc::Status& /*failed*/) { then(); });
  }

 private:
  grpc::GenericStub stub_{grpc::CreateChannel("nowhere", nullptr)};
};

}  // namespace

bool OneIsEnough::Look(std::optional<Duration> took) {
  const bool is_late = !took || *took > limits_.late;
  late_ = is_late ? late_ + 1 : 0;
  if (++looks_ * limits_.look >= limits_.longest_rest) {
    rest_ = limits_.rest;
  }
  return took && late_ < limits_.late_looks;
}

std::chrono::milliseconds OneIsEnough::Rest() {
  late_ = 0;
  looks_ = 0;
  return std::exchange(rest_, std::min(2 * rest_, limits_.longest_rest));
}

class SparePoller::Holder {
 public:
  explicit Holder(const OneIsEnough::Limits& limits)
      : look_(limits.look), enough_(limits), thread_([this] { Run(); }) {}
  ~Holder() {
    {
      const std::lock_guard lock(mutex_);
      is_ending_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }
  Holder(const Holder&) = delete;
  Holder& operator=(const Holder&) = delete;

  bool is_held() {
    const std::lock_guard lock(mutex_);
    return is_held_;
  }

 private:
  void Run() {
    std::unique_lock lock(mutex_);
    while (!is_ending_) {
      Ask(lock);
      while (!is_ending_ && enough_.Look(Probe(lock))) {
      }
      LetGo(lock);
      changed_.wait_for(lock, enough_.Rest(), [this] { return is_ending_; });
    }
    came_back_.wait(lock, [this] { return !is_probing_; });
  }

  // Returns when gRPC has given one.
  void Ask(std::unique_lock<std::mutex>& lock) {
    held_.emplace();
    is_wanted_ = true;
    is_gone_ = false;
    lock.unlock();
    nowhere_.Begin(*held_, [this] { Hold(); });
    lock.lock();
    changed_.wait(lock, [this] { return is_held_; });
  }
  // On gRPC's thread.
  void Hold() {
    std::unique_lock lock(mutex_);
    is_held_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !is_wanted_; });
    is_held_ = false;
    is_gone_ = true;
    changed_.notify_all();
  }
  void LetGo(std::unique_lock<std::mutex>& lock) {
    is_wanted_ = false;
    changed_.notify_all();
    changed_.wait(lock, [this] { return is_gone_; });
  }
  // For the time of a look.
  std::optional<Clock::duration> Probe(std::unique_lock<std::mutex>& lock) {
    // One that did not come back in its time: the thread that was held brings it.
    came_back_.wait(lock, [this] { return !is_probing_; });
    probe_.emplace();
    is_probing_ = true;
    const auto begin = Clock::now();
    lock.unlock();
    nowhere_.Begin(*probe_, [this] {
      const std::lock_guard behind(mutex_);
      came_ = Clock::now();
      is_probing_ = false;
      came_back_.notify_all();
    });
    lock.lock();
    changed_.wait_until(lock, begin + look_, [this] { return is_ending_; });
    return is_probing_ ? std::nullopt : std::optional(came_ - begin);
  }

  const std::chrono::milliseconds look_;
  OneIsEnough enough_;
  Nowhere nowhere_;

  std::mutex mutex_;  // of what follows
  std::condition_variable changed_;
  std::condition_variable came_back_;  // the probe
  std::optional<Nowhere::Call> held_;
  std::optional<Nowhere::Call> probe_;
  Clock::time_point came_;  // the last probe
  bool is_wanted_ = false;
  bool is_held_ = false;
  bool is_gone_ = true;
  bool is_probing_ = false;
  bool is_ending_ = false;

  std::thread thread_;
};

SparePoller::SparePoller(const OneIsEnough::Limits& limits)
    : holder_(std::make_unique<Holder>(limits)) {}

SparePoller::~SparePoller() = default;

bool SparePoller::is_held() const {
  return holder_->is_held();
}

}  // namespace renkei::server
