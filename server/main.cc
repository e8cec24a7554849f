// renkei-relay: puts the relay together and runs it until it is told to stop. Composition only.
#include <signal.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "server/config.h"
#include "server/log.h"
#include "server/rpc/grpc_server.h"
#include "server/serve.h"
#include "server/tools.h"

namespace renkei::server {
namespace {

int Fail(const std::string& sentence) {
  std::fprintf(stderr, "renkei-relay: %s\n", sentence.c_str());
  return 1;
}

int WrongUse(const char* sentence) {
  std::fprintf(stderr, "renkei-relay: %s\n", sentence);
  return 2;
}

struct CommandLine {
  std::string data;
  std::string listen;
  std::string config;
  std::string check_config;
};

int CheckConfig(const std::string& file) {
  const LoadedSettings loaded = LoadSettings(file);
  if (!loaded.settings) {
    return Fail(loaded.problem);
  }
  std::printf("%s: the settings are good\n", file.c_str());
  return 0;
}

// The command line goes before the file. Without a file both have to be said: a relay never starts
// on the machine's own data by accident.
int StartRelay(const CommandLine& said) {
  if (said.config.empty() && (said.data.empty() || said.listen.empty())) {
    return WrongUse("--data and --listen are needed, or --config; see --help");
  }
  if (!said.listen.empty() && !IsListenAddress(said.listen)) {
    return WrongUse("--listen must be HOST:PORT");
  }
  ServeOptions options;
  if (!said.config.empty()) {
    const LoadedSettings loaded = LoadSettings(said.config);
    if (!loaded.settings) {
      return Fail(loaded.problem);
    }
    options.settings = *loaded.settings;
  }
  BlockSignals();
  options.data_dir = said.data.empty() ? options.settings.data : said.data;
  options.listen = said.listen.empty() ? options.settings.listen : said.listen;
  const std::string problem = Serve(options);
  if (problem.empty()) {
    return 0;
  }
  SayAlways(options.settings, "error", "renkei-relay: " + problem);
  return 1;
}

int Run(int argc, char** argv) {
  CLI::App app("The relay of Renkei: orders, keeps and delivers what it cannot read.");
  CommandLine said;
  app.add_option("--data", said.data, "the relay's data directory");
  app.add_option("--listen", said.listen, "HOST:PORT; port 0 takes any free one");
  app.add_option("--config", said.config, "settings (TOML); every setting has a default");
  app.add_option("--check-config", said.check_config, "look at settings, start nothing");
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
  return said.check_config.empty() ? StartRelay(said) : CheckConfig(said.check_config);
}

}  // namespace
}  // namespace renkei::server

int main(int argc, char** argv) {
  // Before gRPC starts a thread: the environment is still ours to set.
  try {
    renkei::server::RequireTls13();
    renkei::server::IgnoreLockOrder();
    renkei::server::KeepFreeMemory();
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
