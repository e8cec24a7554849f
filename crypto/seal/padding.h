// Padding that hides a record's length (crypto/README.md "Padding"): Padmé (Nikitin et al., PETS
// 2019), which leaks O(log log n) bits for at most 12 % more bytes, and never less than 1 KiB.
// Functions; any thread.
#ifndef RENKEI_CRYPTO_SEAL_PADDING_H_
#define RENKEI_CRYPTO_SEAL_PADDING_H_

#include <cstddef>

#include "crypto/base/bytes.h"
#include "crypto/base/result.h"
#include "crypto/base/secret.h"

namespace renkei::seal {

inline constexpr std::size_t kMinPaddedBytes = 1024;

// Size after padding `size` bytes (and the one that marks their end).
std::size_t PaddedSize(std::size_t size);

// `plain` (secret), 0x80, zeros up to PaddedSize(plain.size()).
SecretBytes Pad(ByteView plain);

// The view of the plain bytes within `padded`, which must have been authenticated before.
// kMalformed: not what Pad makes, the length included.
Result<ByteView> Unpad(ByteView padded);

}  // namespace renkei::seal

#endif  // RENKEI_CRYPTO_SEAL_PADDING_H_
