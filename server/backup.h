// A backup: one folder with everything that a relay needs on another machine (server/README.md
// "Backup, restore, verify, migrate").
//
//   relay.db       one consistent state of the store; not in an incremental one, which has
//   changed        the pages that the backup before did not have (backup_pages.h)
//   pages          by which the next one tells what changed
//   backup.json    what it is, and the hashes of all of that (backup_manifest.h)
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
// In DIR/store: when the last backup was finished, ms UTC in decimal.
inline constexpr const char* kLastBackupFile = "last-backup";

struct BackupWish {
  bool with_keys = true;
  // A backup beside the new one: only what is not in it is kept. Empty: everything.
  std::filesystem::path since;
};

struct BackupResult {
  std::string problem;           // empty: done
  std::uint64_t bytes = 0;       // of the database
  std::uint64_t kept_bytes = 0;  // of these, in the new folder
  Millis made_at;
};

// Into the new folder `to`; the relay may be running. The database is copied whole first, all of
// the copy is checked, and then it is compared; so an incremental one needs the space of a whole
// one for a moment. It has its name only when it is complete and synced: one that was broken off is
// called `to`.partial-XXXXXX.
BackupResult MakeBackup(const std::filesystem::path& data_dir, const std::filesystem::path& to,
                        const BackupWish& wish, Millis now);

// Checks the backup, and those that it continues, against their manifests (backup_chain.h), puts
// its keys into `data_dir`/relay if there are none, and its store into `data_dir`/store (PutStore).
// Refused if the keys there are of another region.
BackupResult RestoreBackup(const std::filesystem::path& from, const std::filesystem::path& data_dir,
                           bool replace, Millis now);

// When the last backup of this data directory was finished; none: never, as far as is known.
std::optional<Millis> LastBackup(const std::filesystem::path& data_dir);

}  // namespace renkei::server

#endif  // RENKEI_SERVER_BACKUP_H_
