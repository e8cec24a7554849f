#include "server/backup.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "crypto/base/bytes.h"
#include "crypto/base/hash.h"
#include "server/region_files.h"
#include "server/store/store_files.h"
#include "server/store/store_tools.h"

namespace renkei::server {
namespace {

using std::filesystem::path;

constexpr int kManifestVersion = 1;
constexpr std::size_t kChunk = std::size_t{1} << 20U;
constexpr std::array kRelayFiles = {kRegionFile,    kRootFile,   kIssuingFile,
                                    kTlsChainFile,  kTlsKeyFile, kSigningCertificateFile,
                                    kSigningKeyFile};

std::optional<std::string> ReadText(const path& file) {
  std::ifstream in(file, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return in ? std::optional(text.str()) : std::nullopt;
}

// A new file, 0600, synced.
bool WriteText(const path& file, std::string_view text) {
  const int descriptor = open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    return false;
  }
  const bool written =
      write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
      fsync(descriptor) == 0;
  close(descriptor);
  return written;
}

std::string HashOfFile(const path& file) {
  std::ifstream in(file, std::ios::binary);
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  std::string chunk(kChunk, '\0');
  while (in) {
    in.read(chunk.data(), static_cast<std::streamsize>(chunk.size()));
    const auto got = static_cast<std::size_t>(in.gcount());
    crypto_hash_sha256_update(&state, AsBytes(std::string_view(chunk).substr(0, got)).data(), got);
  }
  Hash32 hash{};
  crypto_hash_sha256_final(&state, hash.data());
  return in.eof() ? ToHex(hash) : "";
}

// The relay's own files; all or none.
bool CopyKeys(const path& from, const path& to) {
  if (mkdir(to.c_str(), 0700) != 0) {
    return false;
  }
  for (const char* name : kRelayFiles) {
    const auto text = ReadText(from / name);
    if (!text || !WriteText(to / name, *text)) {
      return false;
    }
  }
  return SyncFolder(to);
}

struct Manifest {
  Millis made_at;
  std::uint64_t bytes = 0;
  std::string sha256;
};

std::optional<Manifest> ReadManifest(const path& from) {
  const auto text = ReadText(from / kBackupManifest);
  const auto json = nlohmann::json::parse(text.value_or(""), nullptr, false);
  if (!json.is_object() || json.value("version", 0) != kManifestVersion ||
      !json.contains("made_at") || !json["made_at"].is_number_integer() ||
      !json.contains("bytes") || !json["bytes"].is_number_unsigned() || !json.contains("sha256") ||
      !json["sha256"].is_string()) {
    return std::nullopt;
  }
  return Manifest{{json["made_at"].get<std::int64_t>()},
                  json["bytes"].get<std::uint64_t>(),
                  json["sha256"].get<std::string>()};
}

// Everything but the name.
std::string FillBackup(const path& data_dir, const path& folder, bool with_keys, Millis now,
                       std::uint64_t& bytes) {
  const path database = folder / kBackupDatabase;
  const std::string problem = CopyStore(data_dir / kStoreFolder, database);
  if (!problem.empty()) {
    return problem;
  }
  if (with_keys && !CopyKeys(data_dir / kRelayFolder, folder / kRelayFolder)) {
    return "the files in " + (data_dir / kRelayFolder).string() + " cannot be copied";
  }
  bytes = std::filesystem::file_size(database);
  const nlohmann::json manifest = {{"version", kManifestVersion},
                                   {"made_at", now.value},
                                   {"schema_version", kSchemaVersion},
                                   {"bytes", bytes},
                                   {"sha256", HashOfFile(database)}};
  if (!WriteText(folder / kBackupManifest, manifest.dump(2) + "\n") || !SyncFolder(folder)) {
    return "the folder " + folder.string() + " cannot be written";
  }
  return "";
}

void NoteLastBackup(const path& data_dir, Millis now) {
  const path file = data_dir / kStoreFolder / kLastBackupFile;
  const path fresh = file.string() + ".new";
  std::error_code ignored;
  std::filesystem::remove(fresh, ignored);
  if (WriteText(fresh, std::to_string(now.value) + "\n")) {
    std::filesystem::rename(fresh, file, ignored);
  }
}

path ParentOf(const path& folder) {
  return folder.has_parent_path() ? folder.parent_path() : path(".");
}

path WithoutSlash(const path& folder) {
  return folder.has_filename() ? folder : folder.parent_path();
}

// The relay's files of the backup into a data directory that has none; or the check that those
// which are there are of the same region.
std::string PutKeys(const path& from, const path& data_dir) {
  const path there = data_dir / kRelayFolder;
  const bool has_keys = std::filesystem::exists(from / kRelayFolder);
  if (std::filesystem::exists(there)) {
    const bool is_same =
        !has_keys || ReadText(from / kRelayFolder / kRegionFile) == ReadText(there / kRegionFile);
    return is_same
               ? ""
               : "the backup is of another region than " + there.string() + "; nothing was changed";
  }
  if (!has_keys) {
    return "the backup was made without the relay's keys, and there are none in " + there.string() +
           ": put them there first. Nothing was changed";
  }
  std::error_code error;
  std::filesystem::create_directories(data_dir, error);
  const path fresh = there.string() + ".restoring";
  std::filesystem::remove_all(fresh, error);
  if (!CopyKeys(from / kRelayFolder, fresh)) {
    return "the relay's files cannot be written to " + data_dir.string();
  }
  std::filesystem::rename(fresh, there, error);
  return !error && SyncFolder(data_dir) ? "" : "the folder " + there.string() + " cannot be made";
}

}  // namespace

BackupResult MakeBackup(const path& data_dir, const path& where, bool with_keys, Millis now) {
  const path to = WithoutSlash(where);
  BackupResult out;
  out.made_at = now;
  if (std::filesystem::exists(to)) {
    out.problem = to.string() + " is there already and was left as it is: name a new folder";
    return out;
  }
  std::string partial = to.string() + ".partial-XXXXXX";
  if (mkdtemp(partial.data()) == nullptr) {
    out.problem = "no folder can be made in " + ParentOf(to).string() + "; no backup was made";
    return out;
  }
  out.problem = FillBackup(data_dir, partial, with_keys, now, out.bytes);
  if (out.problem.empty() &&
      renameat2(AT_FDCWD, partial.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) != 0) {
    out.problem = to.string() + " came to be in the meantime and was left as it is";
  }
  if (out.problem.empty() && !SyncFolder(ParentOf(to))) {
    out.problem = "the folder " + ParentOf(to).string() + " cannot be synced";
  }
  if (out.problem.empty()) {
    NoteLastBackup(data_dir, now);
    return out;
  }
  std::error_code ignored;
  std::filesystem::remove_all(partial, ignored);
  out.problem += "; no backup was made, the store is unchanged";
  return out;
}

BackupResult RestoreBackup(const path& from, const path& data_dir, bool replace, Millis now) {
  BackupResult out;
  const auto manifest = ReadManifest(from);
  if (!manifest) {
    out.problem = from.string() + " is not a complete backup (no good " + kBackupManifest +
                  "); nothing was changed";
    return out;
  }
  out.made_at = manifest->made_at;
  out.bytes = manifest->bytes;
  const path database = from / kBackupDatabase;
  std::error_code error;
  if (std::filesystem::file_size(database, error) != manifest->bytes || error ||
      HashOfFile(database) != manifest->sha256) {
    out.problem = "the backup " + from.string() +
                  " is damaged: its database is not the one that was written; nothing was changed. "
                  "Take an older backup";
    return out;
  }
  out.problem = PutKeys(from, data_dir);
  if (out.problem.empty()) {
    out.problem = PutStore(database, data_dir / kStoreFolder, replace, now);
  }
  return out;
}

std::optional<Millis> LastBackup(const path& data_dir) {
  const auto text = ReadText(data_dir / kStoreFolder / kLastBackupFile);
  std::int64_t at = 0;
  if (!text || std::from_chars(text->data(), text->data() + text->size(), at).ec != std::errc()) {
    return std::nullopt;
  }
  return Millis{at};
}

}  // namespace renkei::server
