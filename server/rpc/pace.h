// When a stream that waits for the pump is sent what there is for it. As long as few messages go
// out: at once. Where many do, each waits for what else comes to its stream meanwhile, for a
// message costs about as much as ten of its entries.
#ifndef RENKEI_SERVER_RPC_PACE_H_
#define RENKEI_SERVER_RPC_PACE_H_

#include <chrono>

namespace renkei::server {

// One thread.
class Pace {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Duration = std::chrono::steady_clock::duration;

  struct Limits {
    double per_second = 0;  // messages that go out at once
    double in_a_row = 1;    // of these, after a rest
    Duration longest{};     // that one waits; more messages go out where more are due
  };
  // A tenth of its processors' time for messages that go out at once. None waits longer than is
  // seen beside the network's time.
  static Limits ForThisMachine();

  Pace(const Limits& limits, Time now) : limits_(limits), left_(limits.in_a_row), at_(now) {}

  // How much longer what has waited since `since` waits; zero: it is sent now, and counted.
  Duration Wait(Time since, Time now);

 private:
  const Limits limits_;
  double left_;  // that may go out at once, as of at_
  Time at_;
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_RPC_PACE_H_
