// From the schema of an older relay to today's (server/README.md "Schema versions"). One thread.
#ifndef RENKEI_SERVER_STORE_MIGRATIONS_H_
#define RENKEI_SERVER_STORE_MIGRATIONS_H_

#include <cstdint>
#include <span>

#include "server/store/sqlite_db.h"

namespace renkei::server {

inline constexpr std::int64_t kSchemaVersion = 5;  // of schema.sql

// From version `from` to the next one. `sql` has neither BEGIN nor COMMIT. `fill`, if there is one,
// runs after it, for what SQL cannot work out.
struct MigrationStep {
  std::int64_t from;
  const char* sql;
  Status (*fill)(Database&) = nullptr;
};

// Ascending without a gap, up to kSchemaVersion.
std::span<const MigrationStep> MigrationSteps();

// Runs the steps from version `from` on as one transaction and sets user_version to what the last
// one makes. A failure changes nothing: kNotFound (no step begins at `from`), kUnavailable,
// kCorrupt, kInternal (a step does not fit).
Status RunMigrations(Database& database, std::span<const MigrationStep> steps, std::int64_t from);

}  // namespace renkei::server

#endif  // RENKEI_SERVER_STORE_MIGRATIONS_H_
