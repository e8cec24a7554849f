// Appends to a relay and empty calls to the service that does nothing, turn by turn in one run, so
// that what else the machine does meets both.
#ifndef RENKEI_TESTS_BENCH_RELAY_SIDE_BY_SIDE_H_
#define RENKEI_TESTS_BENCH_RELAY_SIDE_BY_SIDE_H_

#include "tests/bench/relay/load.h"

namespace renkei::bench {

struct Compared {
  double per_second = 0;
  double empty_per_second = 0;
  double cpu_us = 0;  // of one append, client and relay together
  double empty_cpu_us = 0;
  double p50_ms = 0;
  double p99_ms = 0;
  double empty_p50_ms = 0;
};

class SideBySide {
 public:
  // Starts both, and connects as `sender`.
  SideBySide(Region& region, const test::Handset& sender)
      : relay_(region.StartRelay()),
        empty_(region.StartEmpty()),
        threads_(relay::v1::Threads::NewStub(region.Channel(sender, relay_->port()))),
        nothing_(Empty::NewStub(region.Channel(sender, empty_->port()))) {}

  const Process& relay() const { return *relay_; }
  // `seconds` of each.
  Compared Run(std::vector<std::unique_ptr<RecordSource>>& sources, int in_flight, double seconds);

 private:
  std::unique_ptr<Process> relay_;
  std::unique_ptr<Process> empty_;
  std::unique_ptr<relay::v1::Threads::Stub> threads_;
  std::unique_ptr<Empty::Stub> nothing_;
};

}  // namespace renkei::bench

#endif  // RENKEI_TESTS_BENCH_RELAY_SIDE_BY_SIDE_H_
