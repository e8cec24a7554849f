#include "client/cli/app.h"

#include <sys/stat.h>

#include "tests/client/cli/cli_fixture.h"

namespace renkei::cli {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

class TheApp : public CliFixture {
 protected:
  // The error's code and message, from --json.
  Json Refused(const std::string& vault, const std::vector<std::string>& words) {
    const auto objects = RunJson(vault, words, kExitFailed);
    EXPECT_THAT(objects, SizeIs(1));
    return objects.empty() ? Json() : objects[0]["error"];
  }
  std::string StaffCode() {
    return RunJson("nurse", {"staff", "invite", "--name", "江本 二郎", "--profession", "nurse"})
        .at(0)["code"];
  }
};

TEST_F(TheApp, WithoutAVaultSaysHowToGetOne) {
  EXPECT_EQ(Refused("nowhere", {"case", "list"})["code"], "kNotFound");
  EXPECT_THAT(Run("nowhere", {"case", "list"}).err, HasSubstr("renkei join"));
  EXPECT_FALSE(HasVault("nowhere"));
}

TEST_F(TheApp, WrongPassphrasesOpenNothing) {
  AddPerson("nurse", "架空訪問看護", "visiting-nurse-station", "江口 花子", "nurse");
  passphrase_file_ = File("wrong", "not this one\n");
  ASSERT_EQ(chmod(passphrase_file_.c_str(), 0600), 0);
  const Json error = Refused("nurse", {"case", "list"});
  EXPECT_EQ(error["code"], "kAuthFailed");
  EXPECT_THAT(error["message"].get<std::string>(), HasSubstr("passphrase"));
}

TEST_F(TheApp, ATooShortNewPassphraseMakesNoVault) {
  AddPerson("nurse", "架空訪問看護", "visiting-nurse-station", "江口 花子", "nurse");
  const std::vector<std::string> join = {"join",      StaffCode(),    "--name",
                                         "江本 二郎", "--profession", "nurse"};
  passphrase_file_ = File("short", "1234567\n");
  ASSERT_EQ(chmod(passphrase_file_.c_str(), 0600), 0);
  Refused("new", join);
  EXPECT_FALSE(HasVault("new"));
}

TEST_F(TheApp, WhoIsNotApprovedYetIsToldWhoMustAct) {
  AddPerson("nurse", "架空訪問看護", "visiting-nurse-station", "江口 花子", "nurse");
  RunJson("colleague", {"join", StaffCode(), "--name", "江本 二郎", "--profession", "nurse"});
  EXPECT_THAT(Refused("colleague", {"sync"})["message"].get<std::string>(),
              HasSubstr("renkei approve"));
  const std::string code = RunJson("nurse", {"device", "add"}).at(0)["code"];
  RunJson("tablet", {"join", code});
  EXPECT_THAT(Refused("tablet", {"sync"})["message"].get<std::string>(),
              HasSubstr("your other device"));
}

TEST_F(TheApp, AnOlderCopyIsSaidOnceAndRejoinsAtTheNextSync) {
  AddPerson("nurse", "架空訪問看護", "visiting-nurse-station", "江口 花子", "nurse");
  const std::string case_id = NewCase("nurse");
  const auto copy = VaultAt("nurse").TakeSnapshot();
  const std::string note = File("note.json", R"({"text": "控えの後（架空）"})");
  RunJson("nurse", {"post", case_id, "note", "--file", note});
  VaultAt("nurse").Restore(copy);
  EXPECT_EQ(Refused("nurse", {"post", case_id, "note", "--file", note})["code"], "kStaleEpoch");
  RunJson("nurse", {"sync"});
  EXPECT_THAT(RunJson("nurse", {"read", case_id, "--kind", "note"}), SizeIs(1))
      << "what was posted after the copy is back, and nothing was posted by the refused command";
  EXPECT_EQ(RunJson("nurse", {"post", case_id, "note", "--file", note}).at(0)["state"], "sent");
}

TEST_F(TheApp, WithTheRelayDownAMemberStillReads) {
  AddPerson("nurse", "架空訪問看護", "visiting-nurse-station", "江口 花子", "nurse");
  NewCase("nurse");
  world_.connector.faults.down = true;
  EXPECT_THAT(RunJson("nurse", {"case", "list"}), SizeIs(1));
}

}  // namespace
}  // namespace renkei::cli
