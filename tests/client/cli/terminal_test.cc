#include "client/cli/terminal.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <string>

namespace renkei::cli {
namespace {

// Standard input and error are a terminal of the test's while this lives.
class Terminal {
 public:
  Terminal() : input_(dup(STDIN_FILENO)), error_(dup(STDERR_FILENO)) {
    master_ = posix_openpt(O_RDWR | O_NOCTTY);
    if (master_ < 0 || grantpt(master_) != 0 || unlockpt(master_) != 0) {
      return;
    }
    // Not by its name: a container may have no /dev/pts.
    const int slave = ioctl(master_, TIOCGPTPEER, O_RDWR | O_NOCTTY);
    if (slave < 0) {
      return;
    }
    is_there_ = true;
    dup2(slave, STDIN_FILENO);
    dup2(slave, STDERR_FILENO);
    close(slave);
  }
  ~Terminal() {
    dup2(input_, STDIN_FILENO);
    dup2(error_, STDERR_FILENO);
    for (const int descriptor : {input_, error_, master_}) {
      close(descriptor);
    }
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  bool is_there() const { return is_there_; }

  void Type(const std::string& line) {
    ASSERT_EQ(write(master_, line.data(), line.size()), static_cast<ssize_t>(line.size()));
  }

 private:
  int input_;
  int error_;
  int master_ = -1;
  bool is_there_ = false;
};

TEST(AskingOnATerminal, OnlyAYesIsYes) {
  Terminal terminal;
  if (!terminal.is_there()) {
    GTEST_SKIP() << "this machine has no pseudo-terminals";
  }
  for (const auto& [typed, yes] : {std::pair<std::string, bool>{"y\n", true},
                                   {"Y\n", true},
                                   {"yes\n", true},
                                   {"はい\n", true},
                                   {"\n", false},
                                   {"n\n", false},
                                   {"no way, y\n", false}}) {
    terminal.Type(typed);
    const auto answer = AskOnTerminal("? ");
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(*answer, yes) << typed;
  }
}

TEST(AskingOnATerminal, WithoutOneNothingIsAskedAndNothingRead) {
  const int input = dup(STDIN_FILENO);
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  ASSERT_EQ(write(ends[1], "y\n", 2), 2);
  dup2(ends[0], STDIN_FILENO);
  testing::internal::CaptureStderr();
  EXPECT_EQ(AskOnTerminal("really? "), std::nullopt);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  dup2(input, STDIN_FILENO);
  for (const int descriptor : {input, ends[0], ends[1]}) {
    close(descriptor);
  }
}

}  // namespace
}  // namespace renkei::cli
