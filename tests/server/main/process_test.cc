// The relay as a process: what it prints, how it ends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "tests/support/relay_world.h"

namespace renkei::test {
namespace {

using testing::HasSubstr;

class RelayProcess : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "renkei-process-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder = name;
  }
  void TearDown() override {
    if (child > 0) {
      kill(child, SIGKILL);
      waitpid(child, nullptr, 0);
    }
    std::filesystem::remove_all(folder);
  }
  void Start(std::vector<std::string> arguments) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    arguments.insert(arguments.begin(), RENKEI_RELAY);
    std::vector<char*> argv;
    for (std::string& argument : arguments) {
      argv.push_back(argument.data());
    }
    argv.push_back(nullptr);
    child = fork();
    if (child == 0) {
      dup2(ends[1], STDERR_FILENO);
      dup2(ends[1], STDOUT_FILENO);
      close(ends[0]);
      close(ends[1]);
      execv(RENKEI_RELAY, argv.data());
      _exit(127);
    }
    close(ends[1]);
    output = ends[0];
  }
  // Until this text was printed, or the process has ended.
  std::string ReadUntil(const std::string& text) {
    std::string out;
    char byte = 0;
    while (out.find(text) == std::string::npos && read(output, &byte, 1) == 1) {
      out.push_back(byte);
    }
    return out;
  }
  int ExitCode() {
    int status = 0;
    waitpid(child, &status, 0);
    child = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  std::vector<std::string> Arguments() const {
    return {"--data", folder.string(), "--listen", "127.0.0.1:0"};
  }

  RelayWorld world{6, SystemClock().Now() - Days(1)};
  std::filesystem::path folder;
  pid_t child = 0;
  int output = -1;
};

TEST_F(RelayProcess, SaysWhereItListensAndEndsWithZeroWhenToldTo) {
  world.WriteRelayFiles(folder);
  for (int round = 0; round < 2; ++round) {
    Start(Arguments());
    EXPECT_THAT(ReadUntil("listening on 127.0.0.1:"), HasSubstr("listening on 127.0.0.1:"));
    const std::string port = ReadUntil("\n");
    EXPECT_GT(std::stoi(port), 0);
    kill(child, round == 0 ? SIGTERM : SIGINT);
    ReadUntil("never printed");
    EXPECT_EQ(ExitCode(), 0);
  }
}

TEST_F(RelayProcess, MissingFilesAreOneSentenceAndOne) {
  Start(Arguments());
  const std::string said = ReadUntil("never printed");
  EXPECT_THAT(said, HasSubstr("region.json"));
  EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 1);
  EXPECT_EQ(ExitCode(), 1);
}

TEST_F(RelayProcess, WrongCommandLineIsTwo) {
  for (const std::vector<std::string>& wrong : {std::vector<std::string>{},
                                                {"--data", folder.string()},
                                                {"--listen", "127.0.0.1:0"},
                                                {"--data", folder.string(), "--listen", "nonsense"},
                                                {"--unknown"}}) {
    Start(wrong);
    ReadUntil("never printed");
    EXPECT_EQ(ExitCode(), 2);
  }
}

TEST_F(RelayProcess, WrongSettingIsNamed) {
  world.WriteRelayFiles(folder);
  std::ofstream(folder / "relay.toml") << "[limits]\ncalls_burst = -1\n";
  std::vector<std::string> arguments = Arguments();
  arguments.insert(arguments.end(), {"--config", folder / "relay.toml"});
  Start(arguments);
  EXPECT_THAT(ReadUntil("never printed"), HasSubstr("line 2: limits.calls_burst"));
  EXPECT_EQ(ExitCode(), 1);
}

TEST_F(RelayProcess, SettingsSayWhatTheCommandLineDoesNot) {
  world.WriteRelayFiles(folder);
  const std::filesystem::path settings = folder / "relay.toml";
  std::ofstream(settings) << "[server]\ndata = \"" << folder.string()
                          << "\"\nlisten = \"127.0.0.1:0\"\n";
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"--config", settings},
        {"--config", settings, "--data", folder, "--listen", "localhost:0"}}) {
    Start(arguments);
    const bool is_said = arguments.size() > 2;
    EXPECT_THAT(ReadUntil(is_said ? "on localhost:" : "on 127.0.0.1:"), HasSubstr("listening"));
    kill(child, SIGTERM);
    EXPECT_EQ(ExitCode(), 0);
  }
}

TEST_F(RelayProcess, SettingsAreCheckedWithoutStarting) {
  const std::filesystem::path settings = folder / "relay.toml";
  std::ofstream(settings) << "[store]\nreaders = 4\n";
  Start({"--check-config", settings});
  EXPECT_THAT(ReadUntil("never printed"), HasSubstr("the settings are good"));
  EXPECT_EQ(ExitCode(), 0);
  std::ofstream(settings) << "[store]\nreaders = 400\n";
  Start({"--check-config", settings});
  EXPECT_THAT(ReadUntil("never printed"), HasSubstr("relay.toml line 2: store.readers"));
  EXPECT_EQ(ExitCode(), 1);
}

TEST_F(RelayProcess, SecondOneOnTheSameDataIsRefused) {
  world.WriteRelayFiles(folder);
  Start(Arguments());
  ReadUntil("listening on");
  const pid_t first = std::exchange(child, 0);
  Start(Arguments());
  EXPECT_THAT(ReadUntil("never printed"), HasSubstr("another relay is running"));
  EXPECT_EQ(ExitCode(), 1);
  child = first;
}

TEST_F(RelayProcess, AuditLogIsVerified) {
  world.WriteRelayFiles(folder);
  Start(Arguments());
  ReadUntil("listening on");
  kill(child, SIGTERM);
  ASSERT_EQ(ExitCode(), 0);
  Start({"audit-verify", "--data", folder.string()});
  EXPECT_THAT(ReadUntil("never printed"), HasSubstr("unbroken"));
  EXPECT_EQ(ExitCode(), 0);
}

}  // namespace
}  // namespace renkei::test
