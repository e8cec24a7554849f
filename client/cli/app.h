// What every command of `renkei` shares: global options, the opened vault and session, output.
// One thread.
#ifndef RENKEI_CLIENT_CLI_APP_H_
#define RENKEI_CLIENT_CLI_APP_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "client/cli/errors.h"
#include "client/core/enrolment.h"
#include "client/core/session.h"
#include "client/core/vault.h"

namespace renkei::cli {

inline constexpr int kExitDone = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitUsage = 2;

struct GlobalOptions {
  std::string vault_path{};       // directory; empty: the default place
  std::string passphrase_file{};  // empty: asked on the terminal
  bool json = false;
};

// What main.cc puts together and the commands use; the rooms behind it are not seen from here.
struct Programs {
  std::function<Result<std::unique_ptr<client::Vault>>(const std::string& path,
                                                       const SecretBytes& passphrase)>
      open;
  std::function<Result<std::unique_ptr<client::Vault>>(const std::string& path,
                                                       const SecretBytes& passphrase)>
      create;
  // Takes back a vault that was made a moment ago and into which nothing was written.
  std::function<void(const std::string& path)> discard;
  // In what form the vault's device key is kept (client/cli/device_key.h); "" if that cannot be
  // told.
  std::function<std::string(const std::string& path)> device_key;
  // Asks the person yes or no; empty where nobody can be asked (terminal.h).
  std::function<std::optional<bool>(std::string_view question)> ask;
  std::string default_path;
  client::RelayConnector* connector = nullptr;
  Clock* clock = nullptr;
  const Clock* elapsed = nullptr;  // client/core/session.h
  Random* random = nullptr;
};

// Opens things when a command first asks for them. A failed step has told the person why already
// (see errors.h), so commands only pass the exit code on.
class App {
 public:
  App(GlobalOptions options, Programs programs)
      : options_(std::move(options)), programs_(std::move(programs)) {}

  GlobalOptions& options() { return options_; }
  const Programs& programs() const { return programs_; }
  std::string VaultPath() const;

  // kExitDone, or the exit code after having said what is wrong.
  int OpenVault();
  // Makes a new vault (asks for a new passphrase), or opens the one that an interrupted try left;
  // for `join` and `region init`.
  int CreateVault();
  // Takes back the vault that CreateVault made, if it is nobody's yet.
  void DiscardVault();
  // OpenVault, then the identity; an unfinished join is finished first.
  int OpenSession();

  // Runs a verb, then tells on stderr what it brought beside what it is for. Its exit code.
  int Run(const std::function<int(App&)>& verb);
  // A sync beside what a verb is for; what it had to say goes to stderr. False: it failed.
  bool SyncBeside();

  client::Session& session() { return *session_; }
  client::Vault& vault() { return *vault_; }
  client::Environment Env();
  // Says the error and returns the exit code.
  int Fail(const Error& error, Kept kept = Kept::kNothing) const;

 private:
  int ReadPassphrase(bool fresh, SecretBytes* passphrase) const;
  int HealOlderCopy();
  // A sentence with the time from which the relay takes what waits; empty: it did not say.
  std::string WhenAgain() const;

  GlobalOptions options_;
  Programs programs_;
  std::unique_ptr<client::Vault> vault_;
  bool made_vault_ = false;
  std::unique_ptr<client::Session> session_;
};

// A command: parsed arguments inside, run by main. Returns the exit code.
using Action = std::function<int(App&)>;

}  // namespace renkei::cli

#endif  // RENKEI_CLIENT_CLI_APP_H_
