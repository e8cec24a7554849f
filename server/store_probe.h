// Whether the store answers: a small write, and reading it back, through the thread that
// everybody's writes go through, and nothing may take longer than the timeout. Reading alone goes
// on working on a full disk; waiting alone would never notice one that hangs.
#ifndef RENKEI_SERVER_STORE_PROBE_H_
#define RENKEI_SERVER_STORE_PROBE_H_

#include <chrono>
#include <memory>

#include "server/core/store.h"

namespace renkei::server {

// One thread. `store` must outlive it.
class StoreProbe {
 public:
  using Moment = std::chrono::steady_clock::time_point;

  // Asks every `interval`, the first time at the first Look.
  StoreProbe(Store& store, std::chrono::seconds interval, std::chrono::seconds timeout);

  // Never waits. False: the last answer was a failure, or there is none since `timeout`. A store
  // that is only too busy (kThrottled) is not judged by that answer, and asked again.
  bool Look(Moment now);

 private:
  struct Answers;

  void Ask();

  Store& store_;
  const std::chrono::seconds interval_;
  const std::chrono::seconds timeout_;
  std::shared_ptr<Answers> answers_;  // the store may answer when this is gone
  Moment asked_{};
  Moment waiting_since_{};  // the oldest question without an answer
  bool was_asked_ = false;
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_STORE_PROBE_H_
