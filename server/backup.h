// A backup: one folder with everything that a relay needs on another machine (server/README.md
// "Backup, restore, verify, migrate").
//
//   relay.db       one consistent state of the store
//   backup.json    {"version": 1, "made_at": <ms UTC>, "schema_version", "bytes", "sha256"} of it
//   relay/         DIR/relay with the relay's keys, unless they were left out
//
// Functions; one thread. A sentence says what was not done and what was kept.
#ifndef RENKEI_SERVER_BACKUP_H_
#define RENKEI_SERVER_BACKUP_H_

#include <filesystem>
#include <optional>
#include <string>

#include "crypto/base/clock.h"

namespace renkei::server {

inline constexpr const char* kBackupDatabase = "relay.db";
inline constexpr const char* kBackupManifest = "backup.json";
// In DIR/store: when the last backup was finished, ms UTC in decimal.
inline constexpr const char* kLastBackupFile = "last-backup";

struct BackupResult {
  std::string problem;  // empty: done
  std::uint64_t bytes = 0;
  Millis made_at;
};

// Into the new folder `to`; the relay may be running. It has its name only when it is complete and
// synced: one that was broken off is called `to`.partial-XXXXXX.
BackupResult MakeBackup(const std::filesystem::path& data_dir, const std::filesystem::path& to,
                        bool with_keys, Millis now);

// Checks the backup against its manifest, puts its keys into `data_dir`/relay if there are none,
// and its store into `data_dir`/store (PutStore). Refused if the keys there are of another region.
BackupResult RestoreBackup(const std::filesystem::path& from, const std::filesystem::path& data_dir,
                           bool replace, Millis now);

// When the last backup of this data directory was finished; none: never, as far as is known.
std::optional<Millis> LastBackup(const std::filesystem::path& data_dir);

}  // namespace renkei::server

#endif  // RENKEI_SERVER_BACKUP_H_
