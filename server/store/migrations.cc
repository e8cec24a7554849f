#include "server/store/migrations.h"

#include <algorithm>
#include <string>

namespace renkei::server {
namespace {

Status RunSteps(Database& database, std::span<const MigrationStep> steps) {
  for (const MigrationStep& step : steps) {
    RENKEI_TRY(database.Execute(step.sql));
  }
  const std::string version =
      "PRAGMA user_version = " + std::to_string(steps.back().from + 1) + ";";
  RENKEI_TRY(database.Execute(version.c_str()));
  return database.Execute("COMMIT");
}

}  // namespace

std::span<const MigrationStep> MigrationSteps() {
  // Version 1 is the first. A change of schema.sql adds its step here and a fixture of the version
  // it leaves to tests/server/store/fixtures.
  return {};
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
