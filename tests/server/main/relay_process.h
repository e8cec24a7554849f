// renkei-relay as a process of its own: what it prints, how it ends.
#ifndef RENKEI_TESTS_SERVER_MAIN_RELAY_PROCESS_H_
#define RENKEI_TESTS_SERVER_MAIN_RELAY_PROCESS_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/relay_world.h"
#include "tests/support/temp_folder.h"

namespace renkei::test {

class RelayProcess : public ::testing::Test {
 protected:
  void TearDown() override {
    if (child > 0) {
      kill(child, SIGKILL);
      waitpid(child, nullptr, 0);
    }
    if (output >= 0) {
      close(output);
    }
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
      // A limit on the size of its files is an error to it, not its end.
      signal(SIGXFSZ, SIG_IGN);
      dup2(ends[1], STDERR_FILENO);
      dup2(ends[1], STDOUT_FILENO);
      close(ends[0]);
      close(ends[1]);
      execv(RENKEI_RELAY, argv.data());
      _exit(127);
    }
    close(ends[1]);
    if (output >= 0) {
      close(output);
    }
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
  std::string ReadAll() {
    std::string out;
    char byte = 0;
    while (read(output, &byte, 1) == 1) {
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
  // Runs it to its end.
  struct Ended {
    std::string said;
    int code = -1;
  };
  Ended Run(const std::vector<std::string>& arguments) {
    Start(arguments);
    Ended out;
    out.said = ReadAll();
    out.code = ExitCode();
    return out;
  }
  std::vector<std::string> Arguments() const {
    return {"--data", folder.string(), "--listen", "127.0.0.1:0"};
  }

  RelayWorld world{6, SystemClock().Now() - Days(1)};
  TempFolder temp{"renkei-process"};
  const std::filesystem::path folder = temp.path();
  pid_t child = 0;
  int output = -1;
};

}  // namespace renkei::test

#endif  // RENKEI_TESTS_SERVER_MAIN_RELAY_PROCESS_H_
