// Preloaded into the relay: while the file that RENKEI_HUNG_DISK names exists, nothing reaches the
// disk: fsync and fdatasync do not come back. Then they do, as after a controller's reset.
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

namespace {

using Sync = int (*)(int);

void WaitForTheDisk() {
  const char* mark = getenv("RENKEI_HUNG_DISK");  // NOLINT(concurrency-mt-unsafe): never changed
  const timespec pause{0, 20'000'000};
  while (mark != nullptr && access(mark, F_OK) == 0) {
    nanosleep(&pause, nullptr);
  }
}

int After(const char* name, int descriptor) {
  WaitForTheDisk();
  return reinterpret_cast<Sync>(dlsym(RTLD_NEXT, name))(descriptor);
}

}  // namespace

extern "C" {
int fsync(int descriptor) {
  return After("fsync", descriptor);
}
int fdatasync(int descriptor) {
  return After("fdatasync", descriptor);
}
}
