#include "server/store/migrations.h"

#include <algorithm>
#include <string>

#include "server/store/sqlite_transaction.h"
#include "server/store/usage_count.h"

namespace renkei::server {
namespace {

// Urgent alerts. As in schema.sql, comments included: SQLite keeps the text.
constexpr const char* kAlerts = R"sql(
CREATE TABLE alerts (
  id INTEGER PRIMARY KEY,
  thread INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  record BLOB NOT NULL,
  institution BLOB NOT NULL,  -- of the sender
  person BLOB NOT NULL,
  device BLOB NOT NULL,
  state INTEGER NOT NULL,     -- 1: open
  next_step INTEGER NOT NULL,
  boot BLOB NOT NULL,         -- the timer (rows.h AlertTimer)
  elapsed INTEGER NOT NULL,
  wall INTEGER NOT NULL,
  wait INTEGER NOT NULL,
  responder BLOB,
  plan BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX alerts_by_seq ON alerts (thread, seq);
CREATE INDEX alerts_open ON alerts (thread) WHERE state = 1;
CREATE INDEX alerts_open_by_device ON alerts (device) WHERE state = 1;
)sql";

// How much devices and institutions have: counted from what is there (usage_count.h).
constexpr const char* kStoredBytes = R"sql(
CREATE TABLE stored_bytes (
  owner INTEGER NOT NULL,
  id BLOB NOT NULL,
  bytes INTEGER NOT NULL,
  PRIMARY KEY (owner, id)
) STRICT, WITHOUT ROWID;
)sql";

// Retention. New columns stand as SQLite writes them behind the old ones.
constexpr const char* kRetention = R"sql(
ALTER TABLE threads ADD COLUMN closing_seq INTEGER NOT NULL DEFAULT 0;
ALTER TABLE threads ADD COLUMN is_closed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE threads ADD COLUMN keep_years INTEGER NOT NULL DEFAULT 0;
ALTER TABLE threads ADD COLUMN counted_from INTEGER NOT NULL DEFAULT 0;
CREATE INDEX threads_closed ON threads (counted_from) WHERE is_closed = 1;
CREATE TABLE announcements (
  thread INTEGER PRIMARY KEY,
  counted_from INTEGER NOT NULL,
  at INTEGER NOT NULL,
  ran INTEGER NOT NULL
) STRICT;
CREATE TABLE deletions (
  no INTEGER PRIMARY KEY,
  case_id BLOB NOT NULL UNIQUE,
  at INTEGER NOT NULL,
  certificate BLOB NOT NULL,
  readers BLOB NOT NULL,     -- institution and person, 16 bytes each
  remains INTEGER NOT NULL   -- 1: rows of it are still to be deleted
) STRICT;
CREATE INDEX deletions_remaining ON deletions (no) WHERE remains = 1;
)sql";

// The index by key gives way to what is worked out from the keys (sqlite_keys.cc). And who gave
// back a case that was deleted since is forgotten.
constexpr const char* kKeyPrints = R"sql(
DROP INDEX entries_by_key;
DROP INDEX entries_by_seq;
CREATE INDEX entries_by_seq ON entries (thread, seq, key);
CREATE TABLE key_prints (
  thread INTEGER NOT NULL,
  first INTEGER NOT NULL,  -- entry of the block; only whole blocks are here
  prints BLOB NOT NULL,
  PRIMARY KEY (thread, first)
) STRICT, WITHOUT ROWID;
INSERT INTO meta (name, value) VALUES ('key_prints', randomblob(16));
DELETE FROM meta WHERE name LIKE 'return/%'
  AND substr(name, 8) NOT IN (SELECT lower(hex(case_id)) FROM threads);
)sql";

Status RunSteps(Database& database, std::span<const MigrationStep> steps) {
  for (const MigrationStep& step : steps) {
    RENKEI_TRY(database.Execute(step.sql));
    RENKEI_TRY(step.fill != nullptr ? step.fill(database) : Ok());
  }
  const std::string version =
      "PRAGMA user_version = " + std::to_string(steps.back().from + 1) + ";";
  RENKEI_TRY(database.Execute(version.c_str()));
  return database.Execute("COMMIT");
}

}  // namespace

std::span<const MigrationStep> MigrationSteps() {
  // Version 1 is the first. A change of schema.sql adds its step here and a fixture of the new
  // version to tests/server/store/fixtures.
  static constexpr MigrationStep kSteps[] = {{1, kAlerts, nullptr},
                                             {2, kStoredBytes, WriteUsage},
                                             {3, kRetention, nullptr},
                                             {4, kKeyPrints, WriteKeyPrints}};
  return kSteps;
}

Status RunMigrations(Database& database, std::span<const MigrationStep> steps, std::int64_t from) {
  const auto first = std::find_if(steps.begin(), steps.end(),
                                  [&](const MigrationStep& step) { return step.from == from; });
  if (first == steps.end()) {
    return Error(Code::kNotFound, "migrate: no way from this version");
  }
  RENKEI_TRY(database.Execute("BEGIN EXCLUSIVE"));
  const Status status = RunSteps(database, {first, steps.end()});
  if (!status.ok()) {
    (void)database.Execute("ROLLBACK");
  }
  return status;
}

}  // namespace renkei::server
