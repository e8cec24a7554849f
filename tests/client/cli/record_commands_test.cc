// post, read, ack, answer, respond, coverage, search, form.
#include <fstream>
#include <iterator>

#include "client/cli/commands.h"
#include "tests/client/cli/cli_fixture.h"

namespace renkei::cli {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class RecordCommands : public CliFixture {
 protected:
  RecordCommands() {
    AddPerson("nurse", "架空訪問看護", "visiting-nurse-station", "江口 花子", "nurse");
    AddPerson("doctor", "架空クリニック", "clinic", "伊藤 一郎", "doctor");
    case_ = NewCase("nurse");
    RunJson("nurse", {"case", "add", case_, "伊藤 一郎"});
    RunJson("doctor", {"sync"});
  }

  std::string Note(const std::string& text = "変わりありません（架空）") {
    return File("note.json", R"({"text": ")" + text + R"("})");
  }
  // A note that names somebody who is not the case's patient.
  std::string StrangersNote() {
    return File(
        "stranger.json",
        R"({"text": "架空", "patient": {"name": "別人 太郎", "birth_date": "1950-01-01"}})");
  }
  Json Post(const std::string& vault, const std::string& file) {
    return RunJson(vault, {"post", case_, "note", "--file", file}).at(0);
  }
  std::size_t NotesOf(const std::string& vault) {
    return RunJson(vault, {"read", case_, "--kind", "note"}).size();
  }

