// Public bytes: never keys (those are SecretBytes). Immutable helpers; any thread.
#ifndef RENKEI_CRYPTO_BASE_BYTES_H_
#define RENKEI_CRYPTO_BASE_BYTES_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/base/result.h"

namespace renkei {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;
using MutableByteView = std::span<std::uint8_t>;
template <std::size_t N>
using ByteArray = std::array<std::uint8_t, N>;

// Views over text and back. The view lives as long as `text` does.
ByteView AsBytes(std::string_view text);
std::string_view AsText(ByteView bytes);
Bytes ToBytes(ByteView bytes);
Bytes ToBytes(std::string_view text);
std::string ToString(ByteView bytes);

// Lowercase hexadecimal. FromHex takes either case; kMalformed on odd length or another character.
std::string ToHex(ByteView bytes);
Result<Bytes> FromHex(std::string_view text);

// Constant time for equal lengths; lengths are public. Use it for everything that is compared with
// a secret or an authenticator.
bool Equal(ByteView a, ByteView b);

void Append(Bytes& out, ByteView bytes);

// Copies `bytes` if it is exactly N long, else kMalformed.
template <std::size_t N>
Result<ByteArray<N>> ToArray(ByteView bytes) {
  if (bytes.size() != N) {
    return Error(Code::kMalformed, "bytes: wrong length");
  }
  ByteArray<N> out{};
  for (std::size_t i = 0; i < N; ++i) {
    out[i] = bytes[i];
  }
  return out;
}

}  // namespace renkei

#endif  // RENKEI_CRYPTO_BASE_BYTES_H_
