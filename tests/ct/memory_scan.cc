#include "tests/ct/memory_scan.h"

#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <set>
#include <utility>

#include "crypto/base/result.h"

namespace renkei::ct {
namespace {

constexpr std::uint8_t kMask = 0xa5;

struct Region {
  const std::uint8_t* begin;
  const std::uint8_t* end;
};

// Readable and writable regions of this process, without the kernel's own.
std::vector<Region> WritableRegions() {
  std::vector<Region> regions;
  std::FILE* maps = std::fopen("/proc/self/maps", "re");
  RENKEI_CHECK(maps != nullptr);
  char line[512];
  while (std::fgets(line, sizeof(line), maps) != nullptr) {
    std::uintptr_t begin = 0;
    std::uintptr_t end = 0;
    char flags[5] = {};
    if (std::sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %4s", &begin, &end, flags) == 3 &&
        flags[0] == 'r' && flags[1] == 'w' && std::strstr(line, "[v") == nullptr) {
      regions.push_back({reinterpret_cast<const std::uint8_t*>(begin),
                         reinterpret_cast<const std::uint8_t*>(end)});
    }
  }
  std::fclose(maps);
  return regions;
}

bool IsAt(const std::uint8_t* at, const Bytes& masked) {
  for (std::size_t i = 0; i < masked.size(); ++i) {
    if ((at[i] ^ kMask) != masked[i]) {
      return false;
    }
  }
  return true;
}

bool IsIn(const Region& region, const Bytes& masked) {
  const auto first = static_cast<std::uint8_t>(masked[0] ^ kMask);
  const std::uint8_t* last = region.end - masked.size();
  for (const std::uint8_t* at = region.begin; at <= last; ++at) {
    at = static_cast<const std::uint8_t*>(
        std::memchr(at, first, static_cast<std::size_t>(last - at) + 1));
    if (at == nullptr) {
      return false;
    }
    if (IsAt(at, masked)) {
      return true;
    }
  }
  return false;
}

}  // namespace

void Watch::Add(std::string name, ByteView secret) {
  RENKEI_CHECK(secret.size() >= 16);
  Entry entry{std::move(name), Bytes(secret.size())};
  for (std::size_t i = 0; i < secret.size(); ++i) {
    entry.masked[i] = secret[i] ^ kMask;
  }
  entries_.push_back(std::move(entry));
}

std::vector<std::string> Watch::Search() const {
  std::set<std::string> found;
  for (const Region& region : WritableRegions()) {
    for (const Entry& entry : entries_) {
      if (IsIn(region, entry.masked)) {
        found.insert(entry.name);
      }
    }
  }
  return {found.begin(), found.end()};
}

}  // namespace renkei::ct
