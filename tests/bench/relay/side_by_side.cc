#include "tests/bench/relay/side_by_side.h"

namespace renkei::bench {
namespace {

constexpr int kTurns = 4;
constexpr std::size_t kMostCalls = 4'000'000;

void Add(const LoadResult& turn, LoadResult& sum) {
  sum.seconds += turn.seconds;
  sum.cpu += turn.cpu;
  sum.calls += turn.calls;
}

double PerSecond(const LoadResult& load) {
  return static_cast<double>(load.calls) / load.seconds;
}

double CpuMicroseconds(const LoadResult& load) {
  return load.cpu * 1e6 / static_cast<double>(load.calls);
}

}  // namespace

Compared SideBySide::Run(std::vector<std::unique_ptr<RecordSource>>& sources, int in_flight,
                         double seconds) {
  const Issue append = AppendCalls(*threads_, sources);
  const Issue nothing = EmptyCalls(*nothing_, sources);
  Times append_times(kMostCalls);
  Times empty_times(kMostCalls);
  LoadResult appends;
  LoadResult empties;
  for (int turn = 0; turn < kTurns; ++turn) {
    Add(RunClosed(nothing, in_flight, seconds / kTurns, *empty_, empty_times), empties);
    Add(RunClosed(append, in_flight, seconds / kTurns, *relay_, append_times), appends);
  }
  return {PerSecond(appends),       PerSecond(empties),   CpuMicroseconds(appends),
          CpuMicroseconds(empties), append_times.At(0.5), append_times.At(0.99),
          empty_times.At(0.5)};
}

}  // namespace renkei::bench
