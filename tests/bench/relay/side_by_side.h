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
  // Starts both, and connects to each as `sender`, over so many connections.
  SideBySide(Region& region, const test::Handset& sender, int connections);

  const Process& relay() const { return *relay_; }
  // `seconds` of each.
  Compared Run(std::vector<std::unique_ptr<RecordSource>>& sources, int in_flight, double seconds);

 private:
  std::unique_ptr<Process> relay_;
  std::unique_ptr<Process> empty_;
  std::vector<std::unique_ptr<relay::v1::Threads::Stub>> threads_;
  std::vector<std::unique_ptr<Empty::Stub>> nothing_;
};

}  // namespace renkei::bench

#endif  // RENKEI_TESTS_BENCH_RELAY_SIDE_BY_SIDE_H_
