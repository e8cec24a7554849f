#include "server/backup_chain.h"

#include <stdlib.h>

#include <vector>

#include "server/backup.h"
#include "server/store/store_files.h"
#include "server/store/store_tools.h"

namespace renkei::server {
namespace {

using std::filesystem::path;

struct Link {
  path folder;
  BackupManifest manifest;
};

std::string Incomplete(const path& folder) {
  return folder.string() + " is not a complete backup (no good " + kBackupManifest +
         "); nothing was changed";
}

std::string Other(const path& folder, const char* what) {
  return "the backup " + folder.string() + " is damaged: its " + what +
         " is not the one that was written; nothing was changed. Take an older backup";
}

// From the newest back to a whole one.
std::string FindChain(const path& newest, std::vector<Link>& chain) {
  path folder = WithoutSlash(newest);
  std::string wanted;
  for (;;) {
    if (!wanted.empty() && !std::filesystem::exists(folder)) {
      return "the backup " + chain.back().folder.string() + " continues " + folder.string() +
             ", which is not there; nothing was changed. Bring that folder back, or take a backup "
             "that does not need it";
    }
    const auto manifest = ReadManifest(folder);
    if (!manifest) {
      return Incomplete(folder);
    }
    if (!wanted.empty() && manifest->sha256 != wanted) {
      return "the folder " + folder.string() + " is not the backup that " +
             chain.back().folder.string() +
             " continues, but another one under its name; nothing was changed. Give each folder "
             "its own name back";
    }
    chain.push_back({folder, *manifest});
    if (!manifest->since) {
      return "";
    }
    if (chain.size() > kMaxBackupChain) {
      return "the backup " + newest.string() + " continues more than " +
             std::to_string(kMaxBackupChain) + " others; nothing was changed. Take an older one";
    }
    wanted = manifest->since->sha256;
    folder = folder.parent_path() / manifest->since->folder;
  }
}

std::string CheckWhole(const Link& link) {
  const path database = link.folder / kBackupDatabase;
  std::error_code error;
  const bool is_same = std::filesystem::file_size(database, error) == link.manifest.bytes &&
                       !error && HashOfFile(database) == link.manifest.sha256;
  return is_same ? "" : Other(link.folder, "database");
}

// The changes of one link into the database so far.
std::string Apply(const Link& link, const path& database) {
  if (HashOfFile(link.folder / kBackupChanged) != link.manifest.changed_sha256) {
    return Other(link.folder, "file of changes");
  }
  if (HashOfFile(link.folder / kBackupPages) != link.manifest.pages_sha256) {
    return Other(link.folder, "list of pages");
  }
  const auto pages = ReadPages(link.folder / kBackupPages);
  return pages && ApplyChanged(link.folder / kBackupChanged, pages->page_bytes, link.manifest.bytes,
                               database)
             ? ""
             : "the changes of the backup " + link.folder.string() +
                   " cannot be put into the one before (is there space for the whole database in " +
                   database.parent_path().parent_path().string() + "?); nothing was changed";
}

std::string PutTogether(const std::vector<Link>& chain, const path& database) {
  std::error_code error;
  std::filesystem::copy_file(chain.back().folder / kBackupDatabase, database, error);
  if (error) {
    return "the backup cannot be put together in " + database.parent_path().string() +
           ": is there space for the whole database? Nothing was changed";
  }
  for (auto link = chain.rbegin() + 1; link != chain.rend(); ++link) {
    std::string problem = Apply(*link, database);
    if (!problem.empty()) {
      return problem;
    }
  }
  return HashOfFile(database) == chain.front().manifest.sha256
             ? ""
             : Other(chain.front().folder, "database, put together from its links,");
}

}  // namespace

std::unique_ptr<WholeBackup> WholeBackup::Open(const path& folder, const path& scratch,
                                               std::string& problem) {
  std::vector<Link> chain;
  problem = FindChain(folder, chain);
  if (problem.empty()) {
    problem = CheckWhole(chain.back());
  }
  if (!problem.empty()) {
    return nullptr;
  }
  std::unique_ptr<WholeBackup> out(new WholeBackup());
  out->manifest_ = chain.front().manifest;
  out->links_ = chain.size();
  out->database_ = chain.back().folder / kBackupDatabase;
  const bool is_older = out->manifest_.schema_version < kSchemaVersion;
  if (chain.size() == 1 && !is_older) {
    return out;
  }
  std::string made = scratch / "backup-put-together-XXXXXX";
  if (mkdtemp(made.data()) == nullptr) {
    problem = "no folder can be made in " + scratch.string() + "; nothing was changed";
    return nullptr;
  }
  out->scratch_ = made;
  out->database_ = out->scratch_ / kBackupDatabase;
  problem = PutTogether(chain, out->database_);
  if (problem.empty() && is_older) {
    problem = MigrateCopy(out->database_);
    problem += problem.empty() ? "" : ": is there space for it? Nothing was changed";
  }
  return problem.empty() ? std::move(out) : nullptr;
}

WholeBackup::~WholeBackup() {
  std::error_code ignored;
  if (!scratch_.empty()) {
    std::filesystem::remove_all(scratch_, ignored);
  }
}

std::optional<Base> ReadBase(const path& folder, std::string& problem) {
  const auto manifest = ReadManifest(folder);
  if (!manifest) {
    problem = folder.string() + " is not a complete backup (no good " + kBackupManifest +
              "); name another one, or leave --since away";
    return std::nullopt;
  }
  std::optional<PageList> pages;
  if (manifest->pages_sha256.empty()) {
    pages = HashPages(folder / kBackupDatabase);
  } else if (HashOfFile(folder / kBackupPages) == manifest->pages_sha256) {
    pages = ReadPages(folder / kBackupPages);
  }
  if (!pages) {
    problem = "the backup " + folder.string() +
              " is damaged, so that no other can continue it; leave --since away";
    return std::nullopt;
  }
  return Base{*manifest, std::move(*pages)};
}

}  // namespace renkei::server
