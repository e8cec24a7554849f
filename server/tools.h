// The subcommands of renkei-relay: backup, restore, verify, usage, migrate, audit verify
// (server/README.md "Backup, restore, verify, migrate"). Each prints what it did on stdout, or one
// sentence on stderr. One thread.
#ifndef RENKEI_SERVER_TOOLS_H_
#define RENKEI_SERVER_TOOLS_H_

#include <memory>
#include <optional>

namespace CLI {
class App;
}  // namespace CLI

namespace renkei::server {

class Tools {
 public:
  // Adds the subcommands; `app` must outlive this.
  explicit Tools(CLI::App& app);
  ~Tools();
  Tools(const Tools&) = delete;
  Tools& operator=(const Tools&) = delete;

  // After parsing: what the process exits with, if a subcommand was given. 0: done, sound. 1: not
  // done, or damage was found.
  std::optional<int> Run() const;

 private:
  struct Options;
  std::unique_ptr<Options> options_;
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_TOOLS_H_
