// renkei-relay: puts the relay together and runs it until it is told to stop. Composition only.
#include <signal.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "server/config.h"
#include "server/rpc/grpc_server.h"
#include "server/serve.h"
#include "server/tools.h"

namespace renkei::server {
namespace {

int Fail(const std::string& sentence) {
  std::fprintf(stderr, "renkei-relay: %s\n", sentence.c_str());
  return 1;
}

int Run(int argc, char** argv) {
  CLI::App app("The relay of Renkei: orders, keeps and delivers what it cannot read.");
  ServeOptions options;
  std::string config;
  app.add_option("--data", options.data_dir, "the relay's data directory");
  app.add_option("--listen", options.listen, "HOST:PORT; port 0 takes any free one");
  app.add_option("--config", config, "settings (TOML); every setting has a default");
  const Tools tools(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : 2;
  }
  if (const std::optional<int> code = tools.Run()) {
    return *code;
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