  std::string case_;
};

TEST_F(RecordCommands, AFormOfAnotherPatientIsRefusedWithoutATerminalAndNothingWaits) {
  for (const bool json : {false, true}) {
    std::vector<std::string> words = {"post", case_, "note", "--file", StrangersNote()};
    if (json) {
      words.insert(words.begin(), "--json");
    }
    const Ran ran = Run("nurse", words);
    EXPECT_EQ(ran.code, kExitFailed);
    EXPECT_THAT(ran.err, HasSubstr("--other-patient"));
    EXPECT_THAT(ran.err, Not(HasSubstr("別人"))) << "no name in an error";
    if (json) {
      EXPECT_EQ(ran.Object()["error"]["code"], "kConflict");
    } else {
      EXPECT_THAT(ran.out, IsEmpty());
    }
  }
  EXPECT_EQ(NotesOf("nurse"), 0U);
  EXPECT_THAT(RunJson("nurse", {"outbox"}), IsEmpty());
}

TEST_F(RecordCommands, TheFlagSendsAFormOfAnotherPatientWithoutAsking) {
  answer_ = false;
  RunJson("nurse", {"post", case_, "note", "--file", StrangersNote(), "--other-patient"});
  EXPECT_THAT(questions_, IsEmpty());
  EXPECT_EQ(NotesOf("nurse"), 1U);
}

TEST_F(RecordCommands, OnATerminalThePersonDecidesAboutAFormOfAnotherPatient) {
  const std::vector<std::string> words = {"post", case_, "note", "--file", StrangersNote()};
  answer_ = false;
  EXPECT_EQ(Run("nurse", words).code, kExitFailed);
  EXPECT_EQ(NotesOf("nurse"), 0U);
  answer_ = true;
  EXPECT_EQ(Run("nurse", words).code, kExitDone);
  EXPECT_EQ(NotesOf("nurse"), 1U);
  ASSERT_THAT(questions_, SizeIs(2));
  EXPECT_THAT(questions_[0], HasSubstr("架空 ふみ子")) << "names the case's patient";
}

TEST_F(RecordCommands, WithJsonAFormOfAnotherPatientIsRefusedEvenOnATerminal) {
  answer_ = true;
  const auto refused =
      RunJson("nurse", {"post", case_, "note", "--file", StrangersNote()}, kExitFailed);
  EXPECT_EQ(refused.at(0)["error"]["code"], "kConflict");
  EXPECT_THAT(questions_, IsEmpty());
}

TEST_F(RecordCommands, AFormOfTheCasesPatientAsksNothing) {
  answer_ = false;
  const std::string file =
      File("own.json",
           R"({"text": "架空", "patient": {"name": "架空　ふみ子", "birth_date": "1943-06-12"}})");
  EXPECT_EQ(Post("nurse", file)["state"], "sent");
  EXPECT_THAT(questions_, IsEmpty());
}

TEST_F(RecordCommands, AnAnswerOfAnotherPatientIsRefusedToo) {
  const std::string record = Post("nurse", Note())["record"];
  RunJson("doctor", {"sync"});
  const std::string stranger = R"("patient": {"name": "別人 太郎", "birth_date": "1950-01-01"}, )";
  std::ifstream in(Example("answer-modify.json"));
  std::string text((std::istreambuf_iterator<char>(in)), {});
  text.insert(text.find('{') + 1, stranger);
  const std::string changed = File("answer.json", text);
  RunJson("doctor", {"answer", record, "--file", changed}, kExitFailed);
  EXPECT_THAT(RunJson("doctor", {"outbox"}), IsEmpty());
  RunJson("doctor", {"answer", record, "--file", changed, "--other-patient"});
}

TEST_F(RecordCommands, APostedRecordIsReadByTheOthersWithAuthorStateAndContent) {
  const std::string id = Post("nurse", Note("浮腫なし"))["record"];
  RunJson("doctor", {"sync"});
  const auto read = RunJson("doctor", {"read", case_, "--kind", "note"});
  ASSERT_THAT(read, SizeIs(1));
  EXPECT_EQ(read[0]["record"], id);
  EXPECT_EQ(read[0]["author"]["name"], "江口 花子");
  EXPECT_EQ(read[0]["content"]["text"], "浮腫なし");
  const std::string text = Run("doctor", {"read", case_}).out;
  EXPECT_THAT(text, HasSubstr("架空 ふみ子")) << "every record is headed by the case's patient";
  EXPECT_THAT(text, HasSubstr("浮腫なし"));
}

TEST_F(RecordCommands, ACorrectionNeedsRecordAndReasonTogether) {
  const std::string id = Post("nurse", Note())["record"];
  RunJson("nurse", {"post", case_, "note", "--file", Note(), "--corrects", id}, kExitUsage);
  RunJson("nurse", {"post", case_, "note", "--file", Note(), "--reason", "誤記"}, kExitUsage);
  EXPECT_EQ(NotesOf("nurse"), 1U);
  RunJson("nurse",
          {"post", case_, "note", "--file", Note("訂正後"), "--corrects", id, "--reason", "誤記"});
  const auto read = RunJson("nurse", {"read", case_, "--kind", "note"});
  ASSERT_THAT(read, SizeIs(2));
  EXPECT_EQ(read[0]["corrected_by"][0], read[1]["record"]);
  EXPECT_EQ(read[1]["corrects"], id);
  EXPECT_EQ(read[1]["reason"], "誤記");
}

TEST_F(RecordCommands, TheFourStatesAreShownWithThePersonWhoGaveThem) {
  const std::string id = Post("nurse", Note())["record"];
  RunJson("doctor", {"sync"});
  RunJson("nurse", {"sync"});
  const auto state = [&] {
    RunJson("nurse", {"sync"});
    return RunJson("nurse", {"coverage", id}).at(0)["state"].get<std::string>();
  };
  EXPECT_EQ(state(), "received");
  RunJson("doctor", {"read", case_});
  EXPECT_EQ(state(), "opened");
  RunJson("doctor", {"ack", id, "--read-back", "了解（架空）"});
  EXPECT_EQ(state(), "acknowledged");
  RunJson("doctor", {"respond", id});
  EXPECT_EQ(state(), "responding");
  const Json row = RunJson("nurse", {"coverage", id}).at(0)["people"][0];
  EXPECT_EQ(row["name"], "伊藤 一郎");
  EXPECT_EQ(row["read_back"], "了解（架空）");
}

TEST_F(RecordCommands, AnUnknownKindOrRecordIsSaidAndChangesNothing) {
  RunJson("nurse", {"post", case_, "horoscope", "--file", Note()}, kExitUsage);
  RunJson("nurse", {"read", case_, "--kind", "horoscope"}, kExitUsage);
  RunJson("nurse", {"form", "horoscope"}, kExitUsage);
  EXPECT_EQ(
      RunJson("nurse", {"ack", "ffffffff", "--read-back", "x"}, kExitFailed).at(0)["error"]["code"],
      "kNotFound");
  EXPECT_EQ(RunJson("nurse", {"post", "nobody", "note", "--file", Note()}, kExitFailed)
                .at(0)["error"]["code"],
            "kNotFound");
  EXPECT_EQ(NotesOf("nurse"), 0U);
}

TEST_F(RecordCommands, NobodyAcknowledgesTheirOwnRecord) {
  const std::string id = Post("nurse", Note())["record"];
  EXPECT_EQ(RunJson("nurse", {"ack", id, "--read-back", "x"}, kExitFailed).at(0)["error"]["code"],
            "kDenied");
}

TEST_F(RecordCommands, OnlyWhatCameAfterARecordIsReadWhenAsked) {
  const std::string first = Post("nurse", Note("一つ目"))["record"];
  Post("nurse", Note("二つ目"));
  const auto read = RunJson("nurse", {"read", case_, "--after", first});
  ASSERT_THAT(read, SizeIs(1));
  EXPECT_EQ(read[0]["content"]["text"], "二つ目");
}

TEST_F(RecordCommands, SearchFindsByHalfWidthKana) {
  Post("nurse", Note("フロセミドを中止（架空）"));
  EXPECT_THAT(RunJson("nurse", {"search", "ﾌﾛｾﾐﾄﾞ"}), SizeIs(1));
  EXPECT_THAT(RunJson("nurse", {"search", "アムロジピン"}), IsEmpty());
  EXPECT_THAT(Run("nurse", {"search", "アムロジピン"}).out, HasSubstr("Nothing found"));
}

TEST_F(RecordCommands, AnEmptyFormIsOneObjectALineWithJson) {
  const auto form = RunJson("nurse", {"form", "urgent-report"});
  ASSERT_THAT(form, SizeIs(1));
  EXPECT_TRUE(form[0].contains("situation"));
  EXPECT_THAT(Run("nurse", {"form", "urgent-report"}).out, HasSubstr("\n  \""))
      << "for a person it is laid out";
}

// A doctor who believes that the others know sends nobody else: the most dangerous lie of all.
TEST_F(RecordCommands, AnAcknowledgementWithoutTheRelayIsSaidToWait) {
  const std::string id = Post("nurse", Note())["record"];
  RunJson("doctor", {"sync"});
  world_.connector.faults.down = true;
  const std::vector<std::vector<std::string>> verbs = {{"ack", id, "--read-back", "了解（架空）"},
                                                       {"respond", id}};
  for (const auto& words : verbs) {
    const Json said = RunJson("doctor", words).at(0);
    EXPECT_EQ(said["state"], "waiting") << words[0];
    EXPECT_EQ(said["done"], "waiting") << words[0];
    for (const char* language : {"en", "ja"}) {
      setenv("RENKEI_LANG", language, 1);
      const Ran ran = Run("doctor", words);
      EXPECT_EQ(ran.code, kExitDone);
      EXPECT_THAT(ran.out, testing::AnyOf(HasSubstr("no connection to the relay"),
                                          HasSubstr("中継サーバーに接続できません")))
          << "why";
      EXPECT_THAT(ran.out, HasSubstr("renkei sync")) << "what to do";
      EXPECT_THAT(ran.out, testing::AnyOf(HasSubstr("kept"), HasSubstr("残って")))
          << "what is kept";
      EXPECT_THAT(ran.out, testing::AnyOf(HasSubstr("Nobody sees"), HasSubstr("届いていません")));
      EXPECT_THAT(ran.out, Not(HasSubstr("了承しました")));
      EXPECT_THAT(ran.out, Not(HasSubstr("知らせました")));
      EXPECT_THAT(ran.out, Not(HasSubstr("The others see")));
    }
    setenv("RENKEI_LANG", "en", 1);
  }
  world_.connector.faults.down = false;
  RunJson("doctor", {"sync"});
  RunJson("nurse", {"sync"});
  EXPECT_EQ(RunJson("nurse", {"coverage", id}).at(0)["state"], "responding") << "nothing was lost";
}

TEST_F(RecordCommands, AnAcknowledgementThatTheRelayHasIsSaidToBeThere) {
  const std::string id = Post("nurse", Note())["record"];
  RunJson("doctor", {"sync"});
  const Json acknowledged = RunJson("doctor", {"ack", id, "--read-back", "了解（架空）"}).at(0);
  EXPECT_EQ(acknowledged["done"], "acknowledged");
  EXPECT_EQ(acknowledged["state"], "sent");
  const Json responding = RunJson("doctor", {"respond", id}).at(0);
  EXPECT_EQ(responding["done"], "responding");
  EXPECT_EQ(responding["state"], "sent");
  EXPECT_THAT(Run("doctor", {"respond", id}).out, HasSubstr("The others see"));
}

TEST_F(RecordCommands, WithTheRelayDownAPostWaitsVisiblyAndGoesOutLater) {
  world_.connector.faults.down = true;
  EXPECT_EQ(Post("nurse", Note())["state"], "waiting");
  EXPECT_THAT(Run("nurse", {"post", case_, "note", "--file", Note()}).out, HasSubstr("waiting"));
  EXPECT_THAT(RunJson("nurse", {"outbox"}), SizeIs(2));
  world_.connector.faults.down = false;
  EXPECT_EQ(RunJson("nurse", {"sync"}).at(0)["records_sent"], 2);
  EXPECT_THAT(RunJson("nurse", {"outbox"}), IsEmpty());
}

}  // namespace
}  // namespace renkei::cli
