// The relay under test: the real program, killed and started again on the same folder.
#ifndef RENKEI_TESTS_CRASH_RELAY_PROCESS_H_
#define RENKEI_TESTS_CRASH_RELAY_PROCESS_H_

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/crash/machine.h"

namespace renkei::crash {

// One thread; is_running from any.
class RelayProcess {
 public:
  // `library`: faulty_machine.cc, or empty. `folder` has relay/, store/ and relay.toml. `notes`:
  // the beginning of names of files of the harness's own.
  RelayProcess(std::string program, std::string library, std::filesystem::path folder,
               const std::filesystem::path& notes);
  ~RelayProcess();
  RelayProcess(const RelayProcess&) = delete;
  RelayProcess& operator=(const RelayProcess&) = delete;

  // Until it listens, or has ended by itself: then false, with exit_code() and said(). Whatever
  // else happens within a minute is a failure of the relay, and ends this program.
  bool Start();
  void Kill();  // SIGKILL
  void Stop();  // SIGTERM; it must end with 0
  void Signal(int signal) const;
  // It ended by itself: a crash.
  bool HasDied();

  int port() const { return port_; }
  pid_t pid() const { return pid_; }  // 0: it does not run
  int exit_code() const { return exit_code_; }
  // What it wrote on stderr since its start.
  std::string said() const;
  MachineState& machine() { return *machine_; }

  // The program with other arguments, until it ends; what it printed.
  struct Ended {
    int exit_code = -1;
    std::string said;
  };
  Ended RunTool(std::vector<std::string> arguments) const;
  // `renkei-relay verify`: whether it exited with 0; what it printed.
  struct Verified {
    bool is_sound = false;
    int exit_code = -1;
    std::string said;
  };
  Verified Verify() const;

 private:
  pid_t Run(const std::vector<std::string>& arguments, const std::filesystem::path& output,
            bool is_faulty) const;

  const std::string program_;
  const std::string library_;
  const std::filesystem::path folder_;
  const std::filesystem::path log_;
  const std::filesystem::path state_;
  const std::filesystem::path printed_;
  MachineState* machine_ = nullptr;
  pid_t pid_ = 0;
  int port_ = 0;
  int exit_code_ = 0;
};

// Ends this program with 1, and leaves the folder for whoever looks.
[[noreturn]] void Fail(const std::string& sentence);

}  // namespace renkei::crash

#endif  // RENKEI_TESTS_CRASH_RELAY_PROCESS_H_
