#include "tests/bench/relay/process.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "crypto/base/result.h"

namespace renkei::bench {
namespace {

// Reads up to the line that names the port; 0 if the program ended before it.
int ReadPort(int descriptor) {
  std::string text;
  char byte = 0;
  while (read(descriptor, &byte, 1) == 1) {
    if (byte != '\n') {
      text.push_back(byte);
      continue;
    }
    if (text.starts_with("listening on ")) {
      return std::atoi(text.c_str() + text.rfind(':') + 1);
    }
    std::fprintf(stderr, "%s\n", text.c_str());
    text.clear();
  }
  return 0;
}

}  // namespace

std::unique_ptr<Process> Process::Start(const std::vector<std::string>& arguments) {
  int pipe_ends[2];
  RENKEI_CHECK(pipe(pipe_ends) == 0);
  const pid_t pid = fork();
  RENKEI_CHECK(pid >= 0);
  if (pid == 0) {
    dup2(pipe_ends[1], STDERR_FILENO);
    close(pipe_ends[0]);
    close(pipe_ends[1]);
    std::vector<char*> argv;
    argv.reserve(arguments.size() + 1);
    for (const std::string& argument : arguments) {
      argv.push_back(const_cast<char*>(argument.c_str()));
    }
    argv.push_back(nullptr);
    execv(argv.front(), argv.data());
    _exit(127);
  }
  close(pipe_ends[1]);
  const int port = ReadPort(pipe_ends[0]);
  if (port == 0) {
    std::fprintf(stderr, "%s did not start\n", arguments.front().c_str());
    std::abort();
  }
  return std::unique_ptr<Process>(new Process(pid, pipe_ends[0], port));
}

Process::~Process() {
  kill(pid_, SIGTERM);
  waitpid(pid_, nullptr, 0);
  close(errors_);
}

double Process::CpuSeconds() const {
  std::ifstream in("/proc/" + std::to_string(pid_) + "/stat");
  std::string text;
  std::getline(in, text);
  std::istringstream fields(text.substr(text.rfind(')') + 2));
  std::string skipped;
  for (int i = 0; i < 11; ++i) {
    fields >> skipped;
  }
  std::uint64_t user = 0;
  std::uint64_t system = 0;
  fields >> user >> system;
  return static_cast<double>(user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

std::uint64_t Process::AnonymousBytes() const {
  std::ifstream in("/proc/" + std::to_string(pid_) + "/status");
  std::string name;
  while (in >> name) {
    if (name == "RssAnon:") {
      std::uint64_t kib = 0;
      in >> kib;
      return kib * 1024;
    }
  }
  return 0;
}

double OwnCpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void RaiseDescriptorLimit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace renkei::bench
