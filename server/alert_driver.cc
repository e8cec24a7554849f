#include "server/alert_driver.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <memory>

namespace renkei::server {
namespace {

// The condition variable's clock stands still while the machine is suspended, that of the alerts
// does not: looking again this often is what makes a step after waking up less than two seconds
// late.
constexpr Millis kLongestWait = Seconds(1);
// With nothing open: alerts that come by another way than an append (returns.h).
constexpr Millis kIdleWait = Seconds(10);
// The store could not be written.
constexpr Millis kRetry = Seconds(1);

}  // namespace

AlertDriver::AlertDriver(Alerts& alerts) : alerts_(alerts) {
  alerts_.SetDriver([this] {
    const std::lock_guard lock(mutex_);
    woken_ = true;
    changed_.notify_all();
  });
  thread_ = std::thread([this] { Run(); });
}

AlertDriver::~AlertDriver() {
  alerts_.SetDriver(nullptr);
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void AlertDriver::Run() {
  std::optional<Millis> next = Millis{0};
  while (WaitUntilDue(next)) {
    next = RunOnce();
  }
}

bool AlertDriver::WaitUntilDue(std::optional<Millis> next) {
  const Millis wait = next ? std::clamp(*next, Millis{0}, kLongestWait) : kIdleWait;
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, std::chrono::milliseconds(wait.value),
                    [this] { return stop_ || woken_; });
  woken_ = false;
  return !stop_;
}

std::optional<Millis> AlertDriver::RunOnce() {
  auto done = std::make_shared<std::promise<Result<std::optional<Millis>>>>();
  auto next = done->get_future();
  alerts_.RunDue([done](Result<std::optional<Millis>> result) { done->set_value(result); });
  const auto result = next.get();
  return result.ok() ? *result : std::optional(kRetry);
}

}  // namespace renkei::server
