// The folders that an incremental backup needs: itself, the one that it continues, and so on back
// to a whole one, all beside each other. Functions; one thread. Sentences say what was not done,
// what was kept, and what to do.
#ifndef RENKEI_SERVER_BACKUP_CHAIN_H_
#define RENKEI_SERVER_BACKUP_CHAIN_H_

#include <filesystem>
#include <memory>
#include <string>

#include "server/backup_manifest.h"
#include "server/backup_pages.h"

namespace renkei::server {

inline constexpr std::size_t kMaxBackupChain = 400;  // a year of nights

// A backup's whole database as a file; what had to be put together for it goes with it.
class WholeBackup {
 public:
  // Checks every link: that it is there, is the one that the next one continues, and that its files
  // are those that were written; and in the end the whole database. What must be put together, or
  // brought to today's schema because an older relay made it, is made in a new folder in `scratch`,
  // which must have space for the database.
  static std::unique_ptr<WholeBackup> Open(const std::filesystem::path& folder,
                                           const std::filesystem::path& scratch,
                                           std::string& problem);
  ~WholeBackup();
  WholeBackup(const WholeBackup&) = delete;
  WholeBackup& operator=(const WholeBackup&) = delete;

  const std::filesystem::path& database() const { return database_; }
  const BackupManifest& manifest() const { return manifest_; }
  std::size_t links() const { return links_; }

 private:
  WholeBackup() = default;

  std::filesystem::path database_;
  std::filesystem::path scratch_;  // empty: nothing was made
  BackupManifest manifest_;
  std::size_t links_ = 1;
};

// What the next backup compares with: the page list of this one, checked against its manifest, or
// made from its database where it has none.
struct Base {
  BackupManifest manifest;
  PageList pages;
};
std::optional<Base> ReadBase(const std::filesystem::path& folder, std::string& problem);

}  // namespace renkei::server

#endif  // RENKEI_SERVER_BACKUP_CHAIN_H_
