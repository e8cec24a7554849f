// How fast the relay is, beside what the same transport costs without it, in one run:
//
//   relay_load [--only append|latency|fan_out|idle|catch_up|growth]... [--seconds S]
//              [--in-flight N]... [--connections N] [--idle N] [--entries N] [--relay PROGRAM]
//              [--dir FOLDER]
//   relay_load --against PROGRAM [--seconds S] [--in-flight N]... [--relay PROGRAM] [--dir FOLDER]
//
// The relay is the program that is installed, in a process of its own: what is measured is what
// runs, its memory can be told from the load's, and neither shares threads with the other. So is
// the service that does nothing (--serve-empty). Load and server share the machine's cores, as in
// the budgets. Ratios count, absolute figures drift with the machine and with who else uses it;
// cpu_us is what one call cost load and server together, whatever else ran meanwhile. Prints one
// JSON object a line.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>

#include "server/rpc/grpc_server.h"
#include "tests/bench/relay/benches.h"
#include "tests/bench/relay/region.h"

namespace renkei::bench {
namespace {

struct Named {
  const char* name;
  void (*run)(const Options&);
};

constexpr Named kBenches[] = {{"append", BenchAppend},    {"latency", BenchLatency},
                              {"fan_out", BenchFanOut},   {"idle", BenchIdle},
                              {"catch_up", BenchCatchUp}, {"growth", BenchGrowth}};

int Main(int argc, char** argv) {
  CLI::App app("How fast the relay is, beside the same transport without it.");
  Options options;
  std::vector<std::string> only;
  std::string serve;
  std::string synced;
  options.relay = RENKEI_RELAY_PROGRAM;
  options.folder =
      std::filesystem::temp_directory_path() / ("renkei-relay-load-" + std::to_string(getpid()));
  std::vector<std::string> names;
  for (const Named& bench : kBenches) {
    names.emplace_back(bench.name);
  }
  CLI::Option* const only_option =
      app.add_option("--only", only, "which; all")->check(CLI::IsMember(names));
  app.add_option("--seconds", options.seconds, "of each measurement")
      ->check(CLI::Range(0.1, 600.0));
  app.add_option("--in-flight", options.in_flight, "calls under way at once (append)")
      ->check(CLI::Range(1, 4096));
  app.add_option("--connections", options.connections, "over which they go (append)")
      ->check(CLI::Range(1, 1024));
  app.add_option("--idle", options.idle, "watchers (idle)")->check(CLI::Range(100, 100'000));
  app.add_option("--entries", options.entries, "up to which the store grows (growth)")
      ->check(CLI::Range(10'000, 100'000'000));
  app.add_option("--relay", options.relay, "the relay's program");
  app.add_option("--against", options.against, "another build of it, in whose turns it is measured")
      ->excludes(only_option);
  app.add_option("--dir", options.folder, "a folder that is not there, on the disk to measure");
  app.add_option("--serve-empty", serve, "")->group("");
  app.add_option("--synced", synced, "")->group("");
  CLI11_PARSE(app, argc, argv);
  if (!serve.empty()) {
    return ServeEmpty(serve, synced);
  }
  if (std::filesystem::exists(options.folder)) {
    std::fprintf(stderr, "relay_load: %s is there already\n", options.folder.c_str());
    return 2;
  }
  if (!options.against.empty()) {
    BenchAgainst(options);
    return 0;
  }
  for (const Named& bench : kBenches) {
    if (only.empty() || std::find(only.begin(), only.end(), bench.name) != only.end()) {
      bench.run(options);
    }
  }
  return 0;
}

}  // namespace
}  // namespace renkei::bench

int main(int argc, char** argv) {
  renkei::server::RequireTls13();
  // As in the relay, for the yardstick and the load too.
  renkei::server::IgnoreLockOrder();
  renkei::server::KeepFreeMemory();
  renkei::InitCrypto();
  return renkei::bench::Main(argc, argv);
}
