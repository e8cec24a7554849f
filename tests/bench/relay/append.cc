#include <cstdio>

#include "tests/bench/relay/benches.h"
#include "tests/bench/relay/side_by_side.h"
#include "tests/bench/relay/stream_calls.h"
#include "tests/bench/relay/watch.h"

namespace renkei::bench {
namespace {

void Print(const Options& options, int in_flight, const char* over, const Side& append,
           const std::optional<Side>& synced, const Compared& got) {
  std::printf(
      "{\"bench\":\"append\",\"store\":\"sqlite\",\"over\":\"%s\",\"connections\":%d,"
      "\"in_flight\":%d,\"per_s\":%.0f,\"empty_call_per_s\":%.0f,\"ratio\":%.3f,\"cpu_us\":%.1f,"
      "\"empty_call_cpu_us\":%.1f,\"cpu_ratio\":%.3f,\"p50_ms\":%.3f,\"p99_ms\":%.3f,"
      "\"empty_call_p50_ms\":%.3f,\"empty_stream_per_s\":%.0f,\"empty_stream_p50_ms\":%.3f",
      over, options.connections, in_flight, append.per_second, got.empty_call.per_second,
      append.per_second / got.empty_call.per_second, append.cpu_us, got.empty_call.cpu_us,
      got.empty_call.cpu_us / append.cpu_us, append.p50_ms, append.p99_ms, got.empty_call.p50_ms,
      got.empty_stream.per_second, got.empty_stream.p50_ms);
  if (synced) {
    std::printf(",\"synced_p50_ms\":%.3f,\"of_synced\":%.2f", synced->p50_ms,
                append.p50_ms / synced->p50_ms);
  }
  std::printf("}\n");
}

void RunLatency(const Options& options, const Over& over) {
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
      RunOpen(over.calls(*stub, sources), kPerSecond, options.seconds, *relay, acknowledged);
  RENKEI_CHECK(watcher.WaitForEntries(load.calls));
  for (const auto& [name, times] :
       {std::pair("acknowledged", &acknowledged), std::pair("delivered", &delivered)}) {
    std::printf(
        "{\"bench\":\"latency\",\"over\":\"%s\",\"what\":\"%s\",\"wanted_per_s\":%.0f,"
        "\"per_s\":%.0f,\"count\":%zu,\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"p999_ms\":%.3f}\n",
        over.name, name, kPerSecond, static_cast<double>(load.calls) / load.seconds, times->count(),
        times->At(0.5), times->At(0.99), times->At(0.999));
  }
  std::fflush(stdout);
}

}  // namespace

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
    Print(options, in_flight, "call", got.append, got.synced_call, got);
    Print(options, in_flight, "stream", got.append_stream, got.synced_stream, got);
    std::fflush(stdout);
  }
}

void BenchLatency(const Options& options) {
  for (const Over& over : kBoth) {
    RunLatency(options, over);
  }
}

}  // namespace renkei::bench
