// The device's own choice of form: sealed by its TPM where one can be used, else in a file.
#ifndef RENKEI_CLIENT_VAULT_TPM_DEVICE_KEY_STORE_H_
#define RENKEI_CLIENT_VAULT_TPM_DEVICE_KEY_STORE_H_

#include <string>

#include "client/vault/device_key_store.h"
#include "client/vault/tpm.h"

namespace renkei::client {

// A vault's form is fixed when it is made: `<id>.tpm` or `<id>.key` is what tells it. A TPM that
// refuses then is no failure, but is remembered (Form). One that refuses later is one: another form
// would need the key that it does not give.
class TpmDeviceKeyStore final : public DeviceKeyStore {
 public:
  // `tcti`: see Tpm. Counter and file form as FileDeviceKeyStore in the same directory.
  TpmDeviceKeyStore(const std::string& directory, std::string tcti)
      : files_(directory), file_form_(directory), tpm_(std::move(tcti)) {}

  Status CheckApart(const std::string& vault_directory) const override;
  Status Create(const VaultId& id, const SecretBytes& key) override;
  Result<SecretBytes> Load(const VaultId& id) override;
  Status Remove(const VaultId& id) override;
  Result<DeviceKeyForm> Form(const VaultId& id) const override;
  Result<FileLock> Lock(const VaultId& id) override;
  Result<std::uint64_t> LoadCounter(const VaultId& id) override;
  Status StoreCounter(const VaultId& id, std::uint64_t value, bool durable) override;

 private:
  Result<SealedKey> SealAndTry(const VaultId& id, const SecretBytes& key);

  DeviceKeyFiles files_;
  FileDeviceKeyStore file_form_;
  Tpm tpm_;
};

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_VAULT_TPM_DEVICE_KEY_STORE_H_
