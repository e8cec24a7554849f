// What an epoch's archive_secret yields (crypto/README.md "Archive secret"). Functions; any thread.
#ifndef RENKEI_CRYPTO_SEAL_ARCHIVE_H_
#define RENKEI_CRYPTO_SEAL_ARCHIVE_H_

#include <cstddef>

#include "crypto/base/hash.h"
#include "crypto/base/secret.h"

namespace renkei::seal {

// MLS-Exporter("renkei archive v1", case id, 32) of the epoch.
inline constexpr std::size_t kArchiveSecretBytes = 32;

// HKDF-Expand(archive_secret, "renkei epoch id v1", 32): public, names the secret on the card
// without telling it. `archive_secret`: kArchiveSecretBytes, else our bug; so below.
Hash32 EpochId(const SecretBytes& archive_secret);

// HKDF-Expand(archive_secret, "renkei record key v1", 32).
SecretBytes RecordKey(const SecretBytes& archive_secret);

}  // namespace renkei::seal

#endif  // RENKEI_CRYPTO_SEAL_ARCHIVE_H_
