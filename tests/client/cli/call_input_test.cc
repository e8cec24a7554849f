#include "client/cli/call_input.h"

#include <cstdlib>

#include "client/cli/alert_output.h"
#include "tests/client/cli/cli_fixture.h"

namespace renkei::cli {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

TEST(Waits, AreMinutesOrSecondsWithinADay) {
  EXPECT_EQ(ParseWait("5"), Minutes(5));
  EXPECT_EQ(ParseWait("5m"), Minutes(5));
  EXPECT_EQ(ParseWait("90s"), Seconds(90));
  EXPECT_EQ(ParseWait("1440"), Days(1));
  for (const char* text : {"", "0", "-1", "1441", "86401s", "5h", "5.5", "s", "m", " 5", "5 ",
                           "99999999999999999999"}) {
    EXPECT_EQ(ParseWait(text), std::nullopt) << text;
  }
}

class CallInput : public CliFixture {
 protected:
  CallInput() {
    AddPerson("nurse", "架空訪問看護", "visiting-nurse-station", "江口 花子", "nurse");
    AddPerson("doctor", "架空クリニック", "clinic", "伊藤 一郎", "doctor");
    case_ = NewCase("nurse");
    RunJson("nurse", {"case", "add", case_, "伊藤 一郎"});
    RunJson("doctor", {"sync"});
  }
  std::vector<std::string> Words(const std::vector<std::string>& more) {
    std::vector<std::string> out = {"post", case_, "note", "--file",
                                    File("note.json", R"({"text": "急変（架空）"})")};
    out.insert(out.end(), more.begin(), more.end());
    return out;
  }
  Json Alert(const std::vector<std::string>& more) {
    return RunJson("nurse", Words(more)).at(0)["alert"];
  }
  void Refused(const std::vector<std::string>& more) {
    const Ran ran = Run("nurse", Words(more));
    EXPECT_EQ(ran.code, kExitFailed) << ran.out;
    EXPECT_FALSE(ran.err.empty());
    EXPECT_TRUE(RunJson("nurse", {"outbox"}).empty());
    EXPECT_THAT(RunJson("nurse", {"read", case_, "--kind", "note"}), SizeIs(0));
  }

  std::string case_;
};

TEST_F(CallInput, NamesProfessionsAndWaitsBecomeSteps) {
  const Json alert =
      Alert({"--urgent", "--call", "伊藤 一郎+pharmacist:90s, doctor:10", "--rounds", "3"});
  EXPECT_EQ(alert["rounds"], 3);
  ASSERT_THAT(alert["plan"], SizeIs(2));
  EXPECT_EQ(alert["plan"][0]["wait_seconds"], 90);
  EXPECT_EQ(alert["plan"][0]["calls"][0]["name"], "伊藤 一郎");
  EXPECT_EQ(alert["plan"][0]["calls"][1]["profession"], "Pharmacist");
  EXPECT_EQ(alert["plan"][1]["wait_seconds"], 600);
  EXPECT_EQ(alert["plan"][1]["calls"][0]["profession"], "Medical Doctor");
}

TEST_F(CallInput, CallAloneMakesItUrgentWithTheUsualWait) {
  const auto posted = RunJson("nurse", Words({"--call", "伊藤 一郎"})).at(0);
  EXPECT_EQ(posted["urgent"], true);
  EXPECT_EQ(posted["alert"]["plan"][0]["wait_seconds"], 300);
  EXPECT_EQ(posted["alert"]["rounds"], 2);
}

TEST_F(CallInput, UrgentAloneCallsWhoIsUsuallyCalled) {
  const Json alert = Alert({"--urgent"});
  ASSERT_THAT(alert["plan"], SizeIs(1));
  EXPECT_EQ(alert["plan"][0]["calls"][0]["name"], "伊藤 一郎");
}

TEST_F(CallInput, PlanComesFromAFileToo) {
  const Json alert = Alert({"--plan", File("plan.json", R"({"rounds": 1, "steps": [
          {"call": ["伊藤 一郎", "nurse"], "minutes": 5}, {"call": "伊藤 一郎", "seconds": 2},
          {"call": "doctor"}]})")});
  EXPECT_EQ(alert["rounds"], 1);
  ASSERT_THAT(alert["plan"], SizeIs(3));
  EXPECT_THAT(alert["plan"][0]["calls"], SizeIs(2));
  EXPECT_EQ(alert["plan"][1]["wait_seconds"], 2);
  EXPECT_EQ(alert["plan"][2]["wait_seconds"], 300);
}

TEST_F(CallInput, WhatIsNoListIsRefusedAndNothingIsSent) {
  for (const char* calls :
       {"伊藤 一郎:0", "伊藤 一郎:5h", ":5", "伊藤 一郎,", "伊藤 一郎+", "いない 人:5"}) {
    Refused({"--call", calls});
  }
  int number = 0;
  for (const char* plan :
       {"", "[]", "{}", R"({"steps": []})", R"({"steps": [{}]})", R"({"steps": [{"call": 5}]})",
        R"({"steps": [{"call": []}]})", R"({"steps": [{"call": "doctor", "minutes": 0}]})",
        R"({"steps": [{"call": "doctor", "minutes": "5"}]})",
        R"({"steps": [{"call": "doctor", "other": 1}]})",
        R"({"steps": [{"call": "doctor"}], "rounds": 11})",
        R"({"steps": [{"call": "doctor"}], "rounds": -1})",
        R"({"steps": [{"call": "doctor"}], "more": 1})"}) {
    Refused({"--plan", File("bad" + std::to_string(number++) + ".json", plan)});
  }
}

TEST_F(CallInput, AcknowledgingSaysWhoRespondsOrThatItWaits) {
  setenv("RENKEI_LANG", "ja", 1);
  const auto record = RunJson("nurse", Words({"--call", "伊藤 一郎"})).at(0)["record"];
  RunJson("doctor", {"sync"});
  world_.connector.faults.down = true;
  const Ran waiting = Run("doctor", {"ack", record, "--read-back", "了解"});
  EXPECT_THAT(waiting.out, HasSubstr("止まっていません"));
  world_.connector.faults.down = false;
  RunJson("doctor", {"sync"});
  const Json coverage = RunJson("doctor", {"coverage", record}).at(0);
  EXPECT_EQ(coverage["alert"]["responder"]["name"], "伊藤 一郎");
  EXPECT_EQ(coverage["alert"]["state"], "acknowledged");
  EXPECT_THAT(Run("nurse", {"sync"}).out, HasSubstr("了承され、終わりました"));
  unsetenv("RENKEI_LANG");
}

}  // namespace
}  // namespace renkei::cli
