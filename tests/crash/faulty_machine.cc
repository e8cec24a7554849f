// Preloaded into the relay: a machine that misbehaves as the file that RENKEI_FAULTY_MACHINE names
// says, from one moment to the next (machine.h). A disk that is full refuses what makes a file
// longer; one that became read-only refuses everything.
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tests/crash/machine.h"

namespace {

using renkei::crash::Disk;
using renkei::crash::MachineState;

const MachineState* OpenState() {
  const char* name = getenv("RENKEI_FAULTY_MACHINE");  // NOLINT(concurrency-mt-unsafe): never set
  const int descriptor = name == nullptr ? -1 : open(name, O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    return nullptr;
  }
  void* mapped = mmap(nullptr, sizeof(MachineState), PROT_READ, MAP_SHARED, descriptor, 0);
  close(descriptor);
  return mapped == MAP_FAILED ? nullptr : static_cast<const MachineState*>(mapped);
}

const MachineState* State() {
  static const MachineState* const state = OpenState();
  return state;
}

// Sets errno.
bool IsRefused(int descriptor, off_t end) {
  const Disk disk = State() == nullptr ? Disk::kGood : State()->disk.load();
  if (disk == Disk::kReadOnly) {
    errno = EROFS;
    return true;
  }
  struct stat info {};
  if (disk == Disk::kFull && fstat(descriptor, &info) == 0 && end > info.st_size) {
    errno = ENOSPC;
    return true;
  }
  return false;
}

template <typename Function>
Function Next(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" {
ssize_t pwrite64(int descriptor, const void* data, size_t size, off64_t at) {
  using Function = ssize_t (*)(int, const void*, size_t, off64_t);
  if (IsRefused(descriptor, at + static_cast<off64_t>(size))) {
    return -1;
  }
  static const auto next = Next<Function>("pwrite64");
  return next(descriptor, data, size, at);
}
ssize_t pwrite(int descriptor, const void* data, size_t size, off_t at) {
  return pwrite64(descriptor, data, size, at);
}
int ftruncate64(int descriptor, off64_t size) noexcept {
  using Function = int (*)(int, off64_t);
  if (IsRefused(descriptor, size)) {
    return -1;
  }
  static const auto next = Next<Function>("ftruncate64");
  return next(descriptor, size);
}
int clock_gettime(clockid_t clock, timespec* out) noexcept {
  using Function = int (*)(clockid_t, timespec*);
  static const auto next = Next<Function>("clock_gettime");
  const int result = next(clock, out);
  if (result == 0 && clock == CLOCK_REALTIME && State() != nullptr) {
    out->tv_sec += State()->clock_seconds.load();
  }
  return result;
}
}
