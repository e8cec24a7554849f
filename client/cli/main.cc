// renkei: the command line. Composition only; each command family has a file of its own.
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "client/cli/commands.h"
#include "client/cli/errors.h"
#include "client/cli/text.h"
#include "client/net/grpc_relay.h"
#include "client/vault/process.h"
#include "client/vault/tpm_device_key_store.h"
#include "client/vault/unlock.h"

namespace renkei::cli {
namespace {

Programs Compose(client::VaultUnlocker& unlocker, client::RelayConnector& connector, Clock& clock,
                 Random& random) {
  using Opened = Result<std::unique_ptr<client::Vault>>;
  Programs out;
  out.open = [&unlocker](const std::string& path, const SecretBytes& passphrase) -> Opened {
    RENKEI_ASSIGN(auto vault, unlocker.Open(path, passphrase.Expose()));
    return std::unique_ptr<client::Vault>(std::move(vault));
  };
  out.create = [&unlocker](const std::string& path, const SecretBytes& passphrase) -> Opened {
    RENKEI_ASSIGN(auto vault, unlocker.Create(path, passphrase.Expose()));
    return std::unique_ptr<client::Vault>(std::move(vault));
  };
  out.discard = [&unlocker](const std::string& path) {
    // What cannot be taken back is harmless: a vault without anything in it.
    static_cast<void>(unlocker.Discard(path).ok());
  };
  out.device_key = [&unlocker](const std::string& path) {
    const auto form = unlocker.KeyForm(path);
    return std::string(form.ok() ? client::DeviceKeyFormName(*form) : "");
  };
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

// Puts the rooms together and runs the verb.
int Run(GlobalOptions options, const Action& selected) {
  const auto vault_path = client::DefaultVaultDirectory();
  const auto key_path = client::DefaultDeviceKeyDirectory();
  if (!key_path.ok() || (options.vault_path.empty() && !vault_path.ok())) {
    Report(options.json, key_path.ok() ? vault_path.error() : key_path.error());
    return kExitFailed;
  }
  SystemClock clock;
  SystemRandom random;
  client::GrpcConnector connector;
  client::TpmDeviceKeyStore device_keys(*key_path, client::TpmTcti());
  client::VaultUnlocker unlocker(device_keys, random);
  Programs programs = Compose(unlocker, connector, clock, random);
  programs.default_path = vault_path.ok() ? *vault_path : std::string();
  App app(std::move(options), std::move(programs));
  return selected(app);
}

int Main(int argc, char** argv) {
  if (const Status hardened = client::HardenProcess(); !hardened.ok()) {
    Report(false, hardened.error());
    return kExitFailed;
  }
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
  return Run(std::move(options), selected);
}

}  // namespace
}  // namespace renkei::cli

int main(int argc, char** argv) {
  try {
    return renkei::cli::Main(argc, argv);
  } catch (...) {
    // What a library threw and nothing nearer caught: no memory, say. Its text may hold anything.
    renkei::cli::Report(false, renkei::Error(renkei::Code::kInternal, "renkei: stopped"));
    return renkei::cli::kExitFailed;
  }
}
