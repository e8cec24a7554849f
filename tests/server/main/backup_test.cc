#include "server/backup.h"

#include <sys/stat.h>

#include "server/backup_manifest.h"
#include "tests/server/main/backup_fixture.h"
#include "tests/server/main/older_backup.h"

namespace renkei::test {
namespace {

using testing::HasSubstr;

class Backup : public BackupFixture {};

TEST_F(Backup, RestoredElsewhereItIsAWholeRelay) {
  EXPECT_EQ(Make("backup").problem, "");
  const auto restored = Restore("backup", "new");
  EXPECT_EQ(restored.problem, "");
  EXPECT_EQ(restored.made_at, Millis{5000});
  EXPECT_TRUE(server::LoadRegion(folder / "new", kRegionStart + Days(1)).files);
  EXPECT_TRUE(OpensWell(folder / "new"));
}

// The night's backup, after an update in the morning and a dead disk at noon.
TEST_F(Backup, OneOfAnOlderRelayIsRestoredAsTodaysAndStaysAsItWas) {
  Add(150);
  ASSERT_EQ(Make("backup").problem, "");
  MakeOlder(folder / "backup");
  const std::string before = server::HashOfFile(folder / "backup" / server::kBackupDatabase);
  EXPECT_EQ(Restore("backup", "new").problem, "");
  EXPECT_EQ(EntriesIn("new"), 150);
  EXPECT_EQ(server::HashOfFile(folder / "backup" / server::kBackupDatabase), before);
  EXPECT_EQ(CountIn(folder), 3U) << "data, backup, new: nothing else was left";
  EXPECT_EQ(CountIn(folder / "new"), 2U) << "relay, store";
}

TEST_F(Backup, OneWhoseOlderSchemaIsAnotherIsRefused) {
  ASSERT_EQ(Make("backup").problem, "");
  MakeOlder(folder / "backup", "DROP INDEX entries_by_key");
  const auto refused = Restore("backup", "new");
  EXPECT_THAT(refused.problem, HasSubstr("cannot be brought from an older relay's schema"));
  EXPECT_THAT(refused.problem, HasSubstr("Nothing was changed"));
  EXPECT_FALSE(std::filesystem::exists(folder / "new"));
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

TEST_F(Backup, IncrementalOnesKeepWhatChangedAndRestoreEverything) {
  Add(300);
  ASSERT_EQ(Make("b1").problem, "");
  Add(5);
  const auto second = MakeSince("b2", "b1");
  ASSERT_EQ(second.problem, "");
  EXPECT_LT(second.kept_bytes * 4, second.bytes) << "a small part of the whole";
  EXPECT_FALSE(std::filesystem::exists(folder / "b2" / "relay.db"));
  Add(5);
  ASSERT_EQ(MakeSince("b3", "b2").problem, "");
  EXPECT_EQ(Restore("b3", "new3").problem, "");
  EXPECT_EQ(EntriesIn("new3"), 310);
  EXPECT_EQ(Restore("b2", "new2").problem, "");
  EXPECT_EQ(EntriesIn("new2"), 305) << "each link is a backup of its own day";
  EXPECT_EQ(Restore("b1", "new1").problem, "");
  EXPECT_EQ(EntriesIn("new1"), 300);
  EXPECT_EQ(CountIn(folder), 7U) << "nothing is left lying about";
  EXPECT_EQ(CountIn(folder / "new3"), 2U);
}

TEST_F(Backup, IncrementalOneHasKeysAndIsClosedToOthers) {
  ASSERT_EQ(Make("b1").problem, "");
  ASSERT_EQ(MakeSince("b2", "b1").problem, "");
  EXPECT_TRUE(std::filesystem::exists(folder / "b2" / "relay" / "signing.key"));
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder / "b2")) {
    struct stat info {};
    ASSERT_EQ(stat(entry.path().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 077U, 0U) << entry.path();
  }
}

// A store that became smaller, and one from which nothing is the same any more.
TEST_F(Backup, IncrementalOneFollowsAStoreThatShrank) {
  Add(300);
  ASSERT_EQ(Make("b1").problem, "");
  std::filesystem::remove_all(folder / "data" / "store");
  Add(3);
  const auto second = MakeSince("b2", "b1");
  ASSERT_EQ(second.problem, "");
  EXPECT_EQ(Restore("b2", "new").problem, "");
  EXPECT_EQ(EntriesIn("new"), 3);
}

TEST_F(Backup, IncrementalOneStandsBesideWhatItContinues) {
  ASSERT_EQ(Make("b1").problem, "");
  std::filesystem::create_directory(folder / "elsewhere");
  std::filesystem::rename(folder / "b1", folder / "elsewhere" / "b1");
  EXPECT_THAT(MakeSince("b2", "elsewhere/b1").problem, HasSubstr("put both into one folder"));
  EXPECT_THAT(MakeSince("b2", "nothing").problem, HasSubstr("not a complete backup"));
  EXPECT_THAT(MakeSince("b2", "data").problem, HasSubstr("no backup was made"));
  EXPECT_FALSE(std::filesystem::exists(folder / "b2"));
}

}  // namespace
}  // namespace renkei::test
