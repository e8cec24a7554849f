#include <cstdio>

#include "tests/bench/relay/benches.h"
#include "tests/bench/relay/side_by_side.h"
#include "tests/bench/relay/watch.h"

namespace renkei::bench {

void BenchAppend(const Options& options) {
  Region region(options.folder, options.relay);
  const auto members = region.AddMembers(2);
  Case at;
  region.Prepare([&](server::Relay& relay, server::SqliteStore& /*store*/) {
    at = region.BeginCase(relay, members);
  });
  std::vector<std::unique_ptr<RecordSource>> sources;
  sources.push_back(std::make_unique<RecordSource>(at, *members.front()));
  SideBySide pair(region, *members.front(), options.connections);
  for (const int in_flight : options.in_flight) {
    const Compared got = pair.Run(sources, in_flight, options.seconds);
    std::printf(
        "{\"bench\":\"append\",\"store\":\"sqlite\",\"connections\":%d,\"in_flight\":%d,"
        "\"per_s\":%.0f,"
        "\"empty_call_per_s\":%.0f,\"ratio\":%.3f,\"cpu_us\":%.1f,\"empty_call_cpu_us\":%.1f,"
        "\"cpu_ratio\":%.3f,\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"empty_call_p50_ms\":%.3f}\n",
        options.connections, in_flight, got.per_second, got.empty_per_second,
        got.per_second / got.empty_per_second, got.cpu_us, got.empty_cpu_us,
        got.empty_cpu_us / got.cpu_us, got.p50_ms, got.p99_ms, got.empty_p50_ms);
    std::fflush(stdout);
  }
}

void BenchLatency(const Options& options) {
  constexpr double kPerSecond = 1000;
  Region region(options.folder, options.relay);
  const auto members = region.AddMembers(2);
  Case at;
  region.Prepare([&](server::Relay& relay, server::SqliteStore& /*store*/) {
    at = region.BeginCase(relay, members);
  });
  std::vector<std::unique_ptr<RecordSource>> sources;
  sources.push_back(std::make_unique<RecordSource>(at, *members.front()));
  const auto relay = region.StartRelay();
  const auto stub = relay::v1::Threads::NewStub(region.Channel(*members.front(), relay->port()));
  Times acknowledged(1'000'000);
  Times delivered(1'000'000);
  Watcher watcher(region.Channel(*members.back(), relay->port()), {at}, &delivered);
  watcher.WaitUntilCaughtUp();
  const LoadResult load =
      RunOpen(AppendCalls(*stub, sources), kPerSecond, options.seconds, *relay, acknowledged);
  RENKEI_CHECK(watcher.WaitForEntries(load.calls));
  for (const auto& [name, times] :
       {std::pair("acknowledged", &acknowledged), std::pair("delivered", &delivered)}) {
    std::printf(
        "{\"bench\":\"latency\",\"what\":\"%s\",\"wanted_per_s\":%.0f,\"per_s\":%.0f,"
        "\"count\":%zu,\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"p999_ms\":%.3f}\n",
        name, kPerSecond, static_cast<double>(load.calls) / load.seconds, times->count(),
        times->At(0.5), times->At(0.99), times->At(0.999));
  }
  std::fflush(stdout);
}

}  // namespace renkei::bench
