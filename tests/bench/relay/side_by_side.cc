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

SideBySide::SideBySide(Region& region, const test::Handset& sender, int connections)
    : relay_(region.StartRelay()), empty_(region.StartEmpty()) {
  for (int i = 0; i < connections; ++i) {
    threads_.push_back(relay::v1::Threads::NewStub(region.Channel(sender, relay_->port())));
    nothing_.push_back(Empty::NewStub(region.Channel(sender, empty_->port())));
  }
}

Compared SideBySide::Run(std::vector<std::unique_ptr<RecordSource>>& sources, int in_flight,
                         double seconds) {
  std::vector<Issue> append;
  for (const auto& stub : threads_) {
    append.push_back(AppendCalls(*stub, sources));
  }
  std::vector<Issue> nothing;
  for (const auto& stub : nothing_) {
    nothing.push_back(EmptyCalls(*stub, sources));
  }
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
