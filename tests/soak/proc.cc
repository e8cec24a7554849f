#include "tests/soak/proc.h"

#include <fstream>
#include <iterator>
#include <string>

namespace renkei::soak {
namespace {

std::uint64_t SizeOf(const std::filesystem::path& file) {
  std::error_code failed;
  const std::uintmax_t bytes = std::filesystem::file_size(file, failed);
  return failed ? 0 : bytes;
}

}  // namespace

std::optional<ProcessUse> UseOf(pid_t pid) {
  const std::filesystem::path of = "/proc/" + std::to_string(pid);
  ProcessUse out;
  std::ifstream status(of / "status");
  for (std::string name; status >> name;) {
    double value = 0;
    if (name == "VmRSS:" && status >> value) {
      out.resident_mib = value / 1024;
    } else if (name == "RssAnon:" && status >> value) {
      out.anonymous_mib = value / 1024;
    } else if (name == "Threads:") {
      status >> out.threads;
    }
  }
  std::error_code failed;
  std::filesystem::directory_iterator descriptors(of / "fd", failed);
  if (failed || out.resident_mib == 0) {
    return std::nullopt;
  }
  out.descriptors = static_cast<std::uint64_t>(
      std::distance(begin(descriptors), std::filesystem::directory_iterator()));
  return out;
}

StoreSize SizeOfStore(const std::filesystem::path& data) {
  const std::filesystem::path database = data / "store" / "relay.db";
  return {SizeOf(database), SizeOf(database.string() + "-wal")};
}

}  // namespace renkei::soak
