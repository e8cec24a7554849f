// What an attack costs the relay and the honest people on it, in one run: the relay is a process of
// its own with its default settings; people write at a steady pace while nothing happens, then
// during each attack. Prints one JSON object a line; ratios count, absolute figures drift with the
// machine.
//   relay_flood [--relay PROGRAM] [--only NAME]... [--seconds S] [--connections N] [--streams N]
//               [--devices N] [--backlog N] [--set 'TOML'] [--bound MIB] [--check]
// The bound is what the relay had before, --bound (server.memory_mib and unread_mib of the
// defaults) and 256 KiB for each connection. "held": it lived, stayed below, answered honest people
// meanwhile and afterwards. --check: exit 1 unless it held against each.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include "crypto/base/random.h"
#include "server/rpc/acceptor.h"
#include "server/rpc/grpc_server.h"
#include "tests/bench/flood/attacks.h"

namespace renkei::flood {
namespace {

constexpr int kPerSecond = 50;
// What one connection may cost beside what is on its way: TLS, HTTP/2, its streams' state.
constexpr double kConnectionMib = 0.25;

struct Options {
  std::string relay = RENKEI_RELAY_PROGRAM;
  std::vector<std::string> only;
  double seconds = 5;
  Scale scale;
  std::size_t devices = 64;
  std::size_t backlog = 16;
  std::string settings;
  double bound_mib = 1024 + 256;  // server.memory_mib and unread_mib
  bool check = false;
};

struct Measured {
  std::size_t did = 0;
  Latency during;
  Memory memory;
  bool is_alive = false;
};

Measured Endure(Victim& victim, const Attack& attack, const Options& options) {
  std::atomic<bool> stop = false;
  Measured out;
  (void)victim.Use();
  std::thread attacker([&] { out.did = attack.run(victim, options.scale, stop); });
  out.during = victim.Write(options.seconds, kPerSecond);
  out.memory = victim.Use();
  stop.store(true);
  attacker.join();
  out.is_alive = victim.is_alive();
  return out;
}

double Ratio(double a, double b) {
  return b > 0 ? a / b : 0;
}

// Alive, below the bound, and honest people were answered.
bool Held(const Measured& measured, double bound_mib) {
  return measured.is_alive && measured.memory.most_mib < bound_mib && measured.during.failed == 0 &&
         measured.during.calls > 0;
}

int Run(const Options& options) {
  Victim victim(options.relay, options.settings, options.devices, options.backlog);
  (void)victim.Write(1, kPerSecond);
  const Latency quiet = victim.Write(options.seconds, kPerSecond);
  const Memory before = victim.Use();
  const double bound = before.now_mib + options.bound_mib +
                       static_cast<double>(options.scale.connections) * kConnectionMib;
  std::printf(
      "{\"attack\":\"none\",\"p50_ms\":%.2f,\"p99_ms\":%.2f,\"delivered_p50_ms\":%.2f,"
      "\"delivered_p99_ms\":%.2f,\"rss_mib\":%.0f,\"bound_mib\":%.0f}\n",
      quiet.p50_ms, quiet.p99_ms, quiet.delivered_p50_ms, quiet.delivered_p99_ms, before.now_mib,
      bound);
  bool is_good = true;
  for (const Attack& attack : Attacks()) {
    const bool wanted = options.only.empty() || std::find(options.only.begin(), options.only.end(),
                                                          attack.name) != options.only.end();
    if (!wanted) {
      continue;
    }
    const Measured measured = Endure(victim, attack, options);
    const Latency after = victim.Write(std::min(2.0, options.seconds), kPerSecond);
    const Memory left = victim.Use();
    const bool held = Held(measured, bound) && after.failed == 0;
    is_good = is_good && held;
    std::printf(
        "{\"attack\":\"%s\",\"did\":%zu,\"calls\":%zu,\"failed\":%zu,\"p50_ratio\":%.2f,"
        "\"p99_ratio\":%.2f,\"delivered\":%zu,\"delivered_p50_ratio\":%.2f,"
        "\"delivered_p99_ratio\":%.2f,\"most_mib\":%.0f,\"bound_mib\":%.0f,\"left_mib\":%.0f,"
        "\"failed_after\":%zu,\"held\":%s}\n",
        attack.name, measured.did, measured.during.calls, measured.during.failed,
        Ratio(measured.during.p50_ms, quiet.p50_ms), Ratio(measured.during.p99_ms, quiet.p99_ms),
        measured.during.delivered, Ratio(measured.during.delivered_p50_ms, quiet.delivered_p50_ms),
        Ratio(measured.during.delivered_p99_ms, quiet.delivered_p99_ms), measured.memory.most_mib,
        bound, left.now_mib, after.failed, held ? "true" : "false");
    std::fflush(stdout);
  }
  return options.check && !is_good ? 1 : 0;
}

}  // namespace
}  // namespace renkei::flood

int main(int argc, char** argv) {
  (void)std::signal(SIGPIPE, SIG_IGN);  // the relay hangs up on who attacks it
  renkei::server::RequireTls13();
  renkei::server::IgnoreLockOrder();
  renkei::InitCrypto();
  renkei::flood::Options options;
  CLI::App app("Attacks a relay and measures what honest people notice.");
  app.add_option("--relay", options.relay);
  app.add_option("--only", options.only);
  app.add_option("--seconds", options.seconds);
  app.add_option("--connections", options.scale.connections);
  app.add_option("--streams", options.scale.streams);
  app.add_option("--devices", options.devices);
  app.add_option("--backlog", options.backlog);
  app.add_option("--set", options.settings);
  app.add_option("--bound", options.bound_mib);
  app.add_flag("--check", options.check);
  CLI11_PARSE(app, argc, argv);
  (void)renkei::server::RaiseDescriptorLimit();
  return renkei::flood::Run(options);
}
