// Making, opening and re-keying a vault. A vault is a directory:
//   vault.db      SQLCipher database under a random key    vault.header  that key, sealed
//   lock          held while the vault is open             creating      only while being made
// The sealing key is HKDF(Argon2id(passphrase) || device key), so that both factors are needed and
// neither a new passphrase nor another place for the device key rewrites the database. Layout and
// derivation: client/vault/README.md.
#ifndef RENKEI_CLIENT_VAULT_UNLOCK_H_
#define RENKEI_CLIENT_VAULT_UNLOCK_H_

#include <memory>
#include <string>

#include "client/vault/device_key_store.h"
#include "client/vault/header.h"
#include "client/vault/sqlcipher_vault.h"
#include "crypto/base/random.h"

namespace renkei::client {

// 256 MiB in four passes: 0.39 s on two cores of 2024, never less than 0.3 s there.
inline constexpr KdfParams kProductionKdf = {4, 256 * 1024};

// One thread.
class VaultUnlocker {
 public:
  // `device_keys` and `random` must outlive this; `device_keys` also every vault opened. `kdf` is
  // for what is made from now on; tests alone pass a cheap one, and nothing else changes it.
  VaultUnlocker(DeviceKeyStore& device_keys, Random& random, KdfParams kdf = kProductionKdf)
      : device_keys_(device_keys), random_(random), kdf_(kdf) {}

  // Makes a vault in `directory` (made too if missing; what else lies there is left alone) and
  // opens it. `passphrase` (secret): 1..1024 bytes of UTF-8, normalised by NFKC; how good it must
  // be is the caller's matter. What a failed or killed call left behind is cleared by the next.
  //   kConflict     there is a vault already, or another process is making one
  //   kDenied       the device keys would lie inside the vault's directory
  //   kMalformed    passphrase not as above
  //   kUnavailable  cannot be written, disk full, not enough memory for Argon2id
  Result<std::unique_ptr<SqlcipherVault>> Create(const std::string& directory, ByteView passphrase);

  // Opens a vault. Ask OpenedOlderCopy() and IndexIsStale() of what comes back.
  //   kNotFound     no vault there
  //   kAuthFailed   wrong passphrase (or a device key or header that do not belong together)
  //   kDenied       "device key missing": the vault was made on another device, or this one lost
  //                 its key; it cannot be opened here: join again. "sealed by another TPM": the
  //                 same, or this device's TPM was cleared
  //   kConflict     open in another process, here or from a copy of its directory
  //   kCorrupt      header, device key or database damaged or missing: join again
  //   kUnsupported  made by a newer program
  //   kMalformed    passphrase not as above
  //   kUnavailable  cannot be read or locked, not enough memory; "the TPM cannot be used" (where it
  //                 holds the key): open again when it can
  Result<std::unique_ptr<SqlcipherVault>> Open(const std::string& directory, ByteView passphrase);

  // How the device key of the vault there is kept, open or not. kNotFound, kDenied, kCorrupt,
  // kUnsupported, kUnavailable: as Open.
  Result<DeviceKeyForm> KeyForm(const std::string& directory) const;

  // Takes back a vault that Create made a moment ago and into which nothing worth keeping was
  // written: its files, its device key, and the directory if nothing else lies in it. The vault
  // must be closed. kNotFound: none there; kConflict: open in another process; kUnavailable,
  // kCorrupt as above.
  Status Discard(const std::string& directory);

  // Seals the key of an open vault under a new passphrase. Copies of the old header still open
  // with the old one (and the device key). kAuthFailed: `old_passphrase` is wrong. kMalformed,
  // kUnavailable, kCorrupt: as above. On failure the old passphrase stays.
  Status ChangePassphrase(const SqlcipherVault& vault, ByteView old_passphrase,
                          ByteView new_passphrase);

 private:
  // Returns the database key.
  Result<SecretBytes> Make(const std::string& directory, ByteView passphrase, const VaultId& id);
  // Fills salt, nonce and wrapped key.
  Status Seal(VaultHeader& header, const SecretBytes& database_key, const SecretBytes& device_key,
              ByteView passphrase);

  DeviceKeyStore& device_keys_;
  Random& random_;
  KdfParams kdf_;
};

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_VAULT_UNLOCK_H_
