#include "client/vault/process.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cstdlib>

// The leak checker of AddressSanitizer has to look into its own process.
#if defined(__SANITIZE_ADDRESS__)
#define RENKEI_WATCHED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define RENKEI_WATCHED 1
#endif
#endif

namespace renkei::client {
namespace {

std::string FromEnvironment(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): before any thread
  return value == nullptr ? "" : value;
}

Result<std::string> UserDirectory(const char* variable, const char* under_home) {
  if (const std::string base = FromEnvironment(variable); !base.empty()) {
    return base + "/renkei/";
  }
  if (const std::string home = FromEnvironment("HOME"); !home.empty()) {
    return home + under_home + "/renkei/";
  }
  return Error(Code::kUnavailable, "vault: no place for it ($HOME is not set)");
}

}  // namespace

Result<std::string> DefaultVaultDirectory() {
  RENKEI_ASSIGN(const std::string base, UserDirectory("XDG_DATA_HOME", "/.local/share"));
  return base + "default";
}

Result<std::string> DefaultDeviceKeyDirectory() {
  if (const std::string chosen = FromEnvironment("RENKEI_DEVICE_KEYS"); !chosen.empty()) {
    return chosen;
  }
  RENKEI_ASSIGN(const std::string base, UserDirectory("XDG_STATE_HOME", "/.local/state"));
  return base + "device-keys";
}

std::string TpmTcti() {
  const std::string chosen = FromEnvironment("RENKEI_TPM_TCTI");
  if (chosen == "none") {
    return "";
  }
  return chosen.empty() ? "device:/dev/tpmrm0" : chosen;
}

Status HardenProcess() {
  ::umask(077);
  ::setenv("TSS2_LOG", "all+none", 1);  // NOLINT(concurrency-mt-unsafe): before any thread
  const ::rlimit none = {0, 0};
  bool done = ::setrlimit(RLIMIT_CORE, &none) == 0;
#ifndef RENKEI_WATCHED
  done = ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 && done;
#endif
  if (!done) {
    return Error(Code::kUnavailable, "process: core dumps could not be switched off");
  }
  return Ok();
}

}  // namespace renkei::client
