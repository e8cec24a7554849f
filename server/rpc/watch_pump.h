// The thread that reads the log for the watch streams, so that neither gRPC's threads nor the one
// that answers appends waits for it. A stream is in its queue once at most.
#ifndef RENKEI_SERVER_RPC_WATCH_PUMP_H_
#define RENKEI_SERVER_RPC_WATCH_PUMP_H_

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>

#include "server/rpc/reader_budget.h"

namespace renkei::server {

// On their way to all slow readers of one institution; so 64 readers of what fits into one message.
inline constexpr std::size_t kMaxHeldOfInstitution = std::size_t{64} << 20U;

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
  WatchPump();
  // What waits is dropped.
  ~WatchPump();

  void Schedule(std::shared_ptr<Pumped> stream);
  ReaderBudget& budget() { return budget_; }

 private:
  void Run();

  ReaderBudget budget_{kMaxHeldOfInstitution};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::shared_ptr<Pumped>> queue_;
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_RPC_WATCH_PUMP_H_
