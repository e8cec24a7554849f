#include "client/vault/unlock.h"

#include <sodium.h>

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "client/core/text_fold.h"
#include "client/vault/files.h"
#include "crypto/base/hash.h"
#include "crypto/base/labels.h"

namespace renkei::client {
namespace {

constexpr std::size_t kStretchedBytes = 32;
static_assert(VaultHeader::kSaltBytes == crypto_pwhash_argon2id_SALTBYTES);
static_assert(VaultHeader::kNonceBytes == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
static_assert(VaultHeader::kWrappedKeyBytes ==
              kDatabaseKeyBytes + crypto_aead_xchacha20poly1305_ietf_ABYTES);

std::string DatabasePath(const std::string& directory) {
  return directory + "/vault.db";
}
std::string HeaderPath(const std::string& directory) {
  return directory + "/vault.header";
}
std::string LockPath(const std::string& directory) {
  return directory + "/lock";
}
std::string CreatingPath(const std::string& directory) {
  return directory + "/creating";
}

// HKDF(Argon2id(passphrase) || device key), 32 bytes, secret.
Result<SecretBytes> WrappingKey(const VaultHeader& header, const SecretBytes& device_key,
                                ByteView passphrase) {
  RENKEI_ASSIGN(const SecretBytes normal, NormalizePassphrase(passphrase));
  SecretBytes input(kStretchedBytes + kDeviceKeyBytes);
  const MutableByteView both = input.ExposeMutable();
  if (crypto_pwhash_argon2id(
          both.data(), kStretchedBytes, reinterpret_cast<const char*>(normal.Expose().data()),
          normal.size(), header.salt.data(), header.kdf.passes,
          std::size_t{header.kdf.memory_kib} * 1024, crypto_pwhash_argon2id_ALG_ARGON2ID13) != 0) {
    return Error(Code::kUnavailable, "vault: not enough memory to check the passphrase");
  }
  const ByteView device = device_key.Expose();
  std::copy(device.begin(), device.end(), both.begin() + kStretchedBytes);
  const SecretBytes extracted = HkdfExtract(header.id.view(), input.Expose());
  return HkdfExpand(extracted.Expose(), AsBytes(labels::kVaultKeyWrap),
                    crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
}

Result<SecretBytes> Unseal(const VaultHeader& header, const SecretBytes& device_key,
                           ByteView passphrase) {
  RENKEI_ASSIGN(const SecretBytes wrapping, WrappingKey(header, device_key, passphrase));
  const Bytes associated = header.AssociatedData();
  SecretBytes key(kDatabaseKeyBytes);
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(
          key.ExposeMutable().data(), nullptr, nullptr, header.wrapped_key.data(),
          header.wrapped_key.size(), associated.data(), associated.size(), header.nonce.data(),
          wrapping.Expose().data()) != 0) {
    return Error(Code::kAuthFailed, "vault: wrong passphrase");
  }
  return key;
}

// kNotFound: no vault there.
Result<VaultHeader> ReadHeader(const std::string& directory) {
  // Larger than any header, so that a newer and longer one is told apart from a damaged one.
  Bytes bytes(4096);
  const auto size = ReadFile(HeaderPath(directory), bytes);
  if (!size.ok() && size.error().code() == Code::kNotFound) {
    const bool lost = FileExists(DatabasePath(directory)) && !FileExists(CreatingPath(directory));
    return lost ? Error(Code::kCorrupt, "vault: the header is missing")
                : Error(Code::kNotFound, "vault: none there");
  }
  if (!size.ok() && size.error().code() != Code::kTooLarge) {
    return size.error();
  }
  bytes.resize(size.ok() ? *size : 0);
  auto header = VaultHeader::Parse(bytes);
  if (!header.ok() && header.error().code() == Code::kMalformed) {
    return Error(Code::kCorrupt, "vault: the header is damaged");
  }
  return header;
}

// What a device key store says of a key that the vault needs.
template <typename T>
Result<T> Needed(Result<T> of_key) {
  if (!of_key.ok() && of_key.error().code() == Code::kNotFound) {
    return Error(Code::kDenied, "vault: device key missing");
  }
  return of_key;
}

void RemoveDatabase(const std::string& directory) {
  for (const char* suffix : {"", "-wal", "-journal", "-shm"}) {
    static_cast<void>(RemoveFile(DatabasePath(directory) + suffix));
  }
}

// Clears what a making that did not come to its end left behind. The header is written last, so
// without one nothing of value can be here.
void ClearUnfinished(const std::string& directory, DeviceKeyStore& device_keys) {
  Bytes text(36);
  const auto size = ReadFile(CreatingPath(directory), text);
  if (size.ok() && *size == text.size()) {
    if (const auto id = VaultId::Parse(AsText(text)); id.ok()) {
      static_cast<void>(device_keys.Remove(*id));
    }
  }
  RemoveDatabase(directory);
  static_cast<void>(RemoveFile(HeaderPath(directory) + ".new"));
  static_cast<void>(RemoveFile(CreatingPath(directory)));
}

}  // namespace

Status VaultUnlocker::Seal(VaultHeader& header, const SecretBytes& database_key,
                           const SecretBytes& device_key, ByteView passphrase) {
  header.kdf = kdf_;
  random_.Fill(header.salt);
  random_.Fill(header.nonce);
  RENKEI_ASSIGN(const SecretBytes wrapping, WrappingKey(header, device_key, passphrase));
  const Bytes associated = header.AssociatedData();
  crypto_aead_xchacha20poly1305_ietf_encrypt(
      header.wrapped_key.data(), nullptr, database_key.Expose().data(), database_key.size(),
      associated.data(), associated.size(), nullptr, header.nonce.data(), wrapping.Expose().data());
  return Ok();
}

// Everything but the header may be lost without harm; with it the vault is there. The marker tells
// a database without header that is ours to clear from one whose header was lost.
Result<SecretBytes> VaultUnlocker::Make(const std::string& directory, ByteView passphrase,
                                        const VaultId& id) {
  RENKEI_TRY(CreateFile(CreatingPath(directory), AsBytes(id.Text())));
  const SecretBytes device_key = random_.NextSecret(kDeviceKeyBytes);
  SecretBytes database_key = random_.NextSecret(kDatabaseKeyBytes);
  RENKEI_TRY(device_keys_.Create(id, device_key));
  VaultHeader header;
  header.id = id;
  RENKEI_TRY(Seal(header, database_key, device_key, passphrase));
  RENKEI_TRY(CreateFile(DatabasePath(directory), {}));
  RENKEI_TRY(SqlcipherVault::CreateIn(DatabasePath(directory), database_key, id));
  RENKEI_TRY(ReplaceFile(HeaderPath(directory), header.Encode()));
  return database_key;
}

Result<std::unique_ptr<SqlcipherVault>> VaultUnlocker::Create(const std::string& directory,
                                                              ByteView passphrase) {
  RENKEI_TRY(NormalizePassphrase(passphrase));
  RENKEI_TRY(device_keys_.CheckApart(directory));
  RENKEI_TRY(MakeDirectories(directory));
  RENKEI_ASSIGN(FileLock lock, FileLock::Acquire(LockPath(directory)));
  const bool unfinished = FileExists(CreatingPath(directory));
  if (FileExists(HeaderPath(directory)) || (FileExists(DatabasePath(directory)) && !unfinished)) {
    return Error(Code::kConflict, "vault: there is one already");
  }
  ClearUnfinished(directory, device_keys_);
  const VaultId id = VaultId::Generate(random_);
  const auto key = Make(directory, passphrase, id);
  if (!key.ok()) {
    ClearUnfinished(directory, device_keys_);
    return key.error();
  }
  static_cast<void>(RemoveFile(CreatingPath(directory)));
  return SqlcipherVault::Open(directory, DatabasePath(directory), *key, id, device_keys_,
                              std::move(lock));
}

Result<std::unique_ptr<SqlcipherVault>> VaultUnlocker::Open(const std::string& directory,
                                                            ByteView passphrase) {
  RENKEI_ASSIGN(const VaultHeader header, ReadHeader(directory));
  // Before the slow part, so that a second window is told at once.
  RENKEI_ASSIGN(FileLock lock, FileLock::Acquire(LockPath(directory)));
  RENKEI_ASSIGN(const SecretBytes device_key, Needed(device_keys_.Load(header.id)));
  RENKEI_ASSIGN(const SecretBytes key, Unseal(header, device_key, passphrase));
  // A making or discarding that died beside its marker: the vault is whole, and in use from now on.
  static_cast<void>(RemoveFile(CreatingPath(directory)));
  return SqlcipherVault::Open(directory, DatabasePath(directory), key, header.id, device_keys_,
                              std::move(lock));
}

Result<DeviceKeyForm> VaultUnlocker::KeyForm(const std::string& directory) const {
  RENKEI_ASSIGN(const VaultHeader header, ReadHeader(directory));
  return Needed(device_keys_.Form(header.id));
}

Status VaultUnlocker::Discard(const std::string& directory) {
  RENKEI_ASSIGN(const VaultHeader header, ReadHeader(directory));
  RENKEI_ASSIGN(const FileLock lock, FileLock::Acquire(LockPath(directory)));
  // Beside the marker, what a crash here leaves is cleared by the next making: the key with it.
  if (!FileExists(CreatingPath(directory))) {
    RENKEI_TRY(CreateFile(CreatingPath(directory), AsBytes(header.id.Text())));
  }
  RENKEI_TRY(RemoveFile(HeaderPath(directory)));
  RENKEI_TRY(device_keys_.Remove(header.id));
  ClearUnfinished(directory, device_keys_);
  RENKEI_TRY(RemoveFile(LockPath(directory)));
  std::error_code not_empty;
  std::filesystem::remove(directory, not_empty);
  return Ok();
}

Status VaultUnlocker::ChangePassphrase(const SqlcipherVault& vault, ByteView old_passphrase,
                                       ByteView new_passphrase) {
  RENKEI_ASSIGN(VaultHeader header, ReadHeader(vault.directory()));
  RENKEI_ASSIGN(const SecretBytes device_key, Needed(device_keys_.Load(header.id)));
  RENKEI_ASSIGN(const SecretBytes key, Unseal(header, device_key, old_passphrase));
  RENKEI_TRY(Seal(header, key, device_key, new_passphrase));
  return ReplaceFile(HeaderPath(vault.directory()), header.Encode());
}

}  // namespace renkei::client
