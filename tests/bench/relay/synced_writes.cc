#include "tests/bench/relay/synced_writes.h"

#include <fcntl.h>
#include <unistd.h>

#include "crypto/base/result.h"

namespace renkei::bench {
namespace {

// A page and its frame's header; a record changes four pages (`strace -e pwrite64`).
constexpr std::uint64_t kFrameBytes = 4096 + 24;
constexpr std::uint64_t kFrames = 4;
constexpr std::uint64_t kWrites = 1024;

}  // namespace

SyncedWrites::SyncedWrites(const std::filesystem::path& file)
    : descriptor_(open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)),
      bytes_(kFrames * kFrameBytes, 0x5A) {
  RENKEI_CHECK(descriptor_ >= 0);
  for (std::uint64_t i = 0; i < kWrites; ++i) {
    RENKEI_CHECK(write(descriptor_, bytes_.data(), bytes_.size()) ==
                 static_cast<ssize_t>(bytes_.size()));
  }
  RENKEI_CHECK(fsync(descriptor_) == 0);
}

SyncedWrites::~SyncedWrites() {
  close(descriptor_);
}

void SyncedWrites::Write() {
  const std::lock_guard lock(mutex_);
  RENKEI_CHECK(pwrite(descriptor_, bytes_.data(), bytes_.size(), static_cast<off_t>(at_)) ==
               static_cast<ssize_t>(bytes_.size()));
  RENKEI_CHECK(fdatasync(descriptor_) == 0);
  at_ = (at_ + bytes_.size()) % (kWrites * bytes_.size());
}

}  // namespace renkei::bench
