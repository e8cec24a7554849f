#include "client/vault/tpm_device_key_store.h"

#include "client/vault/sealed_key.h"

namespace renkei::client {
namespace {

constexpr const char* kEnding = ".tpm";
constexpr const char* kFileEnding = ".key";

Result<SealedKey> ReadSealedKey(const DeviceKeyFiles& files, const VaultId& id) {
  Bytes bytes(SealedKey::kMaxEncodedBytes);
  RENKEI_ASSIGN(const std::size_t size, files.Read(id, kEnding, bytes));
  auto sealed = SealedKey::Parse(ByteView(bytes).first(size));
  if (!sealed.ok() && sealed.error().code() == Code::kUnsupported) {
    return sealed;
  }
  // Another vault's would unseal, but to a key that then looks like a wrong passphrase.
  if (!sealed.ok() || sealed->id != id) {
    return Error(Code::kCorrupt, "vault: device key damaged");
  }
  return sealed;
}

}  // namespace

Status TpmDeviceKeyStore::CheckApart(const std::string& vault_directory) const {
  return files_.CheckApart(vault_directory);
}

// A TPM that seals but does not open would show itself when it is too late.
Result<SealedKey> TpmDeviceKeyStore::SealAndTry(const VaultId& id, const SecretBytes& key) {
  RENKEI_ASSIGN(SealedKey sealed, tpm_.Seal(id, key));
  RENKEI_ASSIGN(const SecretBytes opened, tpm_.Unseal(sealed));
  if (!Equal(opened, key)) {
    return Error(Code::kUnavailable, "vault: the TPM cannot be used");
  }
  return sealed;
}

Status TpmDeviceKeyStore::Create(const VaultId& id, const SecretBytes& key) {
  if (files_.Has(id, kEnding) || files_.Has(id, kFileEnding)) {
    return Error(Code::kConflict, "vault: there is a device key already");
  }
  if (!tpm_.Wanted()) {
    return file_form_.CreateBecause(id, key, DeviceKeyForm::kFileTpmOff);
  }
  if (!tpm_.Present()) {
    return file_form_.CreateBecause(id, key, DeviceKeyForm::kFileNoTpm);
  }
  const auto sealed = SealAndTry(id, key);
  if (!sealed.ok()) {
    return file_form_.CreateBecause(id, key, DeviceKeyForm::kFileTpmRefused);
  }
  return files_.Create(id, kEnding, sealed->Encode());
}

Result<SecretBytes> TpmDeviceKeyStore::Load(const VaultId& id) {
  if (!files_.Has(id, kEnding)) {
    return file_form_.Load(id);
  }
  RENKEI_ASSIGN(const SealedKey sealed, ReadSealedKey(files_, id));
  return tpm_.Unseal(sealed);
}

Status TpmDeviceKeyStore::Remove(const VaultId& id) {
  RENKEI_TRY(files_.Remove(id, kEnding));
  return file_form_.Remove(id);
}

Result<DeviceKeyForm> TpmDeviceKeyStore::Form(const VaultId& id) const {
  if (!files_.Has(id, kEnding)) {
    return file_form_.Form(id);
  }
  RENKEI_TRY(ReadSealedKey(files_, id));
  return DeviceKeyForm::kTpm;
}

Result<FileLock> TpmDeviceKeyStore::Lock(const VaultId& id) {
  return files_.Lock(id);
}

Result<std::uint64_t> TpmDeviceKeyStore::LoadCounter(const VaultId& id) {
  return files_.LoadCounter(id);
}

Status TpmDeviceKeyStore::StoreCounter(const VaultId& id, std::uint64_t value, bool durable) {
  return files_.StoreCounter(id, value, durable);
}

}  // namespace renkei::client
