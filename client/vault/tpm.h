// The device's TPM 2.0, for one thing: sealing a device key so that no other TPM opens it.
//
// The key is sealed under a primary of the owner hierarchy (ECC P-256, storage), which the TPM
// makes again from its owner seed each time; nothing stays in the TPM. Between here and the TPM the
// key is encrypted, by a session salted with that primary (TPM 2.0 Library, Part 1, chapters 19 and
// 21): who listens on the bus learns nothing. The session also tells a TPM that was put between: at
// opening the primary must be the one that sealed. The first time there is nothing to compare with.
#ifndef RENKEI_CLIENT_VAULT_TPM_H_
#define RENKEI_CLIENT_VAULT_TPM_H_

#include <string>

#include "client/vault/sealed_key.h"
#include "crypto/base/result.h"
#include "crypto/base/secret.h"

namespace renkei::client {

// Connects for each call and keeps nothing open. A call takes as long as the TPM does: a few tenths
// of a second. One thread.
class Tpm {
 public:
  // `tcti`: how to reach it, as libtss2-tctildr reads it ("device:/dev/tpmrm0"); "" is none. A TPM
  // that others use too needs a resource manager before it (the kernel's /dev/tpmrm0, tabrmd).
  explicit Tpm(std::string tcti) : tcti_(std::move(tcti)) {}

  // Whether the user wants one asked at all.
  bool Wanted() const { return !tcti_.empty(); }
  // Whether one is there to be asked; it may still refuse. Always true but for a missing device.
  bool Present() const;

  // Seals `key` (secret, 32 bytes) for the vault `id`. kUnavailable: not to be reached, no
  // permission, or it refuses (its owner has a password, locked out, no P-256).
  Result<SealedKey> Seal(const VaultId& id, const SecretBytes& key);
  // The key (secret, 32 bytes). kUnavailable: as above. kDenied: another TPM, or this one with a
  // new owner seed (it was cleared). kCorrupt: the TPM does not accept the sealed bytes.
  Result<SecretBytes> Unseal(const SealedKey& sealed);

 private:
  std::string tcti_;
};

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_VAULT_TPM_H_
