// Appends to a relay and what does nothing, over calls and over streams, turn by turn in one run,
// so that what else the machine does meets all.
#ifndef RENKEI_TESTS_BENCH_RELAY_SIDE_BY_SIDE_H_
#define RENKEI_TESTS_BENCH_RELAY_SIDE_BY_SIDE_H_

#include <optional>

#include "tests/bench/relay/load.h"

namespace renkei::bench {

struct Side {
  double per_second = 0;
  double cpu_us = 0;  // of one, client and server together
  double p50_ms = 0;
  double p99_ms = 0;
};

struct Compared {
  Side append;         // a call each
  Side append_stream;  // as messages of a stream for each connection
  Side empty_call;
  Side empty_stream;
  // With one in flight: what does nothing but write and sync (synced_writes.h).
  std::optional<Side> synced_call;
  std::optional<Side> synced_stream;
};

class SideBySide {
 public:
  // Starts all, and connects to each as `sender`, over so many connections.
  SideBySide(Region& region, const test::Handset& sender, int connections);

  const Process& relay() const { return *relay_; }
  // `seconds` of each.
  Compared Run(std::vector<std::unique_ptr<RecordSource>>& sources, int in_flight, double seconds);

 private:
  std::unique_ptr<Process> relay_;
  std::unique_ptr<Process> empty_;
  std::unique_ptr<Process> synced_;
  std::vector<std::unique_ptr<relay::v1::Threads::Stub>> threads_;
  std::vector<std::unique_ptr<Empty::Stub>> nothing_;
  std::vector<std::unique_ptr<Empty::Stub>> only_synced_;
};

}  // namespace renkei::bench

#endif  // RENKEI_TESTS_BENCH_RELAY_SIDE_BY_SIDE_H_
