// renkei: the command line. Composition only; each command family has a file of its own.
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "client/cli/commands.h"
#include "client/cli/errors.h"
#include "client/cli/text.h"
#include "client/net/grpc_relay.h"
#include "client/vault/unlock.h"

namespace renkei::cli {
namespace {

Programs Compose(client::VaultUnlocker& unlocker, client::RelayConnector& connector, Clock& clock,
                 Random& random) {
  Programs out;
  out.open = [&unlocker](const std::string& path, const SecretBytes& passphrase) {
    return unlocker.Open(path, passphrase);
  };
  out.create = [&unlocker](const std::string& path, const SecretBytes& passphrase) {
    return unlocker.Create(path, passphrase);
  };
  out.exists = [](const std::string& path) { return client::VaultExists(path); };
  out.remove_unused = [&unlocker](const std::string& path) { unlocker.Remove(path); };
  out.default_path = [] { return client::DefaultVaultPath(); };
  out.connector = &connector;
  out.clock = &clock;
  out.random = &random;
  return out;
}

// CLI11's own exit codes differ from ours.
int Usage(const CLI::App& root, const CLI::ParseError& problem) {
  if (problem.get_exit_code() == 0) {
    return root.exit(problem);
  }
  std::cerr << problem.what() << '\n'
            << Say("使い方は renkei --help で確認してください。何も変更していません。",
                   "See `renkei --help`. Nothing was changed.")
            << std::endl;
  return kExitUsage;
}

int Main(int argc, char** argv) {
  client::HardenProcess();
  InitCrypto();
  CLI::App root("Renkei: a secure messenger for home care", "renkei");
  root.require_subcommand(1);
  root.fallthrough();
  GlobalOptions options;
  root.add_option("--vault", options.vault_path, "The vault's directory");
  root.add_option("--passphrase-file", options.passphrase_file,
                  "First line is the passphrase; else it is asked for");
  root.add_flag("--json", options.json, "One JSON object a line on stdout, nothing else");
  Action selected;
  AddEnrolmentCommands(root, selected);
  AddCaseCommands(root, selected);
  AddRecordCommands(root, selected);
  AddSyncCommands(root, selected);
  try {
    root.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    return Usage(root, problem);
  }
  SystemClock clock;
  SystemRandom random;
  client::GrpcConnector connector;
  client::FileDeviceKeyStore device_keys(client::DefaultDeviceKeyDirectory());
  client::VaultUnlocker unlocker(device_keys, random);
  App app(options, Compose(unlocker, connector, clock, random));
  return selected(app);
}

}  // namespace
}  // namespace renkei::cli

int main(int argc, char** argv) {
  return renkei::cli::Main(argc, argv);
}
