#include "client/vault/process.h"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

namespace renkei::client {
namespace {

// Runs `body` in a process of its own; true if it returned true.
template <typename Body>
bool InChild(const Body& body) {
  const ::pid_t child = ::fork();
  if (child == 0) {
    ::_exit(body() ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST(Process, G9_HardenedProcessLeavesNoCoreAndNoOpenFiles) {
  EXPECT_TRUE(InChild([] {
    ::setenv("TSS2_LOG", "all+trace", 1);
    if (!HardenProcess().ok()) {
      return false;
    }
    ::rlimit core = {1, 1};
    ::getrlimit(RLIMIT_CORE, &core);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__clang__)
    if (::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0) {
      return false;
    }
#endif
    // What the TPM's library prints can hold keys.
    if (std::string(::getenv("TSS2_LOG")) != "all+none") {
      return false;
    }
    return core.rlim_cur == 0 && core.rlim_max == 0 && ::umask(0) == 077;
  }));
}

TEST(Process, PlacesFollowTheEnvironment) {
  EXPECT_TRUE(InChild([] {
    ::setenv("HOME", "/home/x", 1);
    ::unsetenv("XDG_DATA_HOME");
    ::unsetenv("XDG_STATE_HOME");
    ::unsetenv("RENKEI_DEVICE_KEYS");
    return *DefaultVaultDirectory() == "/home/x/.local/share/renkei/default" &&
           *DefaultDeviceKeyDirectory() == "/home/x/.local/state/renkei/device-keys";
  }));
  EXPECT_TRUE(InChild([] {
    ::setenv("XDG_DATA_HOME", "/data", 1);
    ::setenv("XDG_STATE_HOME", "/state", 1);
    ::unsetenv("RENKEI_DEVICE_KEYS");
    return *DefaultVaultDirectory() == "/data/renkei/default" &&
           *DefaultDeviceKeyDirectory() == "/state/renkei/device-keys";
  }));
  EXPECT_TRUE(InChild([] {
    ::setenv("RENKEI_DEVICE_KEYS", "/keys", 1);
    return *DefaultDeviceKeyDirectory() == "/keys";
  }));
}

TEST(Process, TpmIsTheDevicesUnlessTheUserSaysOtherwise) {
  EXPECT_TRUE(InChild([] {
    ::unsetenv("RENKEI_TPM_TCTI");
    const bool usual = TpmTcti() == "device:/dev/tpmrm0";
    ::setenv("RENKEI_TPM_TCTI", "tabrmd", 1);
    const bool chosen = TpmTcti() == "tabrmd";
    ::setenv("RENKEI_TPM_TCTI", "none", 1);
    return usual && chosen && TpmTcti().empty();
  }));
}

TEST(Process, NoHomeMeansNoPlace) {
  EXPECT_TRUE(InChild([] {
    for (const char* name : {"HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "RENKEI_DEVICE_KEYS"}) {
      ::unsetenv(name);
    }
    return DefaultVaultDirectory().error().code() == Code::kUnavailable &&
           DefaultDeviceKeyDirectory().error().code() == Code::kUnavailable;
  }));
}

}  // namespace
}  // namespace renkei::client
