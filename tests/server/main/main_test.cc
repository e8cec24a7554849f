// The real program's command line: what it takes, what it ends with. Running is serve_test.cc's,
// the subcommands are tools_test.cc's.
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <utility>

#include "tests/server/main/relay_process.h"

namespace renkei::test {
namespace {

using testing::HasSubstr;

class RelayMain : public RelayProcess {
 protected:
  std::filesystem::path Settings(const std::string& text) {
    std::ofstream(folder / "relay.toml") << text;
    return folder / "relay.toml";
  }
};

TEST_F(RelayMain, HelpNamesEveryOptionAndEndsWithZero) {
  const Ended help = Run({"--help"});
  EXPECT_EQ(help.code, 0);
  for (const char* option : {"--data", "--listen", "--config", "--check-config", "backup",
                             "restore", "verify", "migrate", "audit", "health"}) {
    EXPECT_THAT(help.said, HasSubstr(option));
  }
}

TEST_F(RelayMain, WrongCommandLineIsTwo) {
  for (const std::vector<std::string>& wrong : {std::vector<std::string>{},
                                                {"--data", folder.string()},
                                                {"--listen", "127.0.0.1:0"},
                                                {"--data", folder.string(), "--listen", "nonsense"},
                                                {"--unknown"}}) {
    EXPECT_EQ(Run(wrong).code, 2);
  }
  EXPECT_THAT(Run({"--data", folder, "--listen", "nonsense"}).said, HasSubstr("HOST:PORT"));
}

TEST_F(RelayMain, WhatCannotStartIsOneSentenceAndOne) {
  const Ended ended = Run(Arguments());
  EXPECT_EQ(ended.code, 1);
  EXPECT_TRUE(ended.said.starts_with("renkei-relay: ")) << ended.said;
  EXPECT_THAT(ended.said, HasSubstr("region.json"));
  EXPECT_EQ(std::count(ended.said.begin(), ended.said.end(), '\n'), 1);
}

TEST_F(RelayMain, WrongSettingIsNamed) {
  world.WriteRelayFiles(folder);
  std::vector<std::string> arguments = Arguments();
  arguments.insert(arguments.end(), {"--config", Settings("[limits]\ncalls_burst = -1\n")});
  const Ended ended = Run(arguments);
  EXPECT_EQ(ended.code, 1);
  EXPECT_THAT(ended.said, HasSubstr("line 2: limits.calls_burst"));
}

TEST_F(RelayMain, SettingsFileThatIsNotThereIsTold) {
  world.WriteRelayFiles(folder);
  std::vector<std::string> arguments = Arguments();
  arguments.insert(arguments.end(), {"--config", folder / "nowhere.toml"});
  const Ended ended = Run(arguments);
  EXPECT_EQ(ended.code, 1);
  EXPECT_THAT(ended.said, HasSubstr("cannot be read"));
}

TEST_F(RelayMain, SettingsSayWhatTheCommandLineDoesNot) {
  world.WriteRelayFiles(folder);
  const std::filesystem::path settings =
      Settings("[server]\ndata = \"" + folder.string() + "\"\nlisten = \"127.0.0.1:0\"\n");
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

TEST_F(RelayMain, SettingsAreCheckedWithoutStarting) {
  const Ended good = Run({"--check-config", Settings("[store]\nreaders = 4\n")});
  EXPECT_EQ(good.code, 0);
  EXPECT_THAT(good.said, HasSubstr("the settings are good"));
  const Ended bad = Run({"--check-config", Settings("[store]\nreaders = 400\n")});
  EXPECT_EQ(bad.code, 1);
  EXPECT_THAT(bad.said, HasSubstr("relay.toml line 2: store.readers"));
}

// Whoever looks at something by hand stops it with Ctrl-C, whatever it waits for.
TEST_F(RelayMain, WhatDoesNotServeIsStoppedByASignal) {
  const std::filesystem::path pipe = folder / "relay.toml";
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
    Start({"--check-config", pipe});
    const int settings = open(pipe.c_str(), O_WRONLY);  // until it reads
    ASSERT_GE(settings, 0);
    kill(child, signal);
    close(settings);
    int status = 0;
    ASSERT_GT(waitpid(std::exchange(child, 0), &status, 0), 0);
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == signal) << signal;
    std::filesystem::remove(pipe);
  }
}

}  // namespace
}  // namespace renkei::test
