#include <algorithm>
#include <cstdio>

#include "tests/bench/relay/benches.h"
#include "tests/bench/relay/stream_calls.h"
#include "tests/bench/relay/watch.h"

namespace renkei::bench {
namespace {

struct Shape {
  const char* name;
  std::size_t threads;
  std::size_t watchers_each;
  bool shared;  // the same devices watch every thread, over one stream each
  int in_flight;
};

struct World {
  std::vector<Case> cases;
  std::vector<std::unique_ptr<RecordSource>> sources;
  const test::Handset* sender = nullptr;
  // Who watches, and which cases.
  std::vector<std::pair<const test::Handset*, std::vector<Case>>> watchers;
};

World MakeWorld(Region& region, const Shape& shape) {
  World out;
  out.sender = region.AddMembers(1).front();
  std::vector<const test::Handset*> watching =
      region.AddMembers(shape.shared ? shape.watchers_each : shape.threads * shape.watchers_each);
  region.Prepare([&](server::Relay& relay, server::SqliteStore& /*store*/) {
    for (std::size_t i = 0; i < shape.threads; ++i) {
      const std::size_t first = shape.shared ? 0 : i * shape.watchers_each;
      std::vector<const test::Handset*> members = {out.sender};
      members.insert(members.end(), watching.begin() + static_cast<std::ptrdiff_t>(first),
                     watching.begin() + static_cast<std::ptrdiff_t>(first + shape.watchers_each));
      out.cases.push_back(region.BeginCase(relay, members));
      out.sources.push_back(std::make_unique<RecordSource>(out.cases.back(), *out.sender));
    }
  });
  for (std::size_t i = 0; i < watching.size(); ++i) {
    out.watchers.emplace_back(
        watching[i], shape.shared ? out.cases : std::vector{out.cases[i / shape.watchers_each]});
  }
  return out;
}

// Entries that each watcher is to get, if `calls` went to the threads in turn.
std::size_t Expected(const World& world, const std::vector<Case>& watched, std::size_t calls) {
  std::size_t out = 0;
  for (std::size_t i = 0; i < world.cases.size(); ++i) {
    const bool is_watched = std::any_of(watched.begin(), watched.end(), [&](const Case& at) {
      return at.card.card.case_id == world.cases[i].card.card.case_id;
    });
    const std::size_t each = calls / world.cases.size() + (i < calls % world.cases.size() ? 1 : 0);
    out += is_watched ? each : 0;
  }
  return out;
}

void RunShape(const Options& options, const Shape& shape, const Over& over) {
  Region region(options.folder, options.relay);
  World world = MakeWorld(region, shape);
  const auto relay = region.StartRelay();
  const auto stub = relay::v1::Threads::NewStub(region.Channel(*world.sender, relay->port()));
  Times acknowledged(4'000'000);
  Times delivered(40'000'000);
  std::vector<std::unique_ptr<Watcher>> watchers;
  for (const auto& [handset, cases] : world.watchers) {
    watchers.push_back(
        std::make_unique<Watcher>(region.Channel(*handset, relay->port()), cases, &delivered));
    if (watchers.size() % 50 == 0) {
      watchers.back()->WaitUntilCaughtUp();
    }
  }
  std::size_t messages = 0;
  for (const auto& watcher : watchers) {
    watcher->WaitUntilCaughtUp();
    messages += watcher->messages();
  }
  const auto begin = SteadyClock::now();
  const Issue append = over.calls(*stub, world.sources);
  const LoadResult load =
      RunClosed(std::span(&append, 1), shape.in_flight, options.seconds, *relay, acknowledged);
  // The clock runs until the last watcher has the last entry.
  std::size_t entries = 0;
  for (std::size_t i = 0; i < watchers.size(); ++i) {
    const std::size_t expected = Expected(world, world.watchers[i].second, load.calls);
    RENKEI_CHECK(watchers[i]->WaitForEntries(expected) && watchers[i]->entries() == expected);
    entries += expected;
  }
  const double seconds = std::chrono::duration<double>(SteadyClock::now() - begin).count();
  std::size_t all_messages = 0;
  for (const auto& watcher : watchers) {
    all_messages += watcher->messages();
  }
  std::printf(
      "{\"bench\":\"fan_out\",\"over\":\"%s\",\"shape\":\"%s\",\"threads\":%zu,\"watchers_each\":%"
      "zu,"
      "\"streams\":%zu,\"in_flight\":%d,\"per_s\":%.0f,\"deliveries_per_s\":%.0f,"
      "\"entries_in_a_message\":%.1f,\"cpu_us\":%.1f,\"ack_p50_ms\":%.2f,\"ack_p99_ms\":%.2f,"
      "\"delivery_p50_ms\":%.2f,\"delivery_p99_ms\":%.2f}\n",
      over.name, shape.name, shape.threads, shape.watchers_each, watchers.size(), shape.in_flight,
      static_cast<double>(load.calls) / seconds, static_cast<double>(entries) / seconds,
      static_cast<double>(entries) / static_cast<double>(all_messages - messages),
      load.cpu * 1e6 / static_cast<double>(load.calls), acknowledged.At(0.5), acknowledged.At(0.99),
      delivered.At(0.5), delivered.At(0.99));
  std::fflush(stdout);
}

}  // namespace

void BenchFanOut(const Options& options) {
  for (const Shape& shape : {Shape{"one thread", 1, 40, true, 64},
                             Shape{"the same ten devices watch all", 50, 10, true, 64},
                             Shape{"ten devices for each thread", 50, 10, false, 64}}) {
    for (const Over& over : kBoth) {
      RunShape(options, shape, over);
    }
  }
}

}  // namespace renkei::bench
