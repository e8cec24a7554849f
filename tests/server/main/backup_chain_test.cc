#include "server/backup_chain.h"

#include "tests/server/main/backup_fixture.h"

namespace renkei::test {
namespace {

using testing::HasSubstr;

// b1 whole, b2 and b3 continue it.
class BackupChain : public BackupFixture {
 protected:
  void SetUp() override {
    BackupFixture::SetUp();
    for (const auto& [name, since] :
         {std::pair{"b1", ""}, std::pair{"b2", "b1"}, std::pair{"b3", "b2"}}) {
      Add(40);
      ASSERT_EQ((*since == '\0' ? Make(name) : MakeSince(name, since)).problem, "");
    }
  }
  // Nothing is put into place, nothing stays behind, and the sentence has these words.
  void ExpectRefused(const std::string& words) {
    const auto refused = Restore("b3", "new");
    EXPECT_THAT(refused.problem, HasSubstr(words));
    EXPECT_THAT(refused.problem, HasSubstr("othing was changed"));
    EXPECT_FALSE(std::filesystem::exists(folder / "new"));
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      EXPECT_THAT(entry.path().string(), testing::Not(HasSubstr("put-together")));
    }
  }
  void Edit(const char* name, const std::string& from, const std::string& to) {
    const Path file = folder / name / server::kBackupManifest;
    std::string text = server::ReadText(file).value();
    const auto at = text.find(from);
    ASSERT_NE(at, std::string::npos) << text;
    text.replace(at, from.size(), to);
    std::filesystem::remove(file);
    ASSERT_TRUE(server::WriteText(file, text));
  }
};

TEST_F(BackupChain, WholeOnePutTogetherIsCheckedAndGoesWithItsObject) {
  std::string problem;
  auto whole = server::WholeBackup::Open(folder / "b3", folder, problem);
  ASSERT_TRUE(whole) << problem;
  EXPECT_EQ(whole->links(), 3U);
  EXPECT_EQ(server::HashOfFile(whole->database()), whole->manifest().sha256);
  const Path database = whole->database();
  whole.reset();
  EXPECT_FALSE(std::filesystem::exists(database));
  const auto first = server::WholeBackup::Open(folder / "b1/", folder, problem);
  ASSERT_TRUE(first) << problem;
  EXPECT_EQ(first->database(), folder / "b1" / "relay.db") << "nothing to put together";
}

TEST_F(BackupChain, MissingLinkIsNamed) {
  std::filesystem::rename(folder / "b1", folder / "away");
  ExpectRefused((folder / "b1").string() + ", which is not there");
  std::filesystem::rename(folder / "away", folder / "b1");
  std::filesystem::remove_all(folder / "b2");
  ExpectRefused((folder / "b2").string() + ", which is not there");
}

TEST_F(BackupChain, LinksThatChangedPlacesAreRefused) {
  std::filesystem::rename(folder / "b1", folder / "x");
  std::filesystem::rename(folder / "b2", folder / "b1");
  std::filesystem::rename(folder / "x", folder / "b2");
  ExpectRefused("another one under its name");
}

TEST_F(BackupChain, ForeignLinkIsRefused) {
  std::filesystem::remove_all(folder / "b1");
  Add(1);
  ASSERT_EQ(Make("b1").problem, "");
  ExpectRefused("another one under its name");
}

TEST_F(BackupChain, EachDamagedFileIsNamed) {
  for (const auto& [link, file] : {std::pair{"b1", "relay.db"}, std::pair{"b2", "changed"},
                                   std::pair{"b3", "changed"}, std::pair{"b2", "pages"}}) {
    const Path damaged = folder / link / file;
    FlipByte(damaged, static_cast<std::streamoff>(std::filesystem::file_size(damaged) / 2));
    ExpectRefused((folder / link).string() + " is damaged");
    FlipByte(damaged, static_cast<std::streamoff>(std::filesystem::file_size(damaged) / 2));
    std::filesystem::rename(damaged, folder / "kept");
    ExpectRefused((folder / link).string() + " is damaged");
    std::filesystem::rename(folder / "kept", damaged);
  }
  EXPECT_EQ(Restore("b3", "new").problem, "") << "whole again";
}

// Whoever writes manifests can make each link fit, and still not the database.
TEST_F(BackupChain, ChangesThatAreAnothersAreRefusedByTheWholeDatabase) {
  const std::string before = server::ReadManifest(folder / "b2")->changed_sha256;
  std::string changed = server::ReadText(folder / "b2" / "changed").value();
  changed.back() = static_cast<char>(changed.back() ^ 1);
  std::filesystem::remove(folder / "b2" / "changed");
  // And not in the last link, which might write the page again.
  ASSERT_TRUE(server::WriteText(folder / "b2" / "changed", changed));
  Edit("b2", before, server::HashOfFile(folder / "b2" / "changed"));
  const auto refused = Restore("b2", "new");
  EXPECT_THAT(refused.problem, HasSubstr("put together from its links, is not the one"));
}

TEST_F(BackupChain, ChainWithoutAnEndIsRefused) {
  // b3 continues itself.
  const auto manifest = server::ReadManifest(folder / "b3");
  Edit("b3", "\"b2\"", "\"b3\"");
  Edit("b3", manifest->since->sha256, manifest->sha256);
  ExpectRefused("more than 400 others");
}

TEST_F(BackupChain, BaseIsItsListOfPagesOrItsDatabase) {
  std::string problem;
  const auto listed = server::ReadBase(folder / "b1", problem);
  ASSERT_TRUE(listed) << problem;
  std::filesystem::remove(folder / "b1" / "relay.db");
  ASSERT_TRUE(server::ReadBase(folder / "b1", problem)) << "the list is enough";
  FlipByte(folder / "b1" / "pages", 10);
  EXPECT_FALSE(server::ReadBase(folder / "b1", problem));
  EXPECT_THAT(problem, HasSubstr("leave --since away"));
}

// Backups of before there were lists.
TEST_F(BackupChain, OlderBackupWithoutListCanBeContinued) {
  const std::string pages = server::ReadManifest(folder / "b1")->pages_sha256;
  Edit("b1", "\"pages_sha256\": \"" + pages + "\"", "\"x\": 0");
  std::filesystem::remove(folder / "b1" / "pages");
  ASSERT_EQ(MakeSince("b4", "b1").problem, "");
  EXPECT_EQ(Restore("b4", "new").problem, "");
  EXPECT_EQ(EntriesIn("new"), 120);
}

}  // namespace
}  // namespace renkei::test
