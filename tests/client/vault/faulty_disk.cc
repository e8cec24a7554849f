#include "tests/client/vault/faulty_disk.h"

#include <fcntl.h>
#include <signal.h>
#include <sqlcipher/sqlite3.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "crypto/base/result.h"

namespace renkei::client {
namespace {

// What a write replaced, to be put back by a loss of power.
struct Unsynced {
  int fd = -1;
  ::off_t at = 0;
  std::string before;
  ::off_t size_before = 0;
};

// One process, one disk; hooks of the C library have no place for an argument.
struct Disk {
  DiskFault fault = DiskFault::kNone;
  std::size_t nth = 0;
  std::uint32_t seed = 1;
  std::size_t step = 0;
  DiskSteps steps;
  std::vector<Unsynced> unsynced;
};
Disk g_disk;

[[noreturn]] void Die() {
  ::kill(::getpid(), SIGKILL);
  while (true) {
    ::pause();
  }
}

bool Chance() {
  g_disk.seed = g_disk.seed * 1664525U + 1013904223U;
  return (g_disk.seed >> 16U) % 2 == 0;
}

void LosePower() {
  for (auto write = g_disk.unsynced.rbegin(); write != g_disk.unsynced.rend(); ++write) {
    if (g_disk.fault == DiskFault::kPowerCutParts && Chance()) {
      continue;
    }
    static_cast<void>(!::pwrite(write->fd, write->before.data(), write->before.size(), write->at));
    if (g_disk.fault == DiskFault::kPowerCut) {
      static_cast<void>(!::ftruncate(write->fd, write->size_before));
    }
  }
}

void Remember(int fd, ::off_t at, std::size_t size) {
  struct ::stat info {};
  ::fstat(fd, &info);
  std::string before(size, '\0');
  const ::ssize_t got = ::pread(fd, before.data(), size, at);
  before.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  g_disk.unsynced.push_back({fd, at, std::move(before), info.st_size});
}

bool IsDue() {
  ++g_disk.step;
  return g_disk.fault != DiskFault::kNone && g_disk.step == g_disk.nth;
}

::ssize_t PositionedWrite(int fd, const void* data, std::size_t size, ::off_t at) {
  ++g_disk.steps.writes;
  if (IsDue()) {
    if (g_disk.fault == DiskFault::kTornWrite) {
      static_cast<void>(!::pwrite(fd, data, size / 2, at));
    } else if (g_disk.fault != DiskFault::kKill) {
      LosePower();
    }
    Die();
  }
  Remember(fd, at, size);
  return ::pwrite(fd, data, size, at);
}

::ssize_t PlainWrite(int fd, const void* data, std::size_t size) {
  const ::off_t at = ::lseek(fd, 0, SEEK_CUR);
  const ::ssize_t written = PositionedWrite(fd, data, size, at);
  ::lseek(fd, at + (written > 0 ? written : 0), SEEK_SET);
  return written;
}

void Sync(int fd) {
  ++g_disk.steps.syncs;
  if (IsDue()) {
    if (g_disk.fault == DiskFault::kPowerCut || g_disk.fault == DiskFault::kPowerCutParts) {
      LosePower();
    }
    Die();
  }
  std::erase_if(g_disk.unsynced, [fd](const Unsynced& write) { return write.fd == fd; });
}

void Removal() {
  if (IsDue()) {
    if (g_disk.fault == DiskFault::kPowerCut || g_disk.fault == DiskFault::kPowerCutParts) {
      LosePower();
    }
    Die();
  }
}

}  // namespace

void InstallFaultyDisk(DiskFault fault, std::size_t nth, std::uint32_t seed) {
  g_disk = Disk();
  g_disk.fault = fault;
  g_disk.nth = nth;
  g_disk.seed = seed;
  sqlite3_initialize();
  sqlite3_vfs* vfs = sqlite3_vfs_find(nullptr);
  int hooked = 0;
  const auto hook = [&](const char* name, auto* function) {
    const auto call = reinterpret_cast<sqlite3_syscall_ptr>(function);
    hooked += vfs->xSetSystemCall(vfs, name, call) == SQLITE_OK ? 1 : 0;
  };
  hook("write", &PlainWrite);
  hook("pwrite", &PositionedWrite);
  hook("pwrite64", &PositionedWrite);
  RENKEI_CHECK(hooked == 3);
}

DiskSteps StepsSoFar() {
  return g_disk.steps;
}

}  // namespace renkei::client

// These take the place of the C library's, for our code and for SQLite's alike.
extern "C" int fsync(int fd) {
  renkei::client::Sync(fd);
  return static_cast<int>(::syscall(SYS_fsync, fd));
}

extern "C" int unlink(const char* path) noexcept {
  renkei::client::Removal();
  return static_cast<int>(::syscall(SYS_unlinkat, AT_FDCWD, path, 0));
}

extern "C" int fdatasync(int fd) {
  renkei::client::Sync(fd);
  return static_cast<int>(::syscall(SYS_fdatasync, fd));
}
