// The thread that carries urgent alerts on: it asks core when to come again, and comes then.
#ifndef RENKEI_SERVER_ALERT_DRIVER_H_
#define RENKEI_SERVER_ALERT_DRIVER_H_

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "server/core/alerts.h"

namespace renkei::server {

class AlertDriver {
 public:
  // Starts at once with what is due: steps that a dead relay left. `alerts` must outlive it.
  explicit AlertDriver(Alerts& alerts);
  // Ends after the transaction under way.
  ~AlertDriver();
  AlertDriver(const AlertDriver&) = delete;
  AlertDriver& operator=(const AlertDriver&) = delete;

 private:
  void Run();
  // False: to stop.
  bool WaitUntilDue(std::optional<Millis> next);
  // On the thread: one round. How long until the next.
  std::optional<Millis> RunOnce();

  Alerts& alerts_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stop_ = false;
  bool woken_ = false;
  std::thread thread_;
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_ALERT_DRIVER_H_
