// The public key of an X25519 private key (RFC 7748 §5, §6.1). The same bytes as
// crypto_scalarmult_base(), which climbs the general ladder: libsodium's multiplication by the
// Edwards base point, from a table, takes half of that, and one field inversion leads from there to
// the Montgomery curve (RFC 7748 §4.1). Constant time. Functions; any thread.
#ifndef RENKEI_CRYPTO_MLS_X25519_BASE_H_
#define RENKEI_CRYPTO_MLS_X25519_BASE_H_

#include "crypto/base/bytes.h"
#include "crypto/base/secret.h"

namespace renkei::mls {

// `private_key` is secret, any 32 bytes.
ByteArray<32> X25519PublicKey(const SecretBytes& private_key);

// u = (1 + y) / (1 - y) modulo 2^255 - 19; `y` and the result little-endian, the top bit of `y` is
// ignored. 0 for y = 1, which no public key comes to.
ByteArray<32> EdwardsToMontgomery(const ByteArray<32>& y);

}  // namespace renkei::mls

#endif  // RENKEI_CRYPTO_MLS_X25519_BASE_H_
