// Commands as a person types them, over vaults in memory and the relay's own core: everything but
// the processes, the disk and the network. All names are invented.
#ifndef RENKEI_TESTS_CLIENT_CLI_CLI_FIXTURE_H_
#define RENKEI_TESTS_CLIENT_CLI_CLI_FIXTURE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client/cli/app.h"
#include "client/cli/output.h"
#include "tests/sim/sim_world.h"

namespace renkei::cli {

// What a command left behind.
struct Ran {
  int code = -1;
  std::string out;
  std::string err;

  // Standard output as JSON: fails the test unless it is one object a line and nothing else.
  std::vector<Json> Objects() const;
  // The first of them.
  Json Object() const;
};

class CliFixture : public testing::Test {
 protected:
  CliFixture();
  ~CliFixture() override;

  // `renkei --vault VAULT --passphrase-file ... WORDS`.
  Ran Run(const std::string& vault, const std::vector<std::string>& words);
  // The same with --json, expected to end with `code`; its objects.
  std::vector<Json> RunJson(const std::string& vault, const std::vector<std::string>& words,
                            int code = kExitDone);
  // A file with that content; its path.
  std::string File(const std::string& name, const std::string& content);
  static std::string Example(const std::string& name);

  // The vault at that path; made empty if there is none.
  client::MemoryVault& VaultAt(const std::string& path) { return *vaults_[path]; }
  bool HasVault(const std::string& path) const { return vaults_.count(path) != 0; }

  // An institution's first person, joined.
  void AddPerson(const std::string& vault, const std::string& institution, const std::string& kind,
                 const std::string& name, const std::string& profession);
  // A case of the fictitious patient in deploy/examples; its id.
  std::string NewCase(const std::string& vault);

  sim::SimWorld world_{1};
  // What the person in front of the terminal says; empty: there is no terminal.
  std::optional<bool> answer_;
  std::vector<std::string> questions_;
  std::string passphrase_file_;

 private:
  Programs MakePrograms();

  std::string folder_;
  std::map<std::string, std::shared_ptr<client::MemoryVault>> vaults_;
};

}  // namespace renkei::cli

#endif  // RENKEI_TESTS_CLIENT_CLI_CLI_FIXTURE_H_
