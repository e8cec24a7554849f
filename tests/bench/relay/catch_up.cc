#include <cstdio>

#include "tests/bench/relay/benches.h"
#include "tests/bench/relay/watch.h"

namespace renkei::bench {

void BenchCatchUp(const Options& options) {
  constexpr std::size_t kCases = 200;
  constexpr std::size_t kRecordsEach = 10;
  constexpr std::size_t kCommitsEach = 5;
  constexpr int kRuns = 5;
  Region region(options.folder, options.relay);
  const auto members = region.AddMembers(5);
  std::vector<Case> left_at;
  region.Prepare([&](server::Relay& relay, server::SqliteStore& /*store*/) {
    for (std::size_t i = 0; i < kCases; ++i) {
      Case at = region.BeginCase(relay, members);
      left_at.push_back(at);
      for (std::size_t commit = 0; commit < kCommitsEach; ++commit) {
        region.Commit(relay, at, members);
        region.Append(relay, at, *members.front(), kRecordsEach / kCommitsEach);
      }
    }
  });
  const auto relay = region.StartRelay();
  Times times(kRuns);
  constexpr std::size_t kEntries = kCases * (kRecordsEach + kCommitsEach);
  std::size_t messages = 0;
  std::size_t bytes = 0;
  for (int run = 0; run < kRuns; ++run) {
    // From the connection on: a device that wakes up has none.
    const auto begin = SteadyClock::now();
    Watcher watcher(region.Channel(*members.back(), relay->port()), left_at, nullptr);
    watcher.WaitUntilCaughtUp();
    times.AddSince(begin);
    RENKEI_CHECK(watcher.entries() == kEntries);
    messages = watcher.messages();
    bytes = watcher.bytes();
  }
  std::printf(
      "{\"bench\":\"catch_up\",\"threads\":%zu,\"entries\":%zu,\"messages\":%zu,\"bytes\":%zu,"
      "\"p50_ms\":%.1f,\"worst_ms\":%.1f}\n",
      kCases, kEntries, messages, bytes, times.At(0.5), times.At(1));
  std::fflush(stdout);
}

}  // namespace renkei::bench
