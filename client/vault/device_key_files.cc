#include "client/vault/device_key_files.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "client/vault/cursor.h"
#include "client/vault/files.h"
#include "crypto/base/hash.h"

namespace renkei::client {
namespace {

constexpr const char* kCounterEnding = ".counter";
constexpr std::size_t kCounterBytes = 8;
constexpr std::size_t kCounterCheckBytes = 8;
// The first 43 bytes are fixed by the Cache Directory Tagging Specification.
constexpr std::string_view kCacheTag =
    "Signature: 8a477f597d28d172789f06886806bc55\n"
    "# Device keys of Renkei vaults. They must not leave this device: keep them out of backups.\n";

// Tells a counter of this vault from a torn or foreign one; against accidents, not attackers.
Bytes EncodeCounter(const VaultId& id, std::uint64_t value) {
  Bytes out;
  AppendNumber(out, value, kCounterBytes);
  const Hash32 check = Sha256({id.view(), out});
  Append(out, ByteView(check).first(kCounterCheckBytes));
  return out;
}

Status CreateIfMissing(const std::string& path, std::string_view content) {
  const Status created = CreateFile(path, AsBytes(content));
  return !created.ok() && created.error().code() == Code::kConflict ? Ok() : created;
}

}  // namespace

std::string DeviceKeyFiles::Path(const VaultId& id, const char* ending) const {
  return directory_ + "/" + id.Text() + ending;
}

Status DeviceKeyFiles::CheckApart(const std::string& vault_directory) const {
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

Status DeviceKeyFiles::Prepare() const {
  RENKEI_TRY(MakeDirectories(directory_));
  if (::chmod(directory_.c_str(), 0700) != 0) {
    return Error(Code::kUnavailable, "vault: the device key directory belongs to another user");
  }
  RENKEI_TRY(CreateIfMissing(directory_ + "/CACHEDIR.TAG", kCacheTag));
  return CreateIfMissing(directory_ + "/.nobackup", "");
}

Status DeviceKeyFiles::Create(const VaultId& id, const char* ending, ByteView content) {
  RENKEI_TRY(Prepare());
  RENKEI_TRY(CreateFile(Path(id, ending), content));
  Status counted = CreateFile(Path(id, kCounterEnding), EncodeCounter(id, 0));
  if (!counted.ok()) {
    static_cast<void>(RemoveFile(Path(id, ending)));
  }
  return counted;
}

bool DeviceKeyFiles::Has(const VaultId& id, const char* ending) const {
  return FileExists(Path(id, ending));
}

Result<std::size_t> DeviceKeyFiles::Read(const VaultId& id, const char* ending,
                                         MutableByteView out) const {
  const auto size = ReadFile(Path(id, ending), out);
  if (!size.ok()) {
    return size.error().code() == Code::kTooLarge
               ? Error(Code::kCorrupt, "vault: device key damaged")
               : size.error();
  }
  // Others may have read it while it was open to them; that cannot be undone, so no refusal.
  ::chmod(Path(id, ending).c_str(), 0600);
  return size;
}

Status DeviceKeyFiles::Remove(const VaultId& id, const char* ending) {
  struct ::stat info {};
  if (::lstat(Path(id, ending).c_str(), &info) == 0 && S_ISREG(info.st_mode)) {
    const auto size = static_cast<std::size_t>(info.st_size);
    static_cast<void>(
        OverwriteFile(Path(id, ending), Bytes(std::min<std::size_t>(size, 4096)), true));
  }
  return RemoveFile(Path(id, ending));
}

// On the counter, which is there from the beginning: a full disk must not keep a vault shut.
Result<FileLock> DeviceKeyFiles::Lock(const VaultId& id) {
  return FileLock::Acquire(Path(id, kCounterEnding));
}

Result<std::uint64_t> DeviceKeyFiles::LoadCounter(const VaultId& id) const {
  ByteArray<kCounterBytes + kCounterCheckBytes> bytes{};
  const auto size = ReadFile(Path(id, kCounterEnding), bytes);
  if (!size.ok() && size.error().code() == Code::kNotFound) {
    return size.error();
  }
  const std::uint64_t value = Cursor(bytes).Number(kCounterBytes);
  if (!size.ok() || *size != bytes.size() || EncodeCounter(id, value) != ToBytes(bytes)) {
    return Error(Code::kCorrupt, "vault: counter damaged");
  }
  return value;
}

Status DeviceKeyFiles::StoreCounter(const VaultId& id, std::uint64_t value, bool durable) {
  const Bytes bytes = EncodeCounter(id, value);
  Status written = OverwriteFile(Path(id, kCounterEnding), bytes, durable);
  if (!written.ok() && written.error().code() == Code::kNotFound) {
    return CreateFile(Path(id, kCounterEnding), bytes);
  }
  return written;
}

Status DeviceKeyFiles::RemoveCounter(const VaultId& id) {
  return RemoveFile(Path(id, kCounterEnding));
}

}  // namespace renkei::client
