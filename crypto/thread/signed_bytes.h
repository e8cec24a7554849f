// The outside of the small signed messages: {1: the exact bytes, 2: an Ed25519 signature over
// them}. Functions on values; any thread.
#ifndef RENKEI_CRYPTO_THREAD_SIGNED_BYTES_H_
#define RENKEI_CRYPTO_THREAD_SIGNED_BYTES_H_

#include <string_view>

#include "crypto/base/bytes.h"
#include "crypto/base/result.h"
#include "crypto/base/sign.h"

namespace renkei::thread {

struct SignedBytes {
  ByteView content;  // into what was split
  Signature signature{};
};

Bytes SignBytes(std::string_view label, ByteView content, const SigningKey& key);
// `malformed`, the caller's error: longer than `most`, or not the one encoding.
Result<SignedBytes> SplitSigned(ByteView bytes, std::size_t most, const Error& malformed);

}  // namespace renkei::thread

#endif  // RENKEI_CRYPTO_THREAD_SIGNED_BYTES_H_
