#include "client/vault/device_key_store.h"

#include <sys/stat.h>

#include <filesystem>
#include <string_view>
#include <system_error>

#include "client/vault/files.h"
#include "crypto/base/hash.h"

namespace renkei::client {
namespace {

constexpr std::size_t kCounterBytes = 8;
constexpr std::size_t kCounterCheckBytes = 8;
// The first 43 bytes are fixed by the Cache Directory Tagging Specification.
constexpr std::string_view kCacheTag =
    "Signature: 8a477f597d28d172789f06886806bc55\n"
    "# Device keys of Renkei vaults. They must not leave this device: keep them out of backups.\n";

// Tells a counter of this vault from a torn or foreign one; against accidents, not attackers.
Bytes EncodeCounter(const VaultId& id, std::uint64_t value) {
  Bytes out;
  for (std::size_t i = kCounterBytes; i > 0; --i) {
    out.push_back(static_cast<std::uint8_t>(value >> (8 * (i - 1))));
  }
  const Hash32 check = Sha256({id.view(), out});
  Append(out, ByteView(check).first(kCounterCheckBytes));
  return out;
}

Status CreateIfMissing(const std::string& path, std::string_view content) {
  const Status created = CreateFile(path, AsBytes(content));
  return !created.ok() && created.error().code() == Code::kConflict ? Ok() : created;
}

}  // namespace

std::string FileDeviceKeyStore::KeyPath(const VaultId& id) const {
  return directory_ + "/" + id.Text() + ".key";
}

std::string FileDeviceKeyStore::CounterPath(const VaultId& id) const {
  return directory_ + "/" + id.Text() + ".counter";
}

Status FileDeviceKeyStore::CheckApart(const std::string& vault_directory) const {
  namespace fs = std::filesystem;
  std::error_code failed;
  const fs::path mine = fs::weakly_canonical(fs::absolute(directory_, failed), failed);
  const fs::path vault = fs::weakly_canonical(fs::absolute(vault_directory, failed), failed);
  if (failed) {
    return Error(Code::kUnavailable, "vault: the device key directory cannot be looked at");
  }
  const fs::path way = mine.lexically_relative(vault);
  if (way == "." || (!way.empty() && *way.begin() != "..")) {
    return Error(Code::kDenied, "vault: the device keys lie inside the vault's directory");
  }
  return Ok();
}

Status FileDeviceKeyStore::PrepareDirectory() const {
  RENKEI_TRY(MakeDirectories(directory_));
  if (::chmod(directory_.c_str(), 0700) != 0) {
    return Error(Code::kUnavailable, "vault: the device key directory belongs to another user");
  }
  RENKEI_TRY(CreateIfMissing(directory_ + "/CACHEDIR.TAG", kCacheTag));
  return CreateIfMissing(directory_ + "/.nobackup", "");
}

Status FileDeviceKeyStore::Create(const VaultId& id, const SecretBytes& key) {
  RENKEI_CHECK(key.size() == kDeviceKeyBytes);
  RENKEI_TRY(PrepareDirectory());
  RENKEI_TRY(CreateFile(KeyPath(id), key.Expose()));
  Status counted = CreateFile(CounterPath(id), EncodeCounter(id, 0));
  if (!counted.ok()) {
    static_cast<void>(RemoveFile(KeyPath(id)));
  }
  return counted;
}

Result<SecretBytes> FileDeviceKeyStore::Load(const VaultId& id) {
  SecretBytes key(kDeviceKeyBytes);
  const auto size = ReadFile(KeyPath(id), key.ExposeMutable());
  if (!size.ok() && size.error().code() != Code::kTooLarge) {
    return size.error();
  }
  if (!size.ok() || *size != kDeviceKeyBytes) {
    return Error(Code::kCorrupt, "vault: device key damaged");
  }
  // Others may have read it while it was open to them; that cannot be undone, so no refusal.
  ::chmod(KeyPath(id).c_str(), 0600);
  return key;
}

Status FileDeviceKeyStore::Remove(const VaultId& id) {
  // Overwritten first, for the disks where that still means something.
  static_cast<void>(OverwriteFile(KeyPath(id), Bytes(kDeviceKeyBytes), true));
  RENKEI_TRY(RemoveFile(KeyPath(id)));
  return RemoveFile(CounterPath(id));
}

Result<std::uint64_t> FileDeviceKeyStore::LoadCounter(const VaultId& id) {
  ByteArray<kCounterBytes + kCounterCheckBytes> bytes{};
  const auto size = ReadFile(CounterPath(id), bytes);
  if (!size.ok() && size.error().code() == Code::kNotFound) {
    return size.error();
  }
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < kCounterBytes; ++i) {
    value = (value << 8U) | bytes[i];
  }
  if (!size.ok() || *size != bytes.size() || EncodeCounter(id, value) != ToBytes(bytes)) {
    return Error(Code::kCorrupt, "vault: counter damaged");
  }
  return value;
}

Status FileDeviceKeyStore::StoreCounter(const VaultId& id, std::uint64_t value, bool durable) {
  const Bytes bytes = EncodeCounter(id, value);
  Status written = OverwriteFile(CounterPath(id), bytes, durable);
  if (!written.ok() && written.error().code() == Code::kNotFound) {
    return CreateFile(CounterPath(id), bytes);
  }
  return written;
}

}  // namespace renkei::client
