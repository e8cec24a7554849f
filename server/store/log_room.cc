#include "server/store/log_room.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

namespace renkei::server {
namespace {

constexpr std::size_t kAtOnce = std::size_t{1} << 20U;

bool Fill(int descriptor, std::uint64_t from, std::uint64_t bytes) {
  const std::vector<char> zeros(kAtOnce);
  while (from < bytes) {
    const std::size_t some =
        static_cast<std::size_t>(std::min<std::uint64_t>(kAtOnce, bytes - from));
    const ssize_t written = pwrite(descriptor, zeros.data(), some, static_cast<off_t>(from));
    if (written <= 0) {
      return false;
    }
    from += static_cast<std::uint64_t>(written);
  }
  return fdatasync(descriptor) == 0;
}

}  // namespace

bool MakeLogRoom(const std::filesystem::path& log, std::uint64_t bytes, std::uint64_t free) {
  std::error_code failed;
  const std::uint64_t size = std::filesystem::file_size(log, failed);
  if (failed || size >= bytes) {
    return !failed;
  }
  const std::filesystem::space_info space = std::filesystem::space(log, failed);
  if (failed || space.available < free + bytes) {
    return false;
  }
  const int descriptor = open(log.c_str(), O_WRONLY | O_CLOEXEC);
  if (descriptor < 0) {
    return false;
  }
  const bool filled = Fill(descriptor, size, bytes);
  close(descriptor);
  return filled;
}

}  // namespace renkei::server
