#include "tests/bench/relay/side_by_side.h"

#include "tests/bench/relay/stream_calls.h"

namespace renkei::bench {
namespace {

constexpr int kTurns = 4;
constexpr std::size_t kMostCalls = 4'000'000;

// One of what is compared: an issue for each connection, and what its turns have come to.
class Load {
 public:
  template <typename Stub, typename Calls>
  Load(const std::vector<std::unique_ptr<Stub>>& stubs, const Process& server, Calls calls,
       std::vector<std::unique_ptr<RecordSource>>& sources)
      : server_(server) {
    for (const auto& stub : stubs) {
      issues_.push_back(calls(*stub, sources));
    }
  }

  void Turn(int in_flight, double seconds) {
    const LoadResult turn = RunClosed(issues_, in_flight, seconds, server_, times_);
    sum_.seconds += turn.seconds;
    sum_.cpu += turn.cpu;
    sum_.calls += turn.calls;
  }
  Side Result() {
    const auto calls = static_cast<double>(sum_.calls);
    return {calls / sum_.seconds, sum_.cpu * 1e6 / calls, times_.At(0.5), times_.At(0.99)};
  }

 private:
  const Process& server_;
  std::vector<Issue> issues_;
  Times times_{kMostCalls};
  LoadResult sum_;
};

}  // namespace

SideBySide::SideBySide(Region& region, const test::Handset& sender, int connections)
    : relay_(region.StartRelay()), empty_(region.StartEmpty()), synced_(region.StartSynced()) {
  for (int i = 0; i < connections; ++i) {
    threads_.push_back(relay::v1::Threads::NewStub(region.Channel(sender, relay_->port())));
    nothing_.push_back(Empty::NewStub(region.Channel(sender, empty_->port())));
    only_synced_.push_back(Empty::NewStub(region.Channel(sender, synced_->port())));
  }
}

Compared SideBySide::Run(std::vector<std::unique_ptr<RecordSource>>& sources, int in_flight,
                         double seconds) {
  Load empty_call(nothing_, *empty_, EmptyCalls, sources);
  Load append(threads_, *relay_, AppendCalls, sources);
  Load empty_stream(nothing_, *empty_, EmptyStreamCalls, sources);
  Load append_stream(threads_, *relay_, AppendStreamCalls, sources);
  Load synced_call(only_synced_, *synced_, EmptyCalls, sources);
  Load synced_stream(only_synced_, *synced_, EmptyStreamCalls, sources);
  std::vector<Load*> loads = {&empty_call, &append, &empty_stream, &append_stream};
  const bool is_alone = in_flight == 1;
  if (is_alone) {
    loads.insert(loads.end(), {&synced_call, &synced_stream});
  }
  for (int turn = 0; turn < kTurns; ++turn) {
    for (Load* load : loads) {
      load->Turn(in_flight, seconds / kTurns);
    }
  }
  Compared out{
      append.Result(), append_stream.Result(), empty_call.Result(), empty_stream.Result(), {}, {}};
  if (is_alone) {
    out.synced_call = synced_call.Result();
    out.synced_stream = synced_stream.Result();
  }
  return out;
}

}  // namespace renkei::bench
