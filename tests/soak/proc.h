// What the kernel says of a process, and the disk of its store.
#ifndef RENKEI_TESTS_SOAK_PROC_H_
#define RENKEI_TESTS_SOAK_PROC_H_

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>

namespace renkei::soak {

struct ProcessUse {
  double resident_mib = 0;
  double anonymous_mib = 0;  // of it: allocated, not mapped from files
  std::uint64_t descriptors = 0;
  std::uint64_t threads = 0;
};

// Nothing: it has ended. Any thread.
std::optional<ProcessUse> UseOf(pid_t pid);

struct StoreSize {
  std::uint64_t database_bytes = 0;
  std::uint64_t log_bytes = 0;  // SQLite's write-ahead log
};

StoreSize SizeOfStore(const std::filesystem::path& data);

}  // namespace renkei::soak

#endif  // RENKEI_TESTS_SOAK_PROC_H_
