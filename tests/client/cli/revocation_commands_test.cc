// device list|revoke, staff revoke, institution revoke.
#include <cstdlib>

#include "tests/client/cli/cli_fixture.h"

namespace renkei::cli {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

class RevocationCommands : public CliFixture {
 protected:
  RevocationCommands() {
    AddPerson("nurse", "架空訪問看護", "visiting-nurse-station", "江口 花子", "nurse");
    AddPerson("doctor", "架空医院", "clinic", "伊藤 一郎", "doctor");
    const std::string code =
        RunJson("nurse", {"staff", "invite", "--name", "江本 二郎", "--profession", "nurse"})
            .at(0)["code"];
    RunJson("colleague", {"join", code, "--name", "江本 二郎", "--profession", "nurse"});
    RunJson("nurse", {"approve", "--all"});
    RunJson("colleague", {"sync"});
  }
  std::string DeviceOf(const std::string& vault) {
    return RunJson(vault, {"device", "list"}).at(0)["device"];
  }
  std::string Refused(const std::string& vault, const std::vector<std::string>& words) {
    return RunJson(vault, words, kExitFailed).at(0)["error"]["code"];
  }
};

TEST_F(RevocationCommands, EverybodySeesWhatDevicesAPersonHas) {
  const auto own = RunJson("colleague", {"device", "list"});
  ASSERT_THAT(own, SizeIs(1));
  EXPECT_EQ(own[0]["self"], true);
  EXPECT_EQ(own[0]["person"]["name"], "江本 二郎");
  EXPECT_TRUE(own[0]["revoked_at"].is_null());
  const auto seen = RunJson("doctor", {"device", "list", "江本 二郎"});
  ASSERT_THAT(seen, SizeIs(1));
  EXPECT_EQ(seen[0]["device"], own[0]["device"]);
  EXPECT_EQ(seen[0]["self"], false);
  EXPECT_EQ(Refused("doctor", {"device", "list", "だれか"}), "kNotFound");
}

TEST_F(RevocationCommands, ADeviceIsRevokedByTheBeginningOfItsId) {
  const std::string device = DeviceOf("colleague");
  EXPECT_EQ(Refused("nurse", {"device", "revoke", "0"}), "kNotFound") << "too short";
  const auto done = RunJson("nurse", {"device", "revoke", device.substr(0, 8), "--yes"});
  EXPECT_EQ(done.at(0)["revoked"].at(0), device);
  EXPECT_FALSE(RunJson("doctor", {"device", "list", "江本 二郎"}).at(0)["revoked_at"].is_null());
  EXPECT_NE(Run("colleague", {"sync"}).code, kExitDone);
  EXPECT_EQ(Refused("nurse", {"device", "revoke", device, "--yes"}), "kConflict");
}

// It cannot be taken back.
TEST_F(RevocationCommands, NothingIsRevokedUnlessSomebodySaysSo) {
  const std::string device = DeviceOf("colleague");
  EXPECT_EQ(Refused("nurse", {"device", "revoke", device}), "kDenied");
  setenv("RENKEI_LANG", "ja", 1);
  answer_ = false;
  const Ran no = Run("nurse", {"staff", "revoke", "江本 二郎"});
  EXPECT_EQ(no.code, kExitFailed);
  EXPECT_THAT(no.err, HasSubstr("何も変更していません"));
  ASSERT_THAT(questions_, SizeIs(1));
  EXPECT_THAT(questions_[0], HasSubstr("江本 二郎"));
  EXPECT_THAT(questions_[0], HasSubstr("元に戻せません"));
  EXPECT_EQ(Run("colleague", {"sync"}).code, kExitDone);
  answer_ = true;
  const Ran yes = Run("nurse", {"staff", "revoke", "江本 二郎", "--reason", "left"});
  EXPECT_EQ(yes.code, kExitDone);
  EXPECT_THAT(yes.out, HasSubstr("失効させました"));
  EXPECT_NE(Run("colleague", {"sync"}).code, kExitDone);
  EXPECT_THAT(Run("doctor", {"device", "list", "江本 二郎"}).out, HasSubstr("失効"));
}

TEST_F(RevocationCommands, WhoMayNotIsToldWhomToAsk) {
  const std::string device = DeviceOf("nurse");
  EXPECT_EQ(Refused("colleague", {"device", "revoke", device, "--yes"}), "kDenied");
  EXPECT_EQ(Refused("doctor", {"staff", "revoke", "江本 二郎", "--yes"}), "kDenied");
  EXPECT_EQ(Refused("nurse", {"device", "revoke", device, "--yes"}), "kMalformed");
  EXPECT_EQ(Refused("nurse", {"institution", "revoke", "架空医院", "--yes"}), "kDenied");
  EXPECT_EQ(Run("nurse", {"device", "revoke", device, "--reason", "だから", "--yes"}).code,
            kExitUsage);
}

TEST_F(RevocationCommands, TheOperatorRevokesAnInstitutionByName) {
  EXPECT_EQ(Refused("operator", {"institution", "revoke", "どこか", "--yes"}), "kNotFound");
  const auto done = RunJson("operator", {"institution", "revoke", "架空訪問看護", "--yes"});
  const std::string station = done.at(0)["revoked_institution"];
  // Namesakes are told apart by the id that everybody sees.
  EXPECT_EQ(RunJson("doctor", {"device", "list", "江本 二郎"}).at(0)["person"]["institution_id"],
            station);
  EXPECT_EQ(Refused("operator", {"institution", "revoke", station, "--yes"}), "kConflict");
  EXPECT_NE(Run("nurse", {"sync"}).code, kExitDone);
  EXPECT_NE(Run("colleague", {"sync"}).code, kExitDone);
  EXPECT_EQ(Run("doctor", {"sync"}).code, kExitDone);
}

}  // namespace
}  // namespace renkei::cli
