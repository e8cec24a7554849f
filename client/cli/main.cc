// renkei: the command line. Composition only; each command family has a file of its own.
#include <memory>
#include <utility>

#include "client/cli/command_line.h"
#include "client/cli/errors.h"
#include "client/cli/terminal.h"
#include "client/core/elapsed.h"
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
  out.ask = AskOnTerminal;
  out.connector = &connector;
  out.clock = &clock;
  out.random = &random;
  return out;
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
  const client::BoottimeClock elapsed;
  SystemRandom random;
  client::GrpcConnector connector;
  client::TpmDeviceKeyStore device_keys(*key_path, client::TpmTcti());
  client::VaultUnlocker unlocker(device_keys, random);
  Programs programs = Compose(unlocker, connector, clock, random);
  programs.elapsed = &elapsed;
  programs.default_path = vault_path.ok() ? *vault_path : std::string();
  App app(std::move(options), std::move(programs));
  return app.Run(selected);
}

int Main(int argc, char** argv) {
  if (const Status hardened = client::HardenProcess(); !hardened.ok()) {
    Report(false, hardened.error());
    return kExitFailed;
  }
  InitCrypto();
  int exit_code = kExitUsage;
  auto line = ParseCommandLine(argc, argv, &exit_code);
  return line.has_value() ? Run(std::move(line->options), line->action) : exit_code;
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
