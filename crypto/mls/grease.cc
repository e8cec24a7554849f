#include "crypto/mls/grease.h"

#include <vector>

namespace renkei::mls {
namespace {

constexpr std::uint64_t kMaxDataBytes = 8;

template <typename T>
void Insert(std::vector<T>& values, Random& random) {
  const T value = static_cast<T>(GreaseValue(random.NextUint64()));
  const std::uint64_t place = random.NextUint64() % (values.size() + 1);
  values.insert(values.begin() + static_cast<std::ptrdiff_t>(place), value);
}

}  // namespace

std::uint16_t GreaseValue(std::uint64_t choice) {
  // 0x0A0A, 0x1A1A ... 0xEAEA
  return static_cast<std::uint16_t>(0x0A0AU + 0x1010U * (choice % kGreaseValues));
}

Capabilities WithGrease(Capabilities capabilities, Random& random) {
  Insert(capabilities.cipher_suites, random);
  Insert(capabilities.extensions, random);
  Insert(capabilities.proposals, random);
  Insert(capabilities.credentials, random);
  return capabilities;
}

Extension GreaseExtension(Random& random) {
  const auto type = static_cast<ExtensionType>(GreaseValue(random.NextUint64()));
  return {type, random.NextBytes(static_cast<std::size_t>(random.NextUint64() % kMaxDataBytes))};
}

}  // namespace renkei::mls
