// Preloaded into `renkei` by power_cut_test.py: kills the process just before its Nth call that
// leaves something behind (a write, a sync, a rename, bytes sent to the relay), so that each of
// them is a moment at which the power may fail. RENKEI_CUT_AT is N; with RENKEI_CUT_COUNT, a file,
// a process that ends by itself writes there how many such calls it made.
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>

namespace {

std::atomic<long> calls{0};

long CutAt() {
  const char* text = std::getenv("RENKEI_CUT_AT");
  return text == nullptr ? 0 : std::atol(text);
}

void Moment() {
  static const long at = CutAt();
  if (++calls == at) {
    kill(getpid(), SIGKILL);
    pause();
  }
}

bool IsFile(int fd) {
  struct stat about {};
  return fstat(fd, &about) == 0 && S_ISREG(about.st_mode);
}

template <typename Function>
Function Real(Function, const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

struct Report {
  ~Report() {
    const char* path = std::getenv("RENKEI_CUT_COUNT");
    if (path == nullptr) {
      return;
    }
    if (std::FILE* file = std::fopen(path, "w"); file != nullptr) {
      std::fprintf(file, "%ld\n", calls.load());
      std::fclose(file);
    }
  }
} report;

}  // namespace

#define RENKEI_MOMENT(returned, name, parameters, arguments, counts) \
  extern "C" returned name parameters {                              \
    static const auto real = Real(&name, #name);                     \
    if (counts) {                                                    \
      Moment();                                                      \
    }                                                                \
    return real arguments;                                           \
  }

RENKEI_MOMENT(ssize_t, write, (int fd, const void* data, size_t size), (fd, data, size), IsFile(fd))
RENKEI_MOMENT(ssize_t, pwrite, (int fd, const void* data, size_t size, off_t at),
              (fd, data, size, at), true)
RENKEI_MOMENT(ssize_t, pwrite64, (int fd, const void* data, size_t size, off64_t at),
              (fd, data, size, at), true)
RENKEI_MOMENT(int, fsync, (int fd), (fd), true)
RENKEI_MOMENT(int, fdatasync, (int fd), (fd), true)
RENKEI_MOMENT(int, ftruncate, (int fd, off_t size), (fd, size), true)
RENKEI_MOMENT(int, ftruncate64, (int fd, off64_t size), (fd, size), true)
RENKEI_MOMENT(int, rename, (const char* from, const char* to) noexcept, (from, to), true)
RENKEI_MOMENT(int, unlink, (const char* path) noexcept, (path), true)
RENKEI_MOMENT(int, mkdir, (const char* path, mode_t mode) noexcept, (path, mode), true)
RENKEI_MOMENT(ssize_t, sendmsg, (int fd, const msghdr* message, int flags), (fd, message, flags),
              true)
