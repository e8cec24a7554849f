#include "client/documents/form.h"

#include <gtest/gtest.h>

#include "client/documents/content.h"
#include "renkei/care/v1/content.pb.h"
#include "tests/client/documents/sample.h"

namespace renkei::documents {
namespace {

using testing::kNow;
using testing::Names;
using testing::Now;
using testing::Say;

FormOutcome Parse(Kind kind, std::string_view json, ByteView original = {}) {
  return ParseForm(kind, json, {kNow, original});
}

TEST(Form, ACorrectionChangesWhatItNames) {
  const Bytes original =
      Parse(
          Kind::kNote,
          R"({"text":"本文","title":"題","alert_level":"green","vitals":{"rr":18,"weight":48.4}})")
          .content;
  const FormOutcome corrected = Parse(Kind::kNote, R"({"vitals":{"weight":44.8}})", original);
  ASSERT_TRUE(corrected.ok()) << Say(corrected);
  EXPECT_EQ(
      *RenderJson(corrected.content),
      R"({"text":"本文","alert_level":"green","title":"題","vitals":{"rr":18,"weight":44.8}})");
  const FormOutcome taken_out =
      Parse(Kind::kNote, R"({"title":null,"vitals":{"rr":null}})", original);
  EXPECT_EQ(*RenderJson(taken_out.content),
            R"({"text":"本文","alert_level":"green","vitals":{"weight":48.4}})");
}

TEST(Form, ACorrectedListReplacesTheList) {
  const Bytes original =
      Parse(Kind::kMedicationNote,
            R"({"leftover":["甲","乙"],"patient":{"name":"架空","birth_date":"1943-06-12"}})")
          .content;
  const FormOutcome corrected = Parse(Kind::kMedicationNote, R"({"leftover":["乙"]})", original);
  EXPECT_EQ(*RenderJson(corrected.content),
            R"({"patient":{"name":"架空","birth_date":"1943-06-12"},"leftover":["乙"]})");
}

TEST(Form, ACompleteFileCorrectsToo) {
  const Bytes original = Parse(Kind::kNote, R"({"text":"本文"})").content;
  const FormOutcome same = Parse(Kind::kNote, R"({"text":"本文"})", original);
  EXPECT_EQ(same.content, original);
}

TEST(Form, ACorrectionIsCheckedAsAWhole) {
  const Bytes original = Parse(Kind::kNote, R"({"text":"本文"})").content;
  EXPECT_TRUE(Names(Parse(Kind::kNote, R"({"text":null})", original), "text", "必須"));
  EXPECT_TRUE(
      Names(Parse(Kind::kUrgentReport, R"({"situation":"x"})", original), "", "種類が違います"));
  EXPECT_FALSE(Parse(Kind::kNote, R"({"text":"x"})", Bytes{1, 2, 3}).ok());
}

TEST(Form, ACorrectionDoesNotInheritWhatTheProgramSet) {
  Content content;
  content.mutable_note()->set_text("x");
  content.set_corrects(std::string(16, 'r'));
  content.set_correction_reason("前の理由");
  content.set_answers(std::string(16, 'a'));
  const FormOutcome next = Parse(Kind::kNote, R"({"text":"y"})", SerializeContent(content));
  const auto opened = OpenContent(next.content);
  ASSERT_TRUE(opened.ok());
  EXPECT_TRUE(opened->content->corrects().empty());
  EXPECT_TRUE(opened->content->correction_reason().empty());
  EXPECT_TRUE(opened->content->answers().empty());
}

TEST(Form, RecordsOfTheProgramAreNotReadFromFiles) {
  for (const Kind kind : {Kind::kAcknowledgement, Kind::kResponse, Kind::kReceipt}) {
    EXPECT_FALSE(Parse(kind, R"({"read_back":"x"})").ok());
  }
}

TEST(Form, TheCharacterSetIsSaidInWords) {
  EXPECT_TRUE(Parse(Kind::kNote, "\xEF\xBB\xBF{\"text\":\"x\"}").ok());
  EXPECT_TRUE(
      Names(Parse(Kind::kNote, "{\"text\":\"\x96\x7B\x95\xB6\"}"), "", "UTF-8 ではありません"));
}

TEST(Form, SyntaxIsSaidByLineAndColumn) {
  const FormOutcome outcome = Parse(Kind::kNote, "{\n\"text\": oops}");
  EXPECT_TRUE(Names(outcome, "", "2 行目")) << Say(outcome);
  EXPECT_TRUE(Names(Parse(Kind::kNote, R"({"text":"a","text":"b"})"), "", "2 回あります"));
  EXPECT_TRUE(Names(Parse(Kind::kNote, "[1,2]"), "", "{ }"));
}

TEST(Form, ALongListOfProblemsIsCutAndCounted) {
  std::string json = "{";
  for (int i = 0; i < 60; ++i) {
    json += (i > 0 ? ",\"zzzzzz" : "\"zzzzzz") + std::to_string(i) + "\":1";
  }
  const FormOutcome outcome = Parse(Kind::kNote, json + "}");
  ASSERT_EQ(outcome.problems.size(), kMaxProblems + 1);
  EXPECT_EQ(outcome.problems.back().message_ja, "ほかに 21 件あります");  // and the missing text
}

TEST(Form, AFileForAListIsJsonOrANotebook) {
  const std::string json = R"({"otc":"見本"})";
  EXPECT_TRUE(ParseFormFile(Kind::kMedicationList, AsBytes(json), Now()).ok());
  const FormOutcome notebook =
      ParseFormFile(Kind::kMedicationList, AsBytes(std::string_view("JAHISTC08\r\n")), Now());
  EXPECT_TRUE(Names(notebook, "1行目 (JAHISTC08)", "出力区分")) << Say(notebook);
  EXPECT_FALSE(
      ParseFormFile(Kind::kNote, AsBytes(std::string_view("JAHISTC08,1\r\n")), Now()).ok());
}

TEST(Form, ContentOfOthersIsHeldToTheSameRules) {
  Content content;
  content.mutable_note()->mutable_vitals()->set_rr(400);
  content.mutable_header()->mutable_patient()->set_birth_date("1943/06/12");
  const auto problems = CheckContent(SerializeContent(content), kNow);
  std::string paths;
  for (const FormProblem& problem : problems) {
    paths += problem.path + " ";
  }
  EXPECT_EQ(paths, "patient.name patient.birth_date text vitals.rr ");
  EXPECT_EQ(CheckContent({}, kNow).size(), 1U);
  Content ack;
  ack.mutable_acknowledgement()->set_record_id("short");
  EXPECT_EQ(CheckContent(SerializeContent(ack), kNow).size(), 2U);  // length, read_back
}

TEST(Form, AnAcknowledgementNeedsItsReadBack) {
  Content content;
  content.mutable_acknowledgement()->set_record_id(std::string(16, 'r'));
  EXPECT_EQ(CheckContent(SerializeContent(content), kNow).size(), 1U);
  content.mutable_acknowledgement()->set_read_back("復唱");
  EXPECT_TRUE(CheckContent(SerializeContent(content), kNow).empty());
}

}  // namespace
}  // namespace renkei::documents
