// A backup that a relay of schema version 4 made, out of one of today's.
#ifndef RENKEI_TESTS_SERVER_MAIN_OLDER_BACKUP_H_
#define RENKEI_TESTS_SERVER_MAIN_OLDER_BACKUP_H_

#include "server/backup.h"
#include "server/backup_manifest.h"
#include "tests/server/store/older_store.h"
#include "tests/server/store/raw_sqlite.h"

namespace renkei::test {

// `more`: SQL that its database gets behind that.
inline void MakeOlder(const std::filesystem::path& backup, const std::string& more = "") {
  const std::filesystem::path database = backup / server::kBackupDatabase;
  RowsOf(database, kBackToVersion4 + more);
  auto manifest = server::ReadManifest(backup);
  ASSERT_TRUE(manifest);
  manifest->schema_version = 4;
  manifest->bytes = std::filesystem::file_size(database);
  manifest->sha256 = server::HashOfFile(database);
  std::filesystem::remove(backup / server::kBackupManifest);
  ASSERT_TRUE(server::WriteManifest(backup, *manifest));
}

}  // namespace renkei::test

#endif  // RENKEI_TESTS_SERVER_MAIN_OLDER_BACKUP_H_
