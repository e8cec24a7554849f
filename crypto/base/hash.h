// SHA-256, HMAC-SHA256 (RFC 2104), HKDF (RFC 5869; libsodium 1.0.18 has none), and a short hash for
// tables.
// Functions; any thread.
#ifndef RENKEI_CRYPTO_BASE_HASH_H_
#define RENKEI_CRYPTO_BASE_HASH_H_

#include <initializer_list>

#include "crypto/base/bytes.h"
#include "crypto/base/secret.h"

namespace renkei {

inline constexpr std::size_t kHashBytes = 32;
using Hash32 = ByteArray<kHashBytes>;

Hash32 Sha256(ByteView data);
// Hash of the concatenation of `parts`.
Hash32 Sha256(std::initializer_list<ByteView> parts);

// The tag may be compared with Equal() only.
Hash32 HmacSha256(ByteView key, std::initializer_list<ByteView> parts);

// RFC 5869 §2.2. `salt` may be empty (32 zero bytes are meant then). Returns 32 bytes.
SecretBytes HkdfExtract(ByteView salt, ByteView input_key);
// RFC 5869 §2.3. `length` 1..8160 bytes; more is our bug.
SecretBytes HkdfExpand(ByteView pseudo_random_key, ByteView info, std::size_t length);

// SipHash-2-4 (Aumasson and Bernstein, 2012) of `data`, little-endian: where to look for it in a
// table. Who does not know `key` cannot make values that meet. No signature and no tag: 64 bits.
inline constexpr std::size_t kShortHashKeyBytes = 16;
std::uint64_t ShortHash(const ByteArray<kShortHashKeyBytes>& key, ByteView data);

}  // namespace renkei

#endif  // RENKEI_CRYPTO_BASE_HASH_H_
