// What a backup's backup.json says of it (backup.h). Everything in it is hostile until it was
// compared with the files. Functions; one thread.
#ifndef RENKEI_SERVER_BACKUP_MANIFEST_H_
#define RENKEI_SERVER_BACKUP_MANIFEST_H_

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "crypto/base/clock.h"

namespace renkei::server {

inline constexpr const char* kBackupManifest = "backup.json";

// The backup that an incremental one continues: a folder beside it.
struct BackupSince {
  std::string folder;  // its name alone, of letters, digits and ".-_"
  std::string sha256;  // of its database
};

struct BackupManifest {
  Millis made_at;
  std::int64_t schema_version = 0;
  std::uint64_t bytes = 0;   // of the whole database as of this backup
  std::string sha256;        // the same
  std::string pages_sha256;  // of the file `pages`; empty: a backup of before there was one
  // Exactly in an incremental backup:
  std::optional<BackupSince> since;
  std::string changed_sha256;  // of the file `changed`
};

// Nothing: none is there, or not one in every field.
std::optional<BackupManifest> ReadManifest(const std::filesystem::path& folder);
// The new file, 0600, synced. False: it cannot be written.
bool WriteManifest(const std::filesystem::path& folder, const BackupManifest& manifest);

// "a/b/" and "a/b" are one folder.
std::filesystem::path WithoutSlash(const std::filesystem::path& folder);

// Whether a folder of this name can be named in a manifest.
bool IsBackupName(const std::string& name);

// Files as a backup has them: whole, or nothing; a new one, 0600, synced; SHA-256 in hex, empty if
// it cannot be read.
std::optional<std::string> ReadText(const std::filesystem::path& file);
bool WriteText(const std::filesystem::path& file, std::string_view text);
std::string HashOfFile(const std::filesystem::path& file);

}  // namespace renkei::server

#endif  // RENKEI_SERVER_BACKUP_MANIFEST_H_
