// Crashes and faults against the real relay, under load by real clients:
//
//   relay_crash [--only kill|torn|flips|full|read_only|clock]... [--rounds N] [--seed S]
//               [--verify-every N] [--longest-ms N] [--relay PROGRAM] [--dir FOLDER]
//
// Prints its seed and one JSON object for each kind of fault; ends with 1 at the first thing that
// the relay promised and did not keep, and leaves the folder as it is then.
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <random>

#include "server/rpc/grpc_server.h"
#include "tests/crash/faults.h"

namespace renkei::crash {
namespace {

struct Named {
  const char* name;
  void (*run)(const Options&);
};

constexpr Named kFaults[] = {{"kill", KillRounds},          {"torn", TornRounds},
                             {"flips", FlipRounds},         {"full", FullRounds},
                             {"read_only", ReadOnlyRounds}, {"clock", ClockRounds}};

bool Write(const char* file, const std::string& text) {
  const int descriptor = open(file, O_WRONLY | O_CLOEXEC);
  const bool written = descriptor >= 0 && write(descriptor, text.data(), text.size()) ==
                                              static_cast<ssize_t>(text.size());
  close(descriptor);
  return written;
}

// Mounts of its own, which end with it however it ends; where that needs root, as root of a user
// namespace. Before the first thread. Where neither is allowed, what mounts is skipped.
void LeaveMounts() {
  const std::string user = std::to_string(getuid());
  const std::string group = std::to_string(getgid());
  if (unshare(CLONE_NEWNS) != 0 &&
      (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0 || !Write("/proc/self/setgroups", "deny") ||
       !Write("/proc/self/uid_map", "0 " + user + " 1") ||
       !Write("/proc/self/gid_map", "0 " + group + " 1"))) {
    return;
  }
  (void)mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
}

int Main(int argc, char** argv) {
  CLI::App app("Crashes and faults against the real relay, under load by real clients.");
  Options options;
  options.relay = RENKEI_RELAY_PROGRAM;
  options.library = RENKEI_FAULTY_MACHINE_LIBRARY;
  options.folder =
      std::filesystem::temp_directory_path() / ("renkei-crash-" + std::to_string(getpid()));
  options.seed = std::random_device()();
  std::vector<std::string> names;
  for (const Named& fault : kFaults) {
    names.emplace_back(fault.name);
  }
  std::vector<std::string> only;
  app.add_option("--only", only, "kinds of faults; all by default")->check(CLI::IsMember(names));
  app.add_option("--rounds", options.rounds, "of each kind")->check(CLI::Range(1, 1'000'000));
  app.add_option("--seed", options.seed, "repeats a run, as far as threads allow");
  app.add_option("--verify-every", options.verify_every)->check(CLI::Range(1, 1'000'000));
  app.add_option("--longest-ms", options.longest_ms)->check(CLI::Range(0, 60'000));
  app.add_option("--relay", options.relay, "another build of the relay");
  app.add_option("--dir", options.folder, "a folder on the disk to use; must not be there yet");
  CLI11_PARSE(app, argc, argv);
  std::printf("seed %llu\n", static_cast<unsigned long long>(options.seed));
  std::fflush(stdout);
  for (const Named& fault : kFaults) {
    if (only.empty() || std::find(only.begin(), only.end(), fault.name) != only.end()) {
      fault.run(options);
    }
  }
  std::error_code ignored;
  std::filesystem::remove_all(options.folder, ignored);
  return 0;
}

}  // namespace
}  // namespace renkei::crash

int main(int argc, char** argv) {
  renkei::crash::LeaveMounts();
  renkei::server::RequireTls13();
  renkei::server::IgnoreLockOrder();
  renkei::InitCrypto();
  return renkei::crash::Main(argc, argv);
}
