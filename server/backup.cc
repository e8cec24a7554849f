#include "server/backup.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <charconv>

#include "server/backup_chain.h"
#include "server/region_files.h"
#include "server/store/store_files.h"
#include "server/store/store_tools.h"

namespace renkei::server {
namespace {

using std::filesystem::path;

constexpr std::array kRelayFiles = {kRegionFile,    kRootFile,   kIssuingFile,
                                    kTlsChainFile,  kTlsKeyFile, kSigningCertificateFile,
                                    kSigningKeyFile};

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

path ParentOf(const path& folder) {
  return folder.has_parent_path() ? folder.parent_path() : path(".");
}

// The backup that the new one is to continue must stand beside it: there it is looked for later.
std::string CheckSince(const path& to, const path& since) {
  std::error_code error;
  const path folder = WithoutSlash(since);
  const path beside = std::filesystem::weakly_canonical(ParentOf(folder), error);
  if (error || beside != std::filesystem::weakly_canonical(ParentOf(to), error) || error ||
      !IsBackupName(folder.filename().string())) {
    return "the backup " + since.string() + " is not beside " + to.string() +
           ", under a plain name: put both into one folder, or leave --since away";
  }
  return "";
}

// The copy of the whole database in `folder` becomes what is kept of it.
std::string KeepChanges(const path& folder, const Base& base, const PageList& pages,
                        BackupManifest& manifest) {
  const path database = folder / kBackupDatabase;
  if (!WriteChanged(database, pages, base.pages, folder / kBackupChanged)) {
    return "the changes cannot be written to " + folder.string();
  }
  manifest.changed_sha256 = HashOfFile(folder / kBackupChanged);
  std::error_code error;
  std::filesystem::remove(database, error);
  return error ? "the folder " + folder.string() + " cannot be written" : "";
}

// Everything but the name. `base`: what it continues, or null.
std::string FillBackup(const path& data_dir, const path& folder, const BackupWish& wish,
                       const Base* base, Millis now, BackupResult& result) {
  const path database = folder / kBackupDatabase;
  std::string problem = CopyStore(data_dir / kStoreFolder, database);
  if (!problem.empty()) {
    return problem;
  }
  if (wish.with_keys && !CopyKeys(data_dir / kRelayFolder, folder / kRelayFolder)) {
    return "the files in " + (data_dir / kRelayFolder).string() + " cannot be copied";
  }
  const auto pages = HashPages(database);
  if (!pages || !WritePages(folder / kBackupPages, *pages)) {
    return "the folder " + folder.string() + " cannot be written";
  }
  BackupManifest manifest{now,
                          kSchemaVersion,
                          std::filesystem::file_size(database),
                          HashOfFile(database),
                          HashOfFile(folder / kBackupPages),
                          {},
                          ""};
  result.bytes = manifest.bytes;
  if (base != nullptr) {
    manifest.since = {WithoutSlash(wish.since).filename().string(), base->manifest.sha256};
    problem = KeepChanges(folder, *base, *pages, manifest);
  }
  if (problem.empty() && (!WriteManifest(folder, manifest) || !SyncFolder(folder))) {
    problem = "the folder " + folder.string() + " cannot be written";
  }
  std::error_code ignored;
  result.kept_bytes = std::filesystem::file_size(
      folder / (base != nullptr ? kBackupChanged : kBackupDatabase), ignored);
  return problem;
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

BackupResult MakeBackup(const path& data_dir, const path& where, const BackupWish& wish,
                        Millis now) {
  const path to = WithoutSlash(where);
  BackupResult out;
  out.made_at = now;
  if (std::filesystem::exists(to)) {
    out.problem = to.string() + " is there already and was left as it is: name a new folder";
    return out;
  }
  std::optional<Base> base;
  if (!wish.since.empty()) {
    out.problem = CheckSince(to, wish.since);
    base = out.problem.empty() ? ReadBase(WithoutSlash(wish.since), out.problem) : std::nullopt;
    if (!base) {
      out.problem += "; no backup was made, the store is unchanged";
      return out;
    }
  }
  std::string partial = to.string() + ".partial-XXXXXX";
  if (mkdtemp(partial.data()) == nullptr) {
    out.problem = "no folder can be made in " + ParentOf(to).string() + "; no backup was made";
    return out;
  }
  out.problem = FillBackup(data_dir, partial, wish, base ? &*base : nullptr, now, out);
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
  // On the disk of the data, which must have space for it anyway.
  const bool is_there = std::filesystem::exists(data_dir);
  const auto whole =
      WholeBackup::Open(from, is_there ? data_dir : ParentOf(WithoutSlash(data_dir)), out.problem);
  if (!whole) {
    return out;
  }
  out.made_at = whole->manifest().made_at;
  out.bytes = whole->manifest().bytes;
  out.problem = PutKeys(from, data_dir);
  if (out.problem.empty()) {
    out.problem = PutStore(whole->database(), data_dir / kStoreFolder, replace, now);
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
