// Carries retention on: asks core to look now and then, and counts how long the relay runs.
#ifndef RENKEI_SERVER_RETENTION_WATCH_H_
#define RENKEI_SERVER_RETENTION_WATCH_H_

#include <chrono>
#include <memory>

#include "server/core/retention.h"

namespace renkei::server {

// One thread. `retention` must outlive it and the store's answers.
class RetentionWatch {
 public:
  using Moment = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::minutes kEvery{60};  // sooner where a look leaves something to do

  RetentionWatch(Retention& retention, const RetentionRules& rules, Moment start);

  // Waits for nothing. `now`: of a clock that never jumps. Time in which the store could not be
  // written is counted as soon as it can.
  void Look(Moment now);

 private:
  struct State;

  Retention& retention_;
  const RetentionRules rules_;
  Moment counted_;  // up to then it was counted
  Moment next_;
  std::shared_ptr<State> state_;
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_RETENTION_WATCH_H_
