// The real program: that its parts are put together, and what it ends with. What each verb does is
// tested beside it and by tests/e2e.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/temp_folder.h"

namespace renkei::cli {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

struct Ended {
  int code = -1;
  std::string out;
  std::string err;
};

class Program : public testing::Test {
 protected:
  void SetUp() override { std::ofstream(Passphrase()) << "正しい合言葉です\n"; }

  std::string Passphrase() const { return home_ / "passphrase"; }
  static std::string ReadAll(const std::filesystem::path& path) {
    std::stringstream out;
    out << std::ifstream(path).rdbuf();
    return out.str();
  }
  // Without anything of this process's environment but `home` (empty: not even that).
  Ended Run(std::vector<std::string> arguments, const std::string& home) {
    arguments.insert(arguments.begin(), RENKEI);
    const std::string out = home_ / "out";
    const std::string err = home_ / "err";
    std::vector<char*> argv;
    for (std::string& argument : arguments) {
      argv.push_back(argument.data());
    }
    argv.push_back(nullptr);
    std::string variable = "HOME=" + home;
    char* environment[] = {home.empty() ? nullptr : variable.data(), nullptr};
    const pid_t child = fork();
    if (child == 0) {
      dup2(open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), STDOUT_FILENO);
      dup2(open(err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), STDERR_FILENO);
      execve(RENKEI, argv.data(), environment);
      _exit(127);
    }
    int status = 0;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, ReadAll(out), ReadAll(err)};
  }
  Ended Run(const std::vector<std::string>& arguments) { return Run(arguments, home_); }
  // Founds a region, which needs no relay, into the default place.
  Ended Found() {
    return Run({"--json", "--passphrase-file", Passphrase(), "region", "init", "--name", "架空",
                "--relay", "127.0.0.1:1", "--data", home_ / "relay"});
  }

  test::TempFolder temp_{"renkei-main"};
  const std::filesystem::path home_ = temp_.path();
};

TEST_F(Program, HelpEndsWithZeroAndNamesItsVerbs) {
  const Ended help = Run({"--help"});
  EXPECT_EQ(help.code, 0);
  for (const char* verb : {"join", "post", "read", "sync", "--vault", "--json"}) {
    EXPECT_THAT(help.out, HasSubstr(verb));
  }
}

TEST_F(Program, WrongCommandLineIsTwoAndSaidOnce) {
  const Ended wrong = Run({"nonsense"});
  EXPECT_EQ(wrong.code, 2);
  EXPECT_THAT(wrong.out, IsEmpty());
  EXPECT_FALSE(wrong.err.empty());
  const Ended json = Run({"--json"});
  EXPECT_EQ(json.code, 2);
  EXPECT_THAT(json.out, HasSubstr("{\"error\""));
  EXPECT_EQ(std::count(json.out.begin(), json.out.end(), '\n'), 1);
}

TEST_F(Program, WithoutAPlaceForTheVaultIsToldBeforeAnythingHappens) {
  const Ended ended = Run({"--json", "status"}, "");
  EXPECT_EQ(ended.code, 1);
  EXPECT_THAT(ended.out, HasSubstr("HOME が設定されていません"));
  // The device key has its own place: a vault that is named is not enough.
  const Ended named = Run({"--json", "--vault", home_ / "vault", "status"}, "");
  EXPECT_EQ(named.code, 1);
  EXPECT_THAT(named.out, HasSubstr("HOME が設定されていません"));
  EXPECT_FALSE(std::filesystem::exists(home_ / "vault"));
}

TEST_F(Program, WithoutAVaultSaysHowToGetOneAndMakesNone) {
  const Ended ended = Run({"--passphrase-file", Passphrase(), "status"});
  EXPECT_EQ(ended.code, 1);
  EXPECT_THAT(ended.err, HasSubstr("renkei join"));
  EXPECT_FALSE(std::filesystem::exists(home_ / ".local"));
}

TEST_F(Program, MakesAVaultInTheDefaultPlaceAndOpensItWithItsPassphraseOnly) {
  const Ended founded = Found();
  ASSERT_EQ(founded.code, 0) << founded.out << founded.err;
  EXPECT_TRUE(std::filesystem::exists(home_ / ".local/share/renkei/default/vault.db"));
  EXPECT_EQ(Run({"--passphrase-file", Passphrase(), "--json", "people"}).code, 0);
  std::ofstream(home_ / "wrong") << "違う合言葉ですよ\n";
  const Ended wrong = Run({"--passphrase-file", home_ / "wrong", "--json", "people"});
  EXPECT_EQ(wrong.code, 1);
  EXPECT_THAT(wrong.out, HasSubstr("kAuthFailed"));
}

TEST_F(Program, AFailedBeginningLeavesNoVault) {
  // The vault is made, then the relay's files cannot be: a file stands in their folder's place.
  const Ended ended = Run({"--json", "--passphrase-file", Passphrase(), "region", "init", "--name",
                           "架空", "--relay", "127.0.0.1:1", "--data", Passphrase()});
  EXPECT_EQ(ended.code, 1);
  EXPECT_THAT(ended.out, HasSubstr("\"error\""));
  for (const auto& each : std::filesystem::recursive_directory_iterator(home_)) {
    EXPECT_NE(each.path().filename(), "vault.db");
  }
  EXPECT_EQ(Found().code, 0);  // and the next one can begin
}

}  // namespace
}  // namespace renkei::cli
