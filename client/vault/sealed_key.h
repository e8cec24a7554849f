// `<vault id>.tpm`: a device key that only one TPM opens. Public bytes; the layout stands in
// client/vault/README.md. Values; any thread.
#ifndef RENKEI_CLIENT_VAULT_SEALED_KEY_H_
#define RENKEI_CLIENT_VAULT_SEALED_KEY_H_

#include "client/vault/header.h"
#include "crypto/base/bytes.h"
#include "crypto/base/hash.h"
#include "crypto/base/result.h"

namespace renkei::client {

// Of the sealed object's public area only the part is kept that the TPM chose: the rest is always
// the same (tpm.cc), so that altered bytes cannot ask for an object with other attributes.
struct SealedKey {
  // TPMs make about 160 bytes of 32; what they put in it is their own matter.
  static constexpr std::size_t kMaxSealedBytes = 1024;
  static constexpr std::size_t kMaxEncodedBytes = 124 + kMaxSealedBytes;

  VaultId id;
  Hash32 parent{};  // SHA-256 of the public area of the primary: which TPM, with which owner seed
  Hash32 unique{};  // of the sealed object's public area
  Bytes sealed;     // 1..kMaxSealedBytes: the content of TPM2B_PRIVATE, encrypted by the TPM

  Bytes Encode() const;
  // `bytes` is hostile. kUnsupported: a newer format (update the program). kMalformed: not such a
  // file, or damaged.
  static Result<SealedKey> Parse(ByteView bytes);

  friend bool operator==(const SealedKey&, const SealedKey&) = default;
};

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_VAULT_SEALED_KEY_H_
