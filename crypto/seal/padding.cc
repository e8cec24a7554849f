#include "crypto/seal/padding.h"

#include <algorithm>
#include <bit>

namespace renkei::seal {
namespace {

constexpr std::uint8_t kEndMark = 0x80;

}  // namespace

std::size_t PaddedSize(std::size_t size) {
  const std::size_t marked = size + 1;
  if (marked <= kMinPaddedBytes) {
    return kMinPaddedBytes;
  }
  // Padmé: of a length with exponent E, the low E - S bits become zero, S = bits of E.
  const auto exponent = static_cast<unsigned>(std::bit_width(marked)) - 1;
  const auto kept = static_cast<unsigned>(std::bit_width(exponent));
  const std::size_t mask = (std::size_t{1} << (exponent - kept)) - 1;
  return (marked + mask) & ~mask;
}

SecretBytes Pad(ByteView plain) {
  SecretBytes out(PaddedSize(plain.size()));
  const MutableByteView bytes = out.ExposeMutable();
  std::copy(plain.begin(), plain.end(), bytes.begin());
  bytes[plain.size()] = kEndMark;
  return out;
}

Result<ByteView> Unpad(ByteView padded) {
  const auto end = std::find_if(padded.rbegin(), padded.rend(), [](auto b) { return b != 0; });
  if (end == padded.rend() || *end != kEndMark) {
    return Error(Code::kMalformed, "padding: no end mark");
  }
  const ByteView plain = padded.first(static_cast<std::size_t>(padded.rend() - end) - 1);
  if (PaddedSize(plain.size()) != padded.size()) {
    return Error(Code::kMalformed, "padding: length");
  }
  return plain;
}

}  // namespace renkei::seal
