#include "tests/crash/relay_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <new>
#include <sstream>

#include "crypto/base/result.h"

namespace renkei::crash {
namespace {

constexpr int kMostLooks = 60'000;  // of a millisecond

void Pause() {
  const timespec millisecond{0, 1'000'000};
  nanosleep(&millisecond, nullptr);
}

std::string ReadAll(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

int CodeOf(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

}  // namespace

void Fail(const std::string& sentence) {
  std::fprintf(stderr, "FAILED: %s\n", sentence.c_str());
  std::fflush(nullptr);
  _exit(1);
}

RelayProcess::RelayProcess(std::string program, std::string library, std::filesystem::path folder,
                           const std::filesystem::path& notes)
    : program_(std::move(program)),
      library_(std::move(library)),
      folder_(std::move(folder)),
      log_(notes.string() + ".log"),
      state_(notes.string() + ".machine"),
      printed_(notes.string() + ".tool") {
  const int descriptor = open(state_.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  RENKEI_CHECK(descriptor >= 0 && ftruncate(descriptor, sizeof(MachineState)) == 0);
  void* mapped =
      mmap(nullptr, sizeof(MachineState), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  RENKEI_CHECK(mapped != MAP_FAILED);
  close(descriptor);
  machine_ = new (mapped) MachineState{Disk::kGood, 0};
}

RelayProcess::~RelayProcess() {
  Kill();
  munmap(machine_, sizeof(MachineState));
  std::error_code ignored;
  std::filesystem::remove(log_, ignored);
  std::filesystem::remove(state_, ignored);
}

pid_t RelayProcess::Run(const std::vector<std::string>& arguments,
                        const std::filesystem::path& output, bool is_faulty) const {
  const pid_t pid = fork();
  RENKEI_CHECK(pid >= 0);
  if (pid != 0) {
    return pid;
  }
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // nothing stays when the harness is killed
  const int out = open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
  dup2(out, STDOUT_FILENO);
  dup2(out, STDERR_FILENO);
  if (is_faulty && !library_.empty()) {
    setenv("LD_PRELOAD", library_.c_str(), 1);           // NOLINT(concurrency-mt-unsafe)
    setenv("RENKEI_FAULTY_MACHINE", state_.c_str(), 1);  // NOLINT(concurrency-mt-unsafe)
  }
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (const std::string& argument : arguments) {
    argv.push_back(const_cast<char*>(argument.c_str()));
  }
  argv.push_back(nullptr);
  execv(argv.front(), argv.data());
  _exit(127);
}

bool RelayProcess::Start() {
  port_ = 0;
  // Before it starts: what is read there must be its own words.
  std::error_code ignored;
  std::filesystem::remove(log_, ignored);
  pid_ = Run(
      {program_, "--data", folder_, "--listen", "127.0.0.1:0", "--config", folder_ / "relay.toml"},
      log_, true);
  for (int looks = 0; looks < kMostLooks; ++looks) {
    const std::string text = said();
    if (const auto at = text.find("listening on "); at != std::string::npos) {
      const auto end = text.find('\n', at);
      if (end != std::string::npos) {
        port_ = std::atoi(text.c_str() + text.rfind(':', end) + 1);
        return true;
      }
    }
    int status = 0;
    if (waitpid(pid_, &status, WNOHANG) == pid_) {
      pid_ = 0;
      exit_code_ = CodeOf(status);
      return false;
    }
    Pause();
  }
  Fail("the relay neither listens nor ends");
}

void RelayProcess::Kill() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }
}

void RelayProcess::Stop() {
  int status = 0;
  kill(pid_, SIGTERM);
  waitpid(pid_, &status, 0);
  pid_ = 0;
  if (CodeOf(status) != 0) {
    Fail("the relay did not stop as it should: " + std::to_string(CodeOf(status)) + "\n" + said());
  }
}

void RelayProcess::Signal(int signal) const {
  kill(pid_, signal);
}

bool RelayProcess::HasDied() {
  int status = 0;
  if (pid_ == 0 || waitpid(pid_, &status, WNOHANG) != pid_) {
    return false;
  }
  pid_ = 0;
  exit_code_ = CodeOf(status);
  return true;
}

std::string RelayProcess::said() const {
  return ReadAll(log_);
}

RelayProcess::Ended RelayProcess::RunTool(std::vector<std::string> arguments) const {
  arguments.insert(arguments.begin(), program_);
  int status = 0;
  waitpid(Run(arguments, printed_, false), &status, 0);
  Ended out{CodeOf(status), ReadAll(printed_)};
  std::error_code ignored;
  std::filesystem::remove(printed_, ignored);
  return out;
}

RelayProcess::Verified RelayProcess::Verify() const {
  Ended ended = RunTool({"verify", "--data", folder_});
  return {ended.exit_code == 0, ended.exit_code, std::move(ended.said)};
}

}  // namespace renkei::crash
