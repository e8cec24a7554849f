// Where the second factor lives: a random key for each vault that never leaves this device, and a
// counter by which a vault restored from an older copy is noticed.
#ifndef RENKEI_CLIENT_VAULT_DEVICE_KEY_STORE_H_
#define RENKEI_CLIENT_VAULT_DEVICE_KEY_STORE_H_

#include <cstdint>
#include <string>

#include "client/vault/device_key_files.h"
#include "client/vault/files.h"
#include "client/vault/header.h"
#include "crypto/base/bytes.h"
#include "crypto/base/result.h"
#include "crypto/base/secret.h"

namespace renkei::client {

inline constexpr std::size_t kDeviceKeyBytes = 32;

// In what form a vault's device key is kept; fixed when the vault is made. All but kTpm are the
// weaker form, and say why it was taken. The numbers stand in `<id>.key`.
enum class DeviceKeyForm : std::uint8_t {
  kFileNoTpm = 0,       // this device had no TPM 2.0
  kFileTpmRefused = 1,  // there was one that could not be used: no permission, owned, locked out
  kFileTpmOff = 2,      // the user had switched it off
  kFile = 254,          // not said: made before the TPM was asked for
  kTpm = 255,           // sealed by this device's TPM
};

// "tpm", "file", "file-no-tpm", "file-tpm-refused", "file-tpm-off".
const char* DeviceKeyFormName(DeviceKeyForm form);

// One thread at a time. The functions of the vault need it as long as the vault is open.
class DeviceKeyStore {
 public:
  virtual ~DeviceKeyStore() = default;

  // kDenied: the store lies inside the vault's directory, so that a copy of the one would be a copy
  // of both factors. `vault_directory` need not exist yet.
  virtual Status CheckApart(const std::string& vault_directory) const = 0;

  // Keeps `key` (secret, 32 bytes) durably, with a counter of 0. kConflict: there is one of that
  // id. kUnavailable: cannot be written; nothing is kept.
  virtual Status Create(const VaultId& id, const SecretBytes& key) = 0;
  // The key (secret).
  //   kNotFound     not on this device
  //   kCorrupt      damaged
  //   kDenied       "vault: sealed by another TPM": copied from another machine, or the TPM was
  //                 cleared or replaced; it can never be opened here
  //   kUnavailable  cannot be read; "vault: the TPM cannot be used": try again when it can
  virtual Result<SecretBytes> Load(const VaultId& id) = 0;
  // Forgets key and counter; the vault can never be opened again. Ok also when there is none.
  virtual Status Remove(const VaultId& id) = 0;
  // How the key is kept, without opening it. kNotFound, kCorrupt, kUnavailable.
  virtual Result<DeviceKeyForm> Form(const VaultId& id) const = 0;

  // Taken while the vault is open, from whichever copy of its directory: two copies would use the
  // same states side by side and count over each other. kConflict: taken. kUnavailable, kNotFound:
  // the directory cannot be written, or is not there.
  virtual Result<FileLock> Lock(const VaultId& id) = 0;
  // kNotFound: none. kCorrupt: damaged. Callers treat both as "maybe an older copy".
  virtual Result<std::uint64_t> LoadCounter(const VaultId& id) = 0;
  // Kept over a crash of the program at once, over a loss of power at the latest with the next
  // `durable` call. Replaces a missing or damaged counter too. kUnavailable.
  virtual Status StoreCounter(const VaultId& id, std::uint64_t value, bool durable) = 0;
};

// The key as it is in `<id>.key`. The weaker form: whoever reads the user's files (another program
// of the same user, root, the disk of a stolen device without disk encryption, a backup that heeds
// no mark) has this factor, and then only the passphrase is in the way.
class FileDeviceKeyStore final : public DeviceKeyStore {
 public:
  explicit FileDeviceKeyStore(std::string directory) : files_(std::move(directory)) {}

  Status CheckApart(const std::string& vault_directory) const override;
  Status Create(const VaultId& id, const SecretBytes& key) override;
  // As Create, and remembers why a file. `why` is one of the kFile forms.
  Status CreateBecause(const VaultId& id, const SecretBytes& key, DeviceKeyForm why);
  Result<SecretBytes> Load(const VaultId& id) override;
  Status Remove(const VaultId& id) override;
  Result<DeviceKeyForm> Form(const VaultId& id) const override;
  Result<FileLock> Lock(const VaultId& id) override;
  Result<std::uint64_t> LoadCounter(const VaultId& id) override;
  Status StoreCounter(const VaultId& id, std::uint64_t value, bool durable) override;

 private:
  DeviceKeyFiles files_;
};

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_VAULT_DEVICE_KEY_STORE_H_
