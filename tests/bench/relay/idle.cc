#include <algorithm>
#include <cstdio>

#include "tests/bench/relay/benches.h"
#include "tests/bench/relay/watch.h"

namespace renkei::bench {
namespace {

constexpr std::size_t kInACase = 40;
constexpr std::size_t kWarmUp = 40;  // streams opened before the first look at the memory
constexpr std::size_t kAtOnce = 50;

// Bytes of `server` for each of the streams that open() makes, the first few not counted.
template <typename Stream, typename Open, typename Wait>
double BytesEach(const Process& server, std::size_t count, const Open& open, const Wait& wait) {
  std::vector<std::unique_ptr<Stream>> streams;
  std::uint64_t before = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (i == kWarmUp) {
      for (const auto& stream : streams) {
        wait(*stream);
      }
      before = server.AnonymousBytes();
    }
    streams.push_back(open(i));
    if (i % kAtOnce == 0) {
      wait(*streams.back());
    }
  }
  for (const auto& stream : streams) {
    wait(*stream);
  }
  return static_cast<double>(server.AnonymousBytes() - before) /
         static_cast<double>(count - kWarmUp);
}

}  // namespace

void BenchIdle(const Options& options) {
  RaiseDescriptorLimit();
  Region region(options.folder, options.relay);
  const std::size_t count = options.idle + kWarmUp;
  const auto members = region.AddMembers(count);
  std::vector<Case> cases;
  region.Prepare([&](server::Relay& relay, server::SqliteStore& /*store*/) {
    for (std::size_t first = 0; first < members.size(); first += kInACase) {
      const std::size_t last = std::min(first + kInACase, members.size());
      cases.push_back(
          region.BeginCase(relay, {members.begin() + static_cast<std::ptrdiff_t>(first),
                                   members.begin() + static_cast<std::ptrdiff_t>(last)}));
    }
  });
  double empty = 0;
  {
    const auto server = region.StartEmpty();
    empty = BytesEach<SilentStream>(
        *server, count,
        [&](std::size_t i) {
          return std::make_unique<SilentStream>(region.Channel(*members[i], server->port()));
        },
        [](SilentStream& stream) { stream.WaitUntilOpen(); });
  }
  const auto relay = region.StartRelay();
  const double watch = BytesEach<Watcher>(
      *relay, count,
      [&](std::size_t i) {
        return std::make_unique<Watcher>(region.Channel(*members[i], relay->port()),
                                         std::vector{cases[i / kInACase]}, nullptr);
      },
      [](Watcher& watcher) { watcher.WaitUntilCaughtUp(); });
  std::printf(
      "{\"bench\":\"idle\",\"watchers\":%zu,\"bytes_each\":%.0f,\"empty_stream_bytes\":%.0f,"
      "\"ratio\":%.3f}\n",
      options.idle, watch, empty, watch / empty);
  std::fflush(stdout);
}

}  // namespace renkei::bench
