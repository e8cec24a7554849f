// What an operator does with a store from a process of its own: copy it while a relay runs, put a
// copy in its place, look at every chain, bring it to today's schema (server/README.md "Backup,
// restore, verify, migrate"). Functions return a sentence when they did not do it, and say in it
// what was kept; empty: done. One thread.
#ifndef RENKEI_SERVER_STORE_STORE_TOOLS_H_
#define RENKEI_SERVER_STORE_STORE_TOOLS_H_

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "crypto/base/clock.h"
#include "crypto/base/hash.h"
#include "crypto/base/ids.h"
#include "server/core/rows.h"
#include "server/store/migrations.h"

namespace renkei::server {

// The meta row that a restored store carries until the relay has announced a new incarnation; its
// value is the one byte 1.
inline constexpr const char* kRestoredMeta = "restored";

// One consistent state of `folder`/relay.db into the new file `to`: synced, mode 0600, checked as
// at a relay's start. The relay may be running. A failure leaves no file.
std::string CopyStore(const std::filesystem::path& folder, const std::filesystem::path& to);

// Puts a copy of the database `from` into `folder`, marked as restored. Refused while a relay runs
// there, and over a store that is there unless `replace`: then its files are kept in
// `folder`/before-restore-<now>. `from` is checked first and stays as it is. If it is broken off
// the relay refuses to start until it has been run again.
std::string PutStore(const std::filesystem::path& from, const std::filesystem::path& folder,
                     bool replace, Millis now);

struct StoreReport {
  std::string problem;  // it could not be looked at; then nothing else holds
  std::uint64_t threads = 0;
  std::uint64_t entries = 0;
  std::uint64_t audit_rows = 0;
  // What is damaged, by case id, entry number and table only. Of either list at most kMaxReported,
  // then how many more there are.
  std::vector<std::string> findings;
  // Devices and institutions whose stored bytes are not what is noted; looked at where nothing is
  // damaged. RecountStoredBytes() puts that right.
  std::vector<std::string> miscounted;
};
inline constexpr std::size_t kMaxReported = 200;

// Walks everything in `database` (a relay's, running or not, or a backup's) and changes nothing.
StoreReport VerifyStore(const std::filesystem::path& database);

struct UsageReport {
  std::string problem;  // it could not be read
  // Institutions with what they have (core/usage.h), the most first.
  std::vector<std::pair<InstitutionId, std::uint64_t>> institutions;
};
// A relay may be running.
UsageReport ReadStoredBytes(const std::filesystem::path& database);

struct Recounted {
  std::string problem;    // it was not done; nothing was changed
  std::size_t wrong = 0;  // how many devices and institutions had another number
};
// Counts what everybody has and writes it over what is noted. Refused while a relay runs there.
Recounted RecountStoredBytes(const std::filesystem::path& folder);

struct AuditReport {
  std::string problem;  // it could not be read
  std::uint64_t rows = 0;
  Hash32 head{};
  std::uint64_t broken_at = 0;  // 0: nowhere
};
// The audit log alone; a relay may be running.
AuditReport VerifyAuditLog(const std::filesystem::path& database);

struct RetentionReport {
  struct Closed {
    ThreadRow thread;
    std::optional<AnnouncementRow> announced;  // of its deletion; of this closing
  };
  std::string problem;         // it could not be read; then nothing else holds
  std::vector<Closed> closed;  // counted from the earliest first
  std::vector<DeletionRow> deleted;
};
// Cases that are closed, and those that were deleted; changes nothing, a relay may be running.
RetentionReport ReadRetention(const std::filesystem::path& database);

// A database that nobody else has, of this or an older relay, to today's schema. It may be half
// done when it fails: throw it away.
std::string MigrateCopy(const std::filesystem::path& database);

struct Migrated {
  std::string problem;
  std::int64_t from = 0;
  std::int64_t to = 0;
  std::filesystem::path kept;  // the store as it was; empty: nothing had to be done
};
// Refused while a relay runs there. Copies the database to `folder`/before-migrate-<now>.db first.
// A failure changes nothing. `steps`: MigrationSteps(), but for tests.
Migrated MigrateStore(const std::filesystem::path& folder, Millis now,
                      std::span<const MigrationStep> steps, std::int64_t target);

}  // namespace renkei::server

#endif  // RENKEI_SERVER_STORE_STORE_TOOLS_H_
