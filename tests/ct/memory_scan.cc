#include "tests/ct/memory_scan.h"

#include <array>
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <set>
#include <span>
#include <utility>

#include "crypto/base/result.h"

namespace renkei::ct {
namespace {

constexpr std::uint8_t kMask = 0xa5;

struct Region {
  const std::uint8_t* begin = nullptr;
  const std::uint8_t* end = nullptr;
};

// The search allocates as good as nothing: it would come to stand where something freed stood.
constexpr std::size_t kMany = 4096;
std::array<Region, kMany> regions;
std::array<bool, kMany> found;

// Readable and writable regions of this process, without the kernel's own.
std::span<const Region> WritableRegions() {
  std::size_t count = 0;
  std::FILE* maps = std::fopen("/proc/self/maps", "re");
  RENKEI_CHECK(maps != nullptr);
  char line[512];
  while (std::fgets(line, sizeof(line), maps) != nullptr) {
    std::uintptr_t begin = 0;
    std::uintptr_t end = 0;
    char flags[5] = {};
    if (std::sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %4s", &begin, &end, flags) == 3 &&
        flags[0] == 'r' && flags[1] == 'w' && std::strstr(line, "[v") == nullptr) {
      RENKEI_CHECK(count < kMany);
      regions[count++] = {reinterpret_cast<const std::uint8_t*>(begin),
                          reinterpret_cast<const std::uint8_t*>(end)};
    }
  }
  std::fclose(maps);
  return std::span(regions).first(count);
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
  RENKEI_CHECK(secret.size() >= kSearchedBytes);
  secret = secret.last(kSearchedBytes);
  Entry entry{std::move(name), Bytes(secret.size())};
  for (std::size_t i = 0; i < secret.size(); ++i) {
    entry.masked[i] = secret[i] ^ kMask;
  }
  entries_.push_back(std::move(entry));
}

std::vector<std::string> Watch::Search() const {
  RENKEI_CHECK(entries_.size() <= kMany);
  found.fill(false);
  for (const Region& region : WritableRegions()) {
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      found[i] = found[i] || IsIn(region, entries_[i].masked);
    }
  }
  std::set<std::string> names;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (found[i]) {
      names.insert(entries_[i].name);
    }
  }
  return {names.begin(), names.end()};
}

}  // namespace renkei::ct
