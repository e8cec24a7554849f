#include "client/vault/device_key_store.h"

#include <algorithm>

namespace renkei::client {
namespace {

constexpr const char* kEnding = ".key";
constexpr Error kDamaged(Code::kCorrupt, "vault: device key damaged");

bool IsReason(std::uint8_t byte) {
  return byte <= static_cast<std::uint8_t>(DeviceKeyForm::kFileTpmOff);
}

// The key, and behind it in all but the oldest files one byte that says why it is in a file.
struct KeyFile {
  SecretBytes key;
  DeviceKeyForm form;
};

Result<KeyFile> ReadKeyFile(const DeviceKeyFiles& files, const VaultId& id) {
  SecretBytes content(kDeviceKeyBytes + 1);
  RENKEI_ASSIGN(const std::size_t size, files.Read(id, kEnding, content.ExposeMutable()));
  const ByteView bytes = content.Expose();
  if (size < kDeviceKeyBytes || (size > kDeviceKeyBytes && !IsReason(bytes[kDeviceKeyBytes]))) {
    return kDamaged;
  }
  const DeviceKeyForm form = size == kDeviceKeyBytes
                                 ? DeviceKeyForm::kFile
                                 : static_cast<DeviceKeyForm>(bytes[kDeviceKeyBytes]);
  return KeyFile{SecretBytes::CopyOf(bytes.first(kDeviceKeyBytes)), form};
}

}  // namespace

const char* DeviceKeyFormName(DeviceKeyForm form) {
  switch (form) {
    case DeviceKeyForm::kFileNoTpm:
      return "file-no-tpm";
    case DeviceKeyForm::kFileTpmRefused:
      return "file-tpm-refused";
    case DeviceKeyForm::kFileTpmOff:
      return "file-tpm-off";
    case DeviceKeyForm::kTpm:
      return "tpm";
    case DeviceKeyForm::kFile:
      break;
  }
  return "file";
}

Status FileDeviceKeyStore::CheckApart(const std::string& vault_directory) const {
  return files_.CheckApart(vault_directory);
}

Status FileDeviceKeyStore::Create(const VaultId& id, const SecretBytes& key) {
  return CreateBecause(id, key, DeviceKeyForm::kFile);
}

Status FileDeviceKeyStore::CreateBecause(const VaultId& id, const SecretBytes& key,
                                         DeviceKeyForm why) {
  RENKEI_CHECK(key.size() == kDeviceKeyBytes && why != DeviceKeyForm::kTpm);
  const std::size_t size = kDeviceKeyBytes + (why == DeviceKeyForm::kFile ? 0 : 1);
  SecretBytes content(size);
  const MutableByteView bytes = content.ExposeMutable();
  bytes.back() = static_cast<std::uint8_t>(why);
  std::copy(key.Expose().begin(), key.Expose().end(), bytes.begin());
  return files_.Create(id, kEnding, content.Expose());
}

Result<SecretBytes> FileDeviceKeyStore::Load(const VaultId& id) {
  RENKEI_ASSIGN(KeyFile file, ReadKeyFile(files_, id));
  return std::move(file.key);
}

Status FileDeviceKeyStore::Remove(const VaultId& id) {
  RENKEI_TRY(files_.Remove(id, kEnding));
  return files_.RemoveCounter(id);
}

Result<DeviceKeyForm> FileDeviceKeyStore::Form(const VaultId& id) const {
  RENKEI_ASSIGN(const KeyFile file, ReadKeyFile(files_, id));
  return file.form;
}

Result<FileLock> FileDeviceKeyStore::Lock(const VaultId& id) {
  return files_.Lock(id);
}

Result<std::uint64_t> FileDeviceKeyStore::LoadCounter(const VaultId& id) {
  return files_.LoadCounter(id);
}

Status FileDeviceKeyStore::StoreCounter(const VaultId& id, std::uint64_t value, bool durable) {
  return files_.StoreCounter(id, value, durable);
}

}  // namespace renkei::client
