// vault.header: what a vault must know before it can be opened. Public bytes; the layout stands in
// client/vault/README.md. Values; any thread.
#ifndef RENKEI_CLIENT_VAULT_HEADER_H_
#define RENKEI_CLIENT_VAULT_HEADER_H_

#include <cstdint>

#include "crypto/base/bytes.h"
#include "crypto/base/ids.h"
#include "crypto/base/result.h"

namespace renkei::client {

using VaultId = Id<struct VaultTag>;

// Argon2id, version 1.3, one lane.
struct KdfParams {
  std::uint32_t passes = 0;      // 1..kMaxPasses
  std::uint32_t memory_kib = 0;  // kMinMemoryKib..kMaxMemoryKib

  static constexpr std::uint32_t kMaxPasses = 16;
  static constexpr std::uint32_t kMinMemoryKib = 8;
  static constexpr std::uint32_t kMaxMemoryKib = 1U << 20U;

  friend bool operator==(const KdfParams&, const KdfParams&) = default;
};

struct VaultHeader {
  static constexpr std::size_t kSaltBytes = 16;
  static constexpr std::size_t kNonceBytes = 24;
  static constexpr std::size_t kWrappedKeyBytes = 48;
  static constexpr std::size_t kEncodedBytes = 156;

  VaultId id;
  KdfParams kdf;
  ByteArray<kSaltBytes> salt{};
  ByteArray<kNonceBytes> nonce{};
  ByteArray<kWrappedKeyBytes> wrapped_key{};  // the database key, sealed

  Bytes Encode() const;
  // Everything but the wrapped key: the associated data of its sealing.
  Bytes AssociatedData() const;
  // `bytes` is hostile. kUnsupported: a newer format or cipher profile (update the program).
  // kMalformed: not a header, or damaged.
  static Result<VaultHeader> Parse(ByteView bytes);

  friend bool operator==(const VaultHeader&, const VaultHeader&) = default;
};

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_VAULT_HEADER_H_
