// A database's pages, by which an incremental backup tells what changed. Knows pages, not SQL: so
// it works whatever the schema is.
//
//   pages     u32be page size, then 16 bytes for each page: the beginning of its SHA-256
//   changed   for each page that is not in the backup before: u64be its number from 1, its bytes
//
// Functions; one thread.
#ifndef RENKEI_SERVER_BACKUP_PAGES_H_
#define RENKEI_SERVER_BACKUP_PAGES_H_

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "crypto/base/bytes.h"

namespace renkei::server {

inline constexpr const char* kBackupPages = "pages";
inline constexpr const char* kBackupChanged = "changed";

using PageHash = ByteArray<16>;

struct PageList {
  std::uint32_t page_bytes = 0;
  std::vector<PageHash> pages;
};

// Of a database that no relay has open. Nothing: it cannot be read, or is none.
std::optional<PageList> HashPages(const std::filesystem::path& database);

// `pages` as a new file, 0600, synced. And back; nothing: not one.
bool WritePages(const std::filesystem::path& file, const PageList& list);
std::optional<PageList> ReadPages(const std::filesystem::path& file);

// The pages of `database`, which are `now`, that `before` does not have at the same place, into the
// new file `changed`, 0600, synced. Returns how many; nothing: it cannot be written.
std::optional<std::uint64_t> WriteChanged(const std::filesystem::path& database,
                                          const PageList& now, const PageList& before,
                                          const std::filesystem::path& changed);

// Puts them into the database of the backup before, which then has `bytes`. False: not a file of
// changes, or it cannot be written; the database is of no use then.
bool ApplyChanged(const std::filesystem::path& changed, std::uint32_t page_bytes,
                  std::uint64_t bytes, const std::filesystem::path& database);

}  // namespace renkei::server

#endif  // RENKEI_SERVER_BACKUP_PAGES_H_
