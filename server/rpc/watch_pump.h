// A thread that reads the store for others, so that neither gRPC's threads nor the one that answers
// appends waits for it: one for the watch streams, at their pace, one for answers that had to wait
// for room (large_answer.h). Each is in its queue once at most.
#ifndef RENKEI_SERVER_RPC_WATCH_PUMP_H_
#define RENKEI_SERVER_RPC_WATCH_PUMP_H_

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "server/rpc/pace.h"

namespace renkei::server {

class Pumped {
 public:
  virtual ~Pumped() = default;
  // On the pump's thread: read and send what there is.
  virtual void Pump() = 0;

 private:
  friend class WatchPump;
  bool is_queued_ = false;  // guarded by the pump
};

// Any thread.
class WatchPump {
 public:
  // Without limits: whatever waits, at once.
  explicit WatchPump(const std::optional<Pace::Limits>& limits);
  // What waits is dropped.
  ~WatchPump();

  void Schedule(std::shared_ptr<Pumped> stream);

 private:
  struct Waiting {
    std::shared_ptr<Pumped> stream;
    Pace::Time since;
  };

  void Run();
  // The next whose time has come. Null: stopped.
  std::shared_ptr<Pumped> Next();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Pace> pace_;
  std::deque<Waiting> queue_;
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_RPC_WATCH_PUMP_H_
