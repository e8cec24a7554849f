// region, institution, staff, device, join, approve, people.
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "client/cli/commands.h"
#include "tests/client/cli/cli_fixture.h"

namespace renkei::cli {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class EnrolmentCommands : public CliFixture {
 protected:
  EnrolmentCommands() {
    AddPerson("nurse", "架空訪問看護", "visiting-nurse-station", "江口 花子", "nurse");
  }
  std::string StaffCode(const std::string& name = "江本 二郎") {
    return RunJson("nurse", {"staff", "invite", "--name", name, "--profession", "nurse"})
        .at(0)["code"];
  }
  std::vector<std::string> Join(const std::string& code, const std::string& profession = "nurse") {
    return {"join", code, "--name", "江本 二郎", "--profession", profession};
  }
  std::string Refused(const std::string& vault, const std::vector<std::string>& words) {
    return RunJson(vault, words, kExitFailed).at(0)["error"]["code"];
  }
};

TEST_F(EnrolmentCommands, ACodeIsTheOnlyThingOnStandardOutput) {
  const Ran ran = Run("nurse", {"device", "add"});
  EXPECT_EQ(ran.code, kExitDone);
  EXPECT_EQ(ran.out.find('\n'), ran.out.size() - 1) << "one line, to be handed on";
}

TEST_F(EnrolmentCommands, AStaffMemberJoinsByCodeAndApproval) {
  EXPECT_EQ(RunJson("colleague", Join(StaffCode())).at(0)["state"], "requested");
  const auto approved = RunJson("nurse", {"approve", "--all"});
  ASSERT_THAT(approved, SizeIs(1));
  EXPECT_EQ(approved[0]["approved"], true);
  EXPECT_EQ(approved[0]["what"], "staff");
  EXPECT_EQ(approved[0]["name"], "江本 二郎");
  RunJson("colleague", {"sync"});
  const auto people = RunJson("nurse", {"people"});
  std::vector<std::string> names;
  for (const Json& person : people) {
    names.push_back(person["name"]);
  }
  EXPECT_THAT(names, Contains("江本 二郎"));
  EXPECT_THAT(Run("nurse", {"approve"}).out, HasSubstr("No request is waiting"));
}

TEST_F(EnrolmentCommands, OnlyTheNamedPersonIsApproved) {
  RunJson("colleague", Join(StaffCode()));
  EXPECT_THAT(RunJson("nurse", {"approve", "だれか"}), IsEmpty());
  EXPECT_THAT(RunJson("nurse", {"approve", "江本 二郎"}), SizeIs(1));
}

TEST_F(EnrolmentCommands, ARequestThatDoesNotFitIsNotApprovedAndSaidInTheUsersLanguage) {
  RunJson("impostor", Join(StaffCode(), "doctor"));
  setenv("RENKEI_LANG", "ja", 1);
  const Ran ran = Run("nurse", {"approve"});
  EXPECT_EQ(ran.code, kExitFailed);
  EXPECT_THAT(ran.out, HasSubstr("見送り: 職員"));
  EXPECT_THAT(ran.out, HasSubstr("職種が招待した職種と違います"));
  const auto object = RunJson("nurse", {"approve"}, kExitFailed).at(0);
  EXPECT_EQ(object["approved"], false);
  EXPECT_THAT(object["problem"].get<std::string>(), HasSubstr("職種"));
}

TEST_F(EnrolmentCommands, AnAlteredUsedOrExpiredCodeLeavesNoVault) {
  std::string altered = StaffCode();
  altered.back() = altered.back() == '0' ? '1' : '0';
  EXPECT_EQ(Refused("a", Join(altered)), "kMalformed");
  const std::string used = StaffCode();
  RunJson("first", Join(used));
  EXPECT_EQ(Refused("b", Join(used)), "kConflict");
  const std::string expired = StaffCode();
  world_.clock.Advance(Days(8));
  EXPECT_EQ(Refused("c", Join(expired)), "kStaleEpoch");
  for (const char* vault : {"a", "b", "c"}) {
    EXPECT_FALSE(HasVault(vault)) << vault;
  }
  EXPECT_TRUE(HasVault("first"));
}

TEST_F(EnrolmentCommands, AnUnknownProfessionOrAnUnreachableRelayLeavesNoVault) {
  const std::string code = StaffCode();
  EXPECT_EQ(Refused("a", Join(code, "astrologer")), "kMalformed");
  world_.connector.faults.down = true;
  EXPECT_EQ(Refused("b", Join(code)), "kUnavailable");
  EXPECT_FALSE(HasVault("a"));
  EXPECT_FALSE(HasVault("b"));
  world_.connector.faults.down = false;
  RunJson("b", Join(code));
}

TEST_F(EnrolmentCommands, ARequestThatMayHaveReachedTheRelayKeepsItsVault) {
  const std::string code = StaffCode();
  world_.connector.faults.lost_answer = 100;  // the root comes by another way
  EXPECT_EQ(Refused("colleague", Join(code)), "kUnavailable");
  EXPECT_TRUE(HasVault("colleague"));
  world_.connector.faults = {};
  EXPECT_EQ(Refused("colleague", {"sync"}), "kUnavailable") << "it waits for approval";
  RunJson("nurse", {"approve"});
  RunJson("colleague", {"sync"});
}

TEST_F(EnrolmentCommands, OnlyWhoMayInviteDoes) {
  EXPECT_EQ(Refused("nurse", {"institution", "invite", "--name", "偽の病院", "--kind", "hospital"}),
            "kDenied");
  RunJson("colleague", Join(StaffCode()));
  RunJson("nurse", {"approve"});
  RunJson("colleague", {"sync"});
  EXPECT_EQ(Refused("colleague", {"staff", "invite", "--name", "某", "--profession", "nurse"}),
            "kDenied");
  EXPECT_EQ(Refused("operator", {"institution", "invite", "--name", "架空", "--kind", "circus"}),
            "kMalformed");
}

TEST_F(EnrolmentCommands, ASyncOfTheFirstDeviceLetsTheSecondIn) {
  const std::string code = RunJson("nurse", {"device", "add"}).at(0)["code"];
  RunJson("tablet", {"join", code});
  RunJson("nurse", {"sync"});  // she administers her station, so this certifies it, too
  EXPECT_EQ(RunJson("tablet", {"status"}).at(0)["person"]["name"], "江口 花子");
}

TEST_F(EnrolmentCommands, ARegionIsFoundedIntoAnEmptyFolderOrNotAtAll) {
  const std::string folder = testing::TempDir() + "/renkei-region-" + std::to_string(getpid());
  const std::vector<std::string> init = {"region", "init",   "--relay", "relay.example:443",
                                         "--name", "架空市", "--data",  folder};
  std::vector<std::string> bad = init;
  bad[3] = "no address";
  EXPECT_EQ(Refused("founder", bad), "kMalformed");
  EXPECT_FALSE(HasVault("founder"));
  EXPECT_FALSE(RunJson("founder", init).at(0)["region"].get<std::string>().empty());
  EXPECT_TRUE(HasVault("founder"));
  Refused("another", init);
  EXPECT_FALSE(HasVault("another")) << "the relay's files of a region are never overwritten";
  std::filesystem::remove_all(folder);
}

std::string ContentOf(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

TEST_F(EnrolmentCommands, TheRelaysCertificateIsRenewedByItsOperatorOnly) {
  const std::string folder = testing::TempDir() + "/renkei-renew-" + std::to_string(getpid());
  const std::filesystem::path relay = std::filesystem::path(folder) / "relay";
  RunJson("founder",
          {"region", "init", "--relay", "relay.example:443", "--name", "架空市", "--data", folder});
  std::map<std::string, std::string> before;
  for (const auto& file : std::filesystem::directory_iterator(relay)) {
    before[file.path().filename()] = ContentOf(file.path());
  }
  const std::vector<std::string> renew = {"region", "renew-relay", "--data", folder};
  EXPECT_EQ(Refused("nurse", renew), "kDenied");
  EXPECT_EQ(ContentOf(relay / "tls.crt.pem"), before["tls.crt.pem"]);
  EXPECT_FALSE(RunJson("founder", renew).at(0)["valid_until"].get<std::string>().empty());
  for (const auto& [name, content] : before) {
    const bool is_tls = name == "tls.crt.pem" || name == "tls.key.pem";
    EXPECT_EQ(ContentOf(relay / name) != content, is_tls) << name;
  }
  EXPECT_THAT(Run("founder", renew).out, HasSubstr("Valid until"));

  // Another region's relay keeps its own.
  const std::string other = folder + "-other";
  RunJson("founder2",
          {"region", "init", "--relay", "relay.example:443", "--name", "架空町", "--data", other});
  const std::string kept = ContentOf(std::filesystem::path(other) / "relay" / "tls.crt.pem");
  EXPECT_EQ(Refused("founder", {"region", "renew-relay", "--data", other}), "kConflict");
  EXPECT_EQ(ContentOf(std::filesystem::path(other) / "relay" / "tls.crt.pem"), kept);
  // For a relay elsewhere: the two files alone, to be carried there.
  const std::string carried = folder + "-carried";
  RunJson("founder", {"region", "renew-relay", "--data", carried});
  EXPECT_TRUE(std::filesystem::exists(std::filesystem::path(carried) / "relay" / "tls.key.pem"));
  for (const std::string& made : {folder, other, carried}) {
    std::filesystem::remove_all(made);
  }
}

}  // namespace
}  // namespace renkei::cli
