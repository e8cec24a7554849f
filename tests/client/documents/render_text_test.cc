#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include "client/documents/content.h"
#include "client/documents/render.h"
#include "client/documents/text.h"
#include "renkei/care/v1/content.pb.h"
#include "renkei/care/v1/options.pb.h"
#include "tests/client/documents/sample.h"

namespace renkei::documents {
namespace {

using testing::FormKinds;
using testing::Now;
using testing::Sample;

std::string TextOf(Kind kind, const std::string& json) {
  const FormOutcome outcome = ParseForm(kind, json, Now());
  EXPECT_TRUE(outcome.ok()) << testing::Say(outcome);
  return *RenderText(outcome.content, {});
}

bool Has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(RenderText, EveryFilledFieldShowsUnderItsLabel) {
  for (const Kind kind : FormKinds()) {
    const std::string text = TextOf(kind, WriteJson(Sample(kind), 0));
    for (const Field* field : FieldsOf(*BodyField(kind).message_type())) {
      if (!RuleOf(*field).internal() && !RuleOf(*field).quiet()) {
        EXPECT_TRUE(Has(text, RuleOf(*field).label())) << KindName(kind) << " " << field->name();
      }
      EXPECT_TRUE(Has(text, RuleOf(*field).section())) << RuleOf(*field).section();
    }
  }
}

TEST(RenderText, LaysOutAnUrgentReport) {
  EXPECT_EQ(TextOf(Kind::kUrgentReport, R"({
      "identify":{"reporter":"看護師","place":"自宅"},"situation":"一行目\n二行目","request":"往診",
      "onset_at":"2026-03-14T02:00","vitals":{"rr":30,"spo2":86},"119":{"called":"なし"}})"),
            "■ 急変報告\n"
            "  I 報告者・患者・場所: 報告者 看護師、場所 自宅\n"
            "  S 状況:\n"
            "    一行目\n"
            "    二行目\n"
            "  R 依頼: 往診\n"
            "【状態】\n"
            "  発生日時: 2026年3月14日 2:00\n"
            "  バイタル: 呼吸数 30 /分、SpO2 86 %\n"
            "【対応】\n"
            "  119番: なし\n");
}

TEST(RenderText, LaysOutDrugsLikeAPrescription) {
  const std::string text = TextOf(Kind::kMedicationList, R"({"dispensed_on":"2026-03-11",
      "dispenser":{"name":"架空薬局","institution_code":"1234567"},"prescriber":"架空医院","drugs":[
      {"rp_no":1,"drug_name":"見本錠","dose":1.5,"unit":"錠","usage_name":"朝食後","qty":14,
       "qty_unit":"日分","code_type":"YJ","code":"123","usage_note":["一包化"]}]})");
  EXPECT_TRUE(Has(text, "1. 見本錠 1.5錠 朝食後 14日分（RP番号 1、用法補足 一包化）\n")) << text;
  EXPECT_FALSE(Has(text, "1234567")) << text;  // a code for machines
}

TEST(RenderText, TextOfOthersCannotSteerTheTerminal) {
  Content content;
  content.mutable_note()->set_text("前\x1b[2J\x07後\n【偽の見出し】\u202e");
  content.mutable_note()->set_title("題\n名\r");
  content.mutable_note()->mutable_vitals()->set_measured_at("\x1b]0;x\x07");
  content.mutable_header()->mutable_patient()->set_name("\x1b[31m");
  content.mutable_header()->set_confirmed_at("\x1b[1m");
  const Bytes bytes = SerializeContent(content);
  const std::string texts[] = {*RenderText(bytes, {}), *Headline(bytes), SearchText(bytes),
                               *RenderJson(bytes)};
  for (const std::string& text : texts) {
    EXPECT_EQ(FindForbidden(text, true), std::nullopt) << text;
  }
  EXPECT_EQ(texts[1].find('\n'), std::string::npos);
  // A line of the text never stands where a heading stands: it is indented.
  EXPECT_EQ(texts[0].find("\n【偽"), std::string::npos) << texts[0];
}

TEST(RenderText, HeadlinesAreShort) {
  const FormOutcome outcome = ParseForm(
      Kind::kUrgentReport,
      R"({"identify":"x","situation":"呼吸困難\nSpO2 86%","request":"x","alert_level":"red"})",
      Now());
  EXPECT_EQ(*Headline(outcome.content), "急変報告: 赤（急変） 呼吸困難 SpO2 86%");
  for (const Kind kind : FormKinds()) {
    const FormOutcome sample = ParseForm(kind, WriteJson(Sample(kind), 0), Now());
    const std::string line = *Headline(sample.content);
    EXPECT_LE(CountChars(line), 60U);
    EXPECT_GT(line.size(), std::string(KindLabel(kind)).size() + 2) << line;
  }
  Content ack;
  ack.mutable_acknowledgement()->set_read_back("復唱");
  EXPECT_EQ(*Headline(SerializeContent(ack)), "了承: 復唱");
  Content response;
  response.mutable_response()->set_record_id(std::string(16, 'x'));
  EXPECT_TRUE(Headline(SerializeContent(response)).ok());
}

TEST(RenderText, TheIndexGetsEveryTextAndEveryChosenValue) {
  const FormOutcome outcome = ParseForm(
      Kind::kMedicationNote,
      R"({"leftover":{"drug":"フロセミド錠２０ｍｇ","reason":"忘れ"},"text":"相談\nです","purpose":"提案",
          "owner":"伊藤 一郎"})",
      Now());
  ASSERT_TRUE(outcome.ok()) << testing::Say(outcome);
  const std::string text = SearchText(outcome.content);
  for (const char* part :
       {"フロセミド錠２０ｍｇ\n", "忘れ\n", "相談\nです\n", "提案\n", "伊藤 一郎\n"}) {
    EXPECT_TRUE(Has(text, part)) << part;
  }
  EXPECT_FALSE(Has(text, "残薬")) << "labels are in every record, and so find nothing";
  EXPECT_EQ(SearchText(Bytes{1, 2, 3}), "");
}

}  // namespace
}  // namespace renkei::documents
