// The public key of an X25519 private key (RFC 7748 §5, §6.1). The same bytes as
// crypto_scalarmult_base(), which climbs the general ladder: libsodium's multiplication by the
// Edwards base point, from a table, takes less than half of that, and one inversion leads from
// there to the Montgomery curve (RFC 7748 §4.1). Functions; any thread.
#ifndef RENKEI_CRYPTO_BASE_X25519_BASE_H_
#define RENKEI_CRYPTO_BASE_X25519_BASE_H_

#include "crypto/base/bytes.h"
#include "crypto/base/secret.h"

namespace renkei {

// `private_key` is secret, any 32 bytes. Takes as long whatever it is; what depends on the public
// key alone may not.
ByteArray<32> X25519PublicKey(const SecretBytes& private_key);

// u = (1 + y) / (1 - y) modulo 2^255 - 19; `y` and the result little-endian, the top bit of `y` is
// ignored. Both are public. 0 for y = 1, which no public key comes to.
ByteArray<32> EdwardsToMontgomery(const ByteArray<32>& y);

}  // namespace renkei

#endif  // RENKEI_CRYPTO_BASE_X25519_BASE_H_
