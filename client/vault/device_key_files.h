// The directory of the device's part: for each vault a key file of either form, and the counter.
// Files 0600 in a directory 0700 that is marked as not worth a backup (CACHEDIR.TAG, .nobackup).
// One thread at a time.
#ifndef RENKEI_CLIENT_VAULT_DEVICE_KEY_FILES_H_
#define RENKEI_CLIENT_VAULT_DEVICE_KEY_FILES_H_

#include <cstdint>
#include <string>

#include "client/vault/files.h"
#include "client/vault/header.h"
#include "crypto/base/bytes.h"
#include "crypto/base/result.h"

namespace renkei::client {

class DeviceKeyFiles {
 public:
  explicit DeviceKeyFiles(std::string directory) : directory_(std::move(directory)) {}

  // As DeviceKeyStore::CheckApart.
  Status CheckApart(const std::string& vault_directory) const;

  // Writes `<id><ending>` with `content` (may be secret), and a counter of 0, both or none.
  // kConflict: one of the two is there. kUnavailable: cannot be written.
  Status Create(const VaultId& id, const char* ending, ByteView content);
  bool Has(const VaultId& id, const char* ending) const;
  // Reads into `out`, returns the size. kNotFound: none. kCorrupt: longer than `out`. kUnavailable.
  Result<std::size_t> Read(const VaultId& id, const char* ending, MutableByteView out) const;
  // Overwrites, for the disks where that still means something, then removes. Ok also when there is
  // none. kUnavailable.
  Status Remove(const VaultId& id, const char* ending);

  // As DeviceKeyStore's.
  Result<FileLock> Lock(const VaultId& id);
  Result<std::uint64_t> LoadCounter(const VaultId& id) const;
  Status StoreCounter(const VaultId& id, std::uint64_t value, bool durable);
  Status RemoveCounter(const VaultId& id);

 private:
  std::string Path(const VaultId& id, const char* ending) const;
  Status Prepare() const;

  std::string directory_;
};

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_VAULT_DEVICE_KEY_FILES_H_
