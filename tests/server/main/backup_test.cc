#include "server/backup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <fstream>

#include "server/region_files.h"
#include "server/store/sqlite_store.h"
#include "tests/support/relay_world.h"

namespace renkei::test {
namespace {

using std::filesystem::path;
using testing::HasSubstr;

class Backup : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "renkei-backup-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder = name;
    world.WriteRelayFiles(folder / "data");
    ASSERT_TRUE(OpensWell(folder / "data"));
  }
  void TearDown() override { std::filesystem::remove_all(folder); }
  static bool OpensWell(const path& data) {
    return server::SqliteStore::Open(data / server::kStoreFolder, {}).store != nullptr;
  }
  server::BackupResult Make(const char* name, bool with_keys = true) {
    return server::MakeBackup(folder / "data", folder / name, with_keys, Millis{5000});
  }
  server::BackupResult Restore(const char* name, const char* data, bool replace = false) {
    return server::RestoreBackup(folder / name, folder / data, replace, Millis{9000});
  }
  std::size_t CountIn(const path& where) const {
    const std::filesystem::directory_iterator all(where);
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
  }

  RelayWorld world{5};
  path folder;
};

TEST_F(Backup, RestoredElsewhereItIsAWholeRelay) {
  EXPECT_EQ(Make("backup").problem, "");
  const auto restored = Restore("backup", "new");
  EXPECT_EQ(restored.problem, "");
  EXPECT_EQ(restored.made_at, Millis{5000});
  EXPECT_TRUE(server::LoadRegion(folder / "new", kRegionStart + Days(1)).files);
  EXPECT_TRUE(OpensWell(folder / "new"));
}

TEST_F(Backup, IsClosedToOthers) {
  ASSERT_EQ(Make("backup").problem, "");
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder / "backup")) {
    struct stat info {};
    ASSERT_EQ(stat(entry.path().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 077U, 0U) << entry.path();
  }
}

TEST_F(Backup, OneThatIsThereIsNeverTouched) {
  ASSERT_EQ(Make("backup").problem, "");
  const auto before = std::filesystem::last_write_time(folder / "backup" / "backup.json");
  EXPECT_THAT(Make("backup").problem, HasSubstr("left as it is"));
  EXPECT_EQ(std::filesystem::last_write_time(folder / "backup" / "backup.json"), before);
  EXPECT_EQ(CountIn(folder), 2U) << "a half one is left lying about";
}

TEST_F(Backup, FailureLeavesNothingAndDoesNotCountAsABackup) {
  std::filesystem::remove(folder / "data" / "relay" / "signing.key");
  EXPECT_THAT(Make("backup").problem, HasSubstr("no backup was made"));
  EXPECT_EQ(CountIn(folder), 1U);
  EXPECT_FALSE(server::LastBackup(folder / "data"));
}

TEST_F(Backup, RelayKnowsWhenTheLastOneWas) {
  EXPECT_FALSE(server::LastBackup(folder / "data"));
  ASSERT_EQ(Make("backup").problem, "");
  EXPECT_EQ(server::LastBackup(folder / "data"), Millis{5000});
}

TEST_F(Backup, ChangedOneIsRefusedBeforeAnythingIsWritten) {
  ASSERT_EQ(Make("backup").problem, "");
  {
    std::fstream file(folder / "backup" / "relay.db",
                      std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(-1, std::ios::end);
    file.put('Z');
  }
  EXPECT_THAT(Restore("backup", "new").problem, HasSubstr("damaged"));
  EXPECT_FALSE(std::filesystem::exists(folder / "new"));
  std::filesystem::remove(folder / "backup" / "backup.json");
  EXPECT_THAT(Restore("backup", "new").problem, HasSubstr("not a complete backup"));
}

TEST_F(Backup, WithoutKeysItNeedsThoseThatAreThere) {
  ASSERT_EQ(Make("backup", false).problem, "");
  EXPECT_FALSE(std::filesystem::exists(folder / "backup" / "relay"));
  EXPECT_THAT(Restore("backup", "new").problem, HasSubstr("without the relay's keys"));
  EXPECT_EQ(Restore("backup", "data", true).problem, "");
}

TEST_F(Backup, AnotherRegionsIsRefused) {
  ASSERT_EQ(Make("backup").problem, "");
  RelayWorld{6}.WriteRelayFiles(folder / "other");
  EXPECT_THAT(Restore("backup", "other").problem, HasSubstr("another region"));
}

}  // namespace
}  // namespace renkei::test
