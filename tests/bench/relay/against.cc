// Two builds of the relay, beside each other: appends to each in turns so short that what else the
// machine does meets both. Whole runs differ by a fifth and more where nothing differs; of forty
// turns each the middle ratio comes back within three hundredths.
#include <algorithm>
#include <cstdio>

#include "tests/bench/relay/benches.h"
#include "tests/bench/relay/stream_calls.h"

namespace renkei::bench {
namespace {

constexpr double kTurn = 0.25;  // seconds
constexpr std::size_t kMostCalls = 100'000;

// One build: a relay with a case in a folder of its own, and what its turns have come to.
class Build {
 public:
  Build(const std::string& folder, const std::string& program)
      : region_(folder, program), members_(region_.AddMembers(2)) {
    Case at;
    region_.Prepare([&](server::Relay& relay, server::SqliteStore& /*store*/) {
      at = region_.BeginCase(relay, members_);
    });
    sources_.push_back(std::make_unique<RecordSource>(at, *members_.front()));
    relay_ = region_.StartRelay();
    stub_ = relay::v1::Threads::NewStub(region_.Channel(*members_.front(), relay_->port()));
  }

  void Begin(const Over& over) {
    issues_ = {over.calls(*stub_, sources_)};
    turns_.clear();
    sum_ = {};
  }
  void Turn(int in_flight) {
    Times times(kMostCalls);
    const LoadResult turn = RunClosed(issues_, in_flight, kTurn, *relay_, times);
    turns_.push_back(times.At(0.5));
    sum_.seconds += turn.seconds;
    sum_.cpu += turn.cpu;
    sum_.calls += turn.calls;
  }

  const std::vector<double>& turns() const { return turns_; }  // p50, in milliseconds
  double per_second() const { return static_cast<double>(sum_.calls) / sum_.seconds; }
  double cpu_us() const { return sum_.cpu * 1e6 / static_cast<double>(sum_.calls); }

 private:
  Region region_;
  const std::vector<const test::Handset*> members_;
  std::vector<std::unique_ptr<RecordSource>> sources_;
  std::unique_ptr<Process> relay_;
  std::unique_ptr<relay::v1::Threads::Stub> stub_;
  std::vector<Issue> issues_;
  std::vector<double> turns_;
  LoadResult sum_;
};

double Middle(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void Print(const Over& over, int in_flight, const Build& ours, const Build& other) {
  std::vector<double> ratios;
  for (std::size_t turn = 0; turn < ours.turns().size(); ++turn) {
    ratios.push_back(ours.turns()[turn] / other.turns()[turn]);
  }
  const auto quicker =
      std::count_if(ratios.begin(), ratios.end(), [](double ratio) { return ratio < 1; });
  std::printf(
      "{\"bench\":\"against\",\"over\":\"%s\",\"in_flight\":%d,\"turns\":%zu,\"quicker\":%td,"
      "\"p50_ms\":%.3f,\"other_p50_ms\":%.3f,\"of_other\":%.3f,\"per_s\":%.0f,\"other_per_s\":%.0f,"
      "\"cpu_us\":%.1f,\"other_cpu_us\":%.1f}\n",
      over.name, in_flight, ratios.size(), quicker, Middle(ours.turns()), Middle(other.turns()),
      Middle(ratios), ours.per_second(), other.per_second(), ours.cpu_us(), other.cpu_us());
  std::fflush(stdout);
}

}  // namespace

void BenchAgainst(const Options& options) {
  Build ours(options.folder, options.relay);
  // Inside ours, which was not there before: what is beside it is not ours to remove.
  Build other(options.folder + "/other", options.against);
  const int turns = std::max(1, static_cast<int>(options.seconds / kTurn));
  for (const int in_flight : options.in_flight) {
    for (const Over& over : kBoth) {
      ours.Begin(over);
      other.Begin(over);
      for (int turn = 0; turn < turns; ++turn) {
        // Whoever comes second finds the processors and the disk awake.
        Build* const first = turn % 2 == 0 ? &ours : &other;
        first->Turn(in_flight);
        (first == &ours ? other : ours).Turn(in_flight);
      }
      Print(over, in_flight, ours, other);
    }
  }
}

}  // namespace renkei::bench
