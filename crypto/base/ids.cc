#include "crypto/base/ids.h"

namespace renkei {
namespace {

constexpr std::size_t kUuidTextBytes = 36;

bool IsDashPosition(std::size_t i) {
  return i == 8 || i == 13 || i == 18 || i == 23;
}

}  // namespace

std::string FormatUuid(const ByteArray<kIdBytes>& bytes) {
  std::string out = ToHex(bytes);
  for (const std::size_t at : {8U, 13U, 18U, 23U}) {
    out.insert(at, 1, '-');
  }
  return out;
}

Result<ByteArray<kIdBytes>> ParseUuid(std::string_view text) {
  if (text.size() != kUuidTextBytes) {
    return Error(Code::kMalformed, "uuid: wrong length");
  }
  std::string hex;
  hex.reserve(2 * kIdBytes);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (IsDashPosition(i) != (text[i] == '-')) {
      return Error(Code::kMalformed, "uuid: dashes");
    }
    if (text[i] != '-') {
      hex.push_back(text[i]);
    }
  }
  RENKEI_ASSIGN(const Bytes bytes, FromHex(hex));
  return ToArray<kIdBytes>(bytes);
}

ByteArray<kIdBytes> RandomUuid(Random& random) {
  auto bytes = random.NextArray<kIdBytes>();
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0FU) | 0x40U);
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3FU) | 0x80U);
  return bytes;
}

}  // namespace renkei
