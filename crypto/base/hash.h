// SHA-256, HMAC-SHA256 (RFC 2104) and HKDF (RFC 5869; libsodium 1.0.18 has none).
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

}  // namespace renkei

#endif  // RENKEI_CRYPTO_BASE_HASH_H_
