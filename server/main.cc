// renkei-relay: puts the relay together and runs it until it is told to stop. Composition only.
#include <signal.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "server/config.h"
#include "server/core/audit.h"
#include "server/region_files.h"
#include "server/rpc/grpc_server.h"
#include "server/serve.h"
#include "server/store/sqlite_store.h"

namespace renkei::server {
namespace {

int Fail(const std::string& sentence) {
  std::fprintf(stderr, "renkei-relay: %s\n", sentence.c_str());
  return 1;
}

// Walks the audit log of a stopped relay.
int VerifyAuditLog(const std::filesystem::path& data_dir) {
  const auto opened = SqliteStore::Open(data_dir / kStoreFolder, {});
  if (!opened.store) {
    return Fail(opened.problem);
  }
  const auto verdict = VerifyAudit(*opened.store);
  if (!verdict.ok()) {
    return Fail("the audit log cannot be read");
  }
  if (verdict->broken_at != 0) {
    return Fail("the audit log was changed: row " + std::to_string(verdict->broken_at) +
                " does not continue the chain");
  }
  std::printf("%llu rows, unbroken; head %s\n", static_cast<unsigned long long>(verdict->rows),
              ToHex(verdict->head).c_str());
  return 0;
}

int Run(int argc, char** argv) {
  CLI::App app("The relay of Renkei: orders, keeps and delivers what it cannot read.");
  ServeOptions options;
  std::string config;
  app.add_option("--data", options.data_dir, "the relay's data directory");
  app.add_option("--listen", options.listen, "HOST:PORT; port 0 takes any free one");
  app.add_option("--config", config, "settings (TOML); every setting has a default");
  std::string audited;
  CLI::App* audit = app.add_subcommand("audit-verify", "walk the audit log of a stopped relay");
  audit->add_option("--data", audited, "the relay's data directory")->required();
  app.require_subcommand(0, 1);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : 2;
  }
  if (audit->parsed()) {
    return VerifyAuditLog(audited);
  }
  if (options.data_dir.empty() || options.listen.empty()) {
    std::fprintf(stderr, "renkei-relay: --data and --listen are needed; see --help\n");
    return 2;
  }
  if (!IsListenAddress(options.listen)) {
    std::fprintf(stderr, "renkei-relay: --listen must be HOST:PORT\n");
    return 2;
  }
  if (!config.empty()) {
    const LoadedSettings loaded = LoadSettings(config);
    if (!loaded.settings) {
      return Fail(loaded.problem);
    }
    options.settings = *loaded.settings;
  }
  const std::string problem = Serve(options);
  return problem.empty() ? 0 : Fail(problem);
}

}  // namespace
}  // namespace renkei::server

int main(int argc, char** argv) {
  // Before gRPC starts a thread: the signals are taken by Serve() alone, and the environment is
  // still ours to set.
  try {
    renkei::server::BlockStopSignals();
    renkei::server::RequireTls13();
    renkei::InitCrypto();
    return renkei::server::Run(argc, argv);
  } catch (...) {
    // What a library threw and nothing nearer caught: no memory, say. Its text may hold anything.
    std::fputs(
        "renkei-relay: stopped by a fault; what was acknowledged is stored, start it again\n",
        stderr);
    return 1;
  }
}
