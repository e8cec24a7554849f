// A relay's data directory with a small store, and backups of it beside.
#ifndef RENKEI_TESTS_SERVER_MAIN_BACKUP_FIXTURE_H_
#define RENKEI_TESTS_SERVER_MAIN_BACKUP_FIXTURE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "server/backup.h"
#include "server/region_files.h"
#include "server/store/sqlite_store.h"
#include "tests/server/store/store_fixture.h"
#include "tests/support/relay_world.h"
#include "tests/support/temp_folder.h"

namespace renkei::test {

class BackupFixture : public ::testing::Test {
 protected:
  using Path = std::filesystem::path;

  void SetUp() override {
    world.WriteRelayFiles(folder / "data");
    ASSERT_TRUE(OpensWell(folder / "data"));
  }
  static bool OpensWell(const Path& data) {
    return server::SqliteStore::Open(data / server::kStoreFolder, {}).store != nullptr;
  }
  server::BackupResult Make(const char* name, bool with_keys = true) {
    return server::MakeBackup(folder / "data", folder / name, {with_keys, {}}, Millis{5000});
  }
  server::BackupResult MakeSince(const char* name, const char* since) {
    return server::MakeBackup(folder / "data", folder / name, {true, folder / since}, Millis{6000});
  }
  server::BackupResult Restore(const char* name, const char* data, bool replace = false) {
    return server::RestoreBackup(folder / name, folder / data, replace, Millis{9000});
  }
  // So many entries of 1 KiB more in case 1.
  void Add(int count) {
    auto opened = server::SqliteStore::Open(folder / "data" / server::kStoreFolder, {});
    ASSERT_TRUE(opened.store) << opened.problem;
    for (int i = 0; i < count; ++i) {
      ASSERT_TRUE(WriteTo(*opened.store, [](server::WriteTransaction& transaction) {
                    return AppendTo(transaction, CaseOf(1), Bytes(1024, 0x5A));
                  }).ok());
    }
  }
  // Of case 1; -1: it does not start.
  int EntriesIn(const char* data) const {
    auto opened = server::SqliteStore::Open(folder / data / server::kStoreFolder, {});
    if (!opened.store) {
      return -1;
    }
    const auto row = ReadFrom(*opened.store, [](server::ReadTransaction& transaction) {
      return transaction.FindThread(CaseOf(1));
    });
    return row ? static_cast<int>(row->head.seq) : 0;
  }
  std::size_t CountIn(const Path& where) const {
    const std::filesystem::directory_iterator all(where);
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
  }
  static void FlipByte(const Path& file, std::streamoff at) {
    std::fstream out(file, std::ios::in | std::ios::out | std::ios::binary);
    out.seekg(at);
    const char byte = static_cast<char>(out.get() ^ 0x01);
    out.seekp(at);
    out.put(byte);
    ASSERT_TRUE(out.good());
  }

  RelayWorld world{5};
  TempFolder temp{"renkei-backup"};
  const Path folder = temp.path();
};

}  // namespace renkei::test

#endif  // RENKEI_TESTS_SERVER_MAIN_BACKUP_FIXTURE_H_
