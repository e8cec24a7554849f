// case new, list, show, add, remove; finding a case.
#include <fstream>
#include <sstream>

#include "client/cli/commands.h"
#include "tests/client/cli/cli_fixture.h"

namespace renkei::cli {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class CaseCommands : public CliFixture {
 protected:
  CaseCommands() {
    AddPerson("nurse", "架空訪問看護", "visiting-nurse-station", "江口 花子", "nurse");
    AddPerson("doctor", "架空クリニック", "clinic", "伊藤 一郎", "doctor");
  }
  Json Show(const std::string& vault, const std::string& text) {
    return RunJson(vault, {"case", "show", text}).at(0);
  }
  std::string Refused(const std::string& vault, const std::vector<std::string>& words) {
    return RunJson(vault, words, kExitFailed).at(0)["error"]["code"];
  }
};

TEST_F(CaseCommands, ANewCaseIsListedWithItsPatient) {
  EXPECT_THAT(RunJson("nurse", {"case", "list"}), IsEmpty());
  EXPECT_THAT(Run("nurse", {"case", "list"}).out, HasSubstr("No case yet"));
  const std::string id = NewCase("nurse");
  const auto list = RunJson("nurse", {"case", "list"});
  ASSERT_THAT(list, SizeIs(1));
  EXPECT_EQ(list[0]["case"], id);
  EXPECT_EQ(list[0]["patient"]["name"], "架空 ふみ子");
  EXPECT_THAT(Run("nurse", {"case", "list"}).out, HasSubstr("架空 ふみ子"));
}

TEST_F(CaseCommands, APatientFormWithAMistakeMakesNoCase) {
  const std::string file = File("patient.json", R"({"name": "架空 太郎"})");
  const auto refused = RunJson("nurse", {"case", "new", "--patient", file}, kExitFailed);
  EXPECT_FALSE(refused.at(0)["error"]["problems"].empty());
  EXPECT_THAT(RunJson("nurse", {"case", "list"}), IsEmpty());
}

TEST_F(CaseCommands, WithTheRelayDownNoCaseIsHalfMade) {
  world_.connector.faults.down = true;
  EXPECT_EQ(Refused("nurse", {"case", "new", "--patient", Example("patient.json")}),
            "kUnavailable");
  EXPECT_THAT(RunJson("nurse", {"case", "list"}), IsEmpty());
  EXPECT_THAT(RunJson("nurse", {"outbox"}), IsEmpty());
}

// A2: what waits is said to wait, and nothing else is.
TEST_F(CaseCommands, WithTheRelayDownNothingIsSaidToWaitAndNothingDoes) {
  const std::string id = NewCase("nurse");
  RunJson("nurse", {"case", "add", id, "伊藤 一郎"});
  RunJson("doctor", {"sync"});
  world_.connector.faults.down = true;
  const std::vector<std::vector<std::string>> verbs = {
      {"case", "new", "--patient", Example("patient.json")},
      {"case", "add", id, "伊藤 一郎"},
      {"case", "remove", id, "伊藤 一郎"},
      {"case", "go-on", id},
      {"staff", "invite", "--name", "江本 二郎", "--profession", "nurse"},
      {"device", "add"},
      {"approve", "--all"},
  };
  for (const auto& words : verbs) {
    setenv("RENKEI_LANG", "en", 1);
    const Ran english = Run("nurse", words);
    EXPECT_EQ(english.code, kExitFailed);
    EXPECT_THAT(english.err, HasSubstr("nothing was changed")) << words[0] << ' ' << words[1];
    EXPECT_THAT(english.err, HasSubstr("run the command again"));
    EXPECT_THAT(english.err, Not(HasSubstr("outbox")));
    EXPECT_THAT(english.err, Not(HasSubstr("sync")));
    setenv("RENKEI_LANG", "ja", 1);
    const Ran japanese = Run("nurse", words);
    EXPECT_THAT(japanese.err, HasSubstr("何も変更していません"));
    EXPECT_THAT(japanese.err, HasSubstr("もう一度実行"));
    EXPECT_THAT(japanese.err, Not(HasSubstr("送信待ち")));
  }
  setenv("RENKEI_LANG", "en", 1);
  EXPECT_THAT(RunJson("nurse", {"outbox"}), IsEmpty());
  EXPECT_THAT(RunJson("nurse", {"case", "list"}), SizeIs(1));
  world_.connector.faults.down = false;
  RunJson("nurse", {"sync"});
  EXPECT_EQ(Show("nurse", id)["members"].size(), 2U) << "nothing was changed, then or later";
}

// The relay takes the removal and its answer is lost: "nothing was changed" would be a lie.
TEST_F(CaseCommands, ARemovalWhoseAnswerIsLostIsSaidToBeUncertainAndTheNextSyncCompletesIt) {
  const std::string id = NewCase("nurse");
  RunJson("nurse", {"case", "add", id, "伊藤 一郎"});
  bool met = false;
  for (unsigned chance = 10; chance <= 60 && !met; ++chance) {
    world_.connector.faults.lost_answer = chance;
    const Ran ran = Run("nurse", {"case", "remove", id, "伊藤 一郎"});
    world_.connector.faults = {};
    if (ran.code == kExitDone) {
      RunJson("nurse", {"case", "add", id, "伊藤 一郎"});
      continue;
    }
    EXPECT_THAT(ran.err, Not(HasSubstr("nothing was changed")));
    EXPECT_THAT(ran.err, Not(HasSubstr("outbox")));
    met = ran.err.find("the next `renkei sync` completes it") != std::string::npos;
    RunJson("nurse", {"sync"});
    EXPECT_EQ(Show("nurse", id)["members"].size(), met ? 1U : 2U) << ran.err;
  }
  EXPECT_TRUE(met);
}

TEST_F(CaseCommands, ACaseIsFoundByIdByItsBeginningAndByThePatientsName) {
  const std::string id = NewCase("nurse");
  EXPECT_EQ(Show("nurse", id)["case"], id);
  EXPECT_EQ(Show("nurse", id.substr(0, 4))["case"], id);
  EXPECT_EQ(Show("nurse", "架空 ふみ子")["case"], id);
  EXPECT_EQ(Refused("nurse", {"case", "show", id.substr(0, 3)}), "kNotFound") << "too short";
  EXPECT_EQ(Refused("nurse", {"case", "show", "だれか"}), "kNotFound");
  EXPECT_EQ(Show("nurse", "架空　フミ子")["case"], id) << "in another spelling";
  NewCase("nurse");
  EXPECT_EQ(Refused("nurse", {"case", "show", "架空 ふみ子"}), "kConflict") << "two of that name";
  EXPECT_EQ(Refused("nurse", {"case", "show", "架空ふみ子"}), "kConflict");
}

TEST_F(CaseCommands, AnotherCaseOfTheSamePatientIsOpenedAndSaid) {
  const std::vector<std::string> words = {"case", "new", "--patient", Example("patient.json")};
  EXPECT_EQ(Run("nurse", words).err, "");
  const Ran again = Run("nurse", words);
  EXPECT_EQ(again.code, kExitDone);
  EXPECT_THAT(again.err, HasSubstr("of this name and birth date exists"));
  std::stringstream form;
  form << std::ifstream(Example("patient.json")).rdbuf();
  Json namesake = Json::parse(form.str());
  namesake["birth_date"] = "1944-06-12";
  const std::string file = File("namesake.json", namesake.dump());
  EXPECT_EQ(Run("nurse", {"case", "new", "--patient", file}).err, "") << "another person";
  EXPECT_THAT(RunJson("nurse", {"case", "list"}), SizeIs(3));
}

TEST_F(CaseCommands, WhoIsAddedSeesTheCaseAndWhoIsRemovedIsTold) {
  const std::string id = NewCase("nurse");
  const auto added = RunJson("nurse", {"case", "add", id, "伊藤 一郎"});
  EXPECT_EQ(added.at(0)["added"]["name"], "伊藤 一郎");
  RunJson("doctor", {"sync"});
  EXPECT_THAT(Show("doctor", id)["members"], SizeIs(2));
  EXPECT_THAT(Show("doctor", id)["readers"], SizeIs(4)) << "two people, two institutions";
  EXPECT_EQ(RunJson("nurse", {"case", "remove", id, "伊藤 一郎"}).at(0)["removed"]["name"],
            "伊藤 一郎");
  EXPECT_THAT(Run("doctor", {"sync"}).out, HasSubstr("no longer a member"));
  EXPECT_EQ(Show("doctor", id)["member"], false);
  EXPECT_THAT(Run("doctor", {"case", "list"}).out, HasSubstr("no longer a member"));
}

TEST_F(CaseCommands, PeopleAreFoundInAnotherSpellingWhenExactlyOneIsMeant) {
  const std::string id = NewCase("nurse");
  const auto added = RunJson("nurse", {"case", "add", id, "架空ｸﾘﾆｯｸ/伊藤　一郎"});
  EXPECT_EQ(added.at(0)["added"]["name"], "伊藤 一郎");
  AddPerson("other", "架空薬局", "pharmacy", "伊藤　一郎", "pharmacist");
  EXPECT_EQ(Refused("nurse", {"case", "remove", id, "伊藤一郎"}), "kConflict");
  EXPECT_EQ(RunJson("nurse", {"case", "remove", id, "伊藤 一郎"}).at(0)["removed"]["institution"],
            "架空クリニック")
      << "who has it exactly is meant";
}

// 斉 and 斎 are two people's names.
TEST_F(CaseCommands, WhoJoinedAMomentAgoIsFoundBeforeAnybodyOfALikeName) {
  const std::string id = NewCase("nurse");
  AddPerson("one", "架空薬局", "pharmacy", "斎藤 花子", "pharmacist");
  RunJson("nurse", {"sync"});
  AddPerson("other", "架空歯科", "dental-clinic", "斉藤 花子", "dentist");
  EXPECT_EQ(RunJson("nurse", {"case", "add", id, "斉藤 花子"}).at(0)["added"]["institution"],
            "架空歯科");
  EXPECT_EQ(Refused("nurse", {"case", "add", id, "齋藤 花子"}), "kNotFound");
}

TEST_F(CaseCommands, NobodyRemovesThemselvesOrAStranger) {
  const std::string id = NewCase("nurse");
  EXPECT_EQ(Refused("nurse", {"case", "remove", id, "江口 花子"}), "kDenied");
  EXPECT_EQ(Refused("nurse", {"case", "remove", id, "伊藤 一郎"}), "kNotFound");
  EXPECT_EQ(Refused("nurse", {"case", "add", id, "だれでもない"}), "kNotFound");
  EXPECT_THAT(Show("nurse", id)["members"], SizeIs(1));
}

}  // namespace
}  // namespace renkei::cli
