// What relay_load measures, one function each; every one makes its own region, and prints its own
// lines of JSON. Budgets are those of the design (server/README.md "How fast it is").
#ifndef RENKEI_TESTS_BENCH_RELAY_BENCHES_H_
#define RENKEI_TESTS_BENCH_RELAY_BENCHES_H_

#include <cstdint>
#include <string>
#include <vector>

namespace renkei::bench {

struct Options {
  std::string relay;    // the program renkei-relay
  std::string against;  // another build of it; empty: none
  std::string folder;   // on the disk to measure; must not be there yet
  double seconds = 3;   // of each measurement
  std::vector<int> in_flight = {1, 16, 64, 256};
  int connections = 1;  // that those calls share (append)
  std::size_t idle = 2000;
  std::uint64_t entries = 1'000'000;  // up to which the store grows
};

// Durable appends beside empty calls.
void BenchAppend(const Options& options);
// Appends to `relay` and to `against`, turn by turn.
void BenchAgainst(const Options& options);
// Acknowledgement, and delivery to one who watches, at 1,000 appends a second.
void BenchLatency(const Options& options);
// One thread with 40 watchers; 50 threads with 10 watchers each.
void BenchFanOut(const Options& options);
// Memory of a watch on which nothing comes, beside an empty stream.
void BenchIdle(const Options& options);
// A device that comes back after 14 days: 200 cases, 2,000 records, 1,000 commits.
void BenchCatchUp(const Options& options);
// Start-up, and appends over 1,000 threads, while the store grows.
void BenchGrowth(const Options& options);

}  // namespace renkei::bench

#endif  // RENKEI_TESTS_BENCH_RELAY_BENCHES_H_
