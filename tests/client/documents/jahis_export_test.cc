#include <gtest/gtest.h>

#include "client/documents/content.h"
#include "client/documents/jahis.h"
#include "renkei/care/v1/content.pb.h"
#include "tests/client/documents/jahis_text.h"

namespace renkei::documents {
namespace {

using testing::Import;
using testing::kFull;
using testing::Now;
using testing::Say;

std::string Exported(ByteView content, ByteView patient = {}) {
  const JahisOutcome outcome = ExportJahis(content, patient);
  for (const FormProblem& problem : outcome.problems) {
    ADD_FAILURE() << problem.message_ja;
  }
  std::string text;
  for (const char c : DecodeShiftJis(outcome.file).value_or("")) {
    text += c == '\r' ? "" : std::string(1, c);
  }
  return text;
}

std::string Problem(const std::string& json, const std::string& patient = "") {
  const FormOutcome list = ParseForm(Kind::kMedicationList, json, Now());
  EXPECT_TRUE(list.ok()) << Say(list);
  const Bytes profile =
      patient.empty() ? Bytes() : ParseForm(Kind::kPatient, patient, Now()).content;
  const JahisOutcome outcome = ExportJahis(list.content, profile);
  EXPECT_EQ(outcome.ok(), !outcome.file.empty());
  return outcome.ok() ? "" : outcome.problems[0].message_ja;
}

constexpr char kPatient[] =
    R"({"name":"架空 太郎","kana":"カクウ タロウ","birth_date":"1980-01-01","sex":"男","phone":"03-0000-0000"})";

TEST(JahisExport, WritesWhatItRead) {
  std::string expected(kFull);
  // Half-width kana in the patient's kana is stored full-width; the drug's number starts at one.
  expected.replace(expected.find("ｶｸｳ ﾀﾛｳ"), std::string("ｶｸｳ ﾀﾛｳ").size(), "カクウ タロウ");
  for (std::size_t at = expected.find(",7,"); at != std::string::npos && at < 400;
       at = expected.find(",7,", at + 1)) {
    expected.replace(at, 3, ",1,");
  }
  for (std::size_t at = expected.find("31,7,"); at != std::string::npos;
       at = expected.find("31,7,")) {
    expected.replace(at, 5, "31,1,");
  }
  EXPECT_EQ(Exported(Import(kFull).content), expected);
}

TEST(JahisExport, ReadsBackToTheSameContent) {
  const Bytes content = Import(kFull).content;
  const JahisOutcome file = ExportJahis(content, {});
  EXPECT_EQ(ImportJahis({file.file}, Now()).content, content);
}

TEST(JahisExport, ReadsBackPublicSamplesAndTheExample) {
  std::vector<std::string> texts = {testing::Example("medication-list.jahis.utf8.txt")};
  for (const char* name : {"tc-multi-dispensing.txt"}) {
    const std::string text = testing::SharedData(std::string("jahis/") + name);
    if (!text.empty()) {
      texts.push_back(text);
    }
  }
  for (const std::string& text : texts) {
    const Bytes content = Import(text).content;
    ASSERT_FALSE(content.empty());
    EXPECT_EQ(ImportJahis({ExportJahis(content, {}).file}, Now()).content, content);
  }
}

TEST(JahisExport, AFormFromJsonBecomesANotebook) {
  const FormOutcome answer = ParseForm(Kind::kMedicationList, R"({"dispensed_on":"2026-03-11",
      "dispenser":"架空薬局","prescriber":{"name":"架空医院","doctor":"見本 一郎"},"drugs":[
      {"rp_no":1,"drug_name":"見本錠, 新","dose":1.5,"unit":"錠","usage_name":"朝食後","qty":14,
       "qty_unit":"日分","dosage_form":"内服"}],
      "leftover":{"drug":"見本錠","count":12,"unit":"錠","reason":"忘れ","action":"一包化"}})",
                                       Now());
  ASSERT_TRUE(answer.ok()) << Say(answer);
  const Bytes patient = ParseForm(Kind::kPatient, kPatient, Now()).content;
  EXPECT_EQ(Exported(answer.content, patient),
            "JAHISTC08,2\n"
            "1,架空 太郎,1,19800101,,,03-0000-0000,,,,カクウ タロウ\n"
            "5,20260311,1\n"
            "11,架空薬局,,,,,,,1\n"
            "51,架空医院,,,,1\n"
            "55,見本 一郎,,1\n"
            "201,1,見本錠， 新,1.5,錠,1,,1,,,\n"
            "301,1,朝食後,14,日分,1,1,,1\n"
            "421,見本錠 12錠 忘れ 対応:一包化,1\n");
}

TEST(JahisExport, WhatTheFormatCannotHoldIsSaid) {
  EXPECT_NE(Problem(R"({"otc":"見本😀"})", kPatient).find("「😀」は Shift_JIS にありません"),
            std::string::npos);
  std::string name;
  for (int i = 0; i < 61; ++i) {
    name += "薬";
  }
  EXPECT_NE(Problem(R"({"otc":")" + name + "\"}", kPatient).find("120 バイトまで"),
            std::string::npos);
  EXPECT_NE(Problem(R"({"otc":"見本"})").find("氏名と生年月日"), std::string::npos);
  EXPECT_NE(Problem(R"({"otc":"見本"})",
                    R"({"name":"架空","kana":"カクウ","birth_date":"1980-01-01","sex":"不明"})")
                .find("性別"),
            std::string::npos);
  EXPECT_EQ(Problem(R"({"otc":"見本"})", kPatient), "");
}

TEST(JahisExport, DrugsOfOneRpMustStandTogether) {
  const auto drug = [](int rp, const char* name) {
    return R"({"rp_no":)" + std::to_string(rp) + R"(,"drug_name":")" + name +
           R"(","dose":1,"unit":"錠","usage_name":"朝食後"})";
  };
  const std::string list =
      R"({"dispensed_on":"2026-03-11","dispenser":"架空薬局","prescriber":"架空医院",
      "drugs":[)" +
      drug(1, "甲") + "," + drug(2, "乙") + "," + drug(1, "丙") + "]}";
  EXPECT_NE(Problem(list, kPatient).find("RP番号 1"), std::string::npos);
}

TEST(JahisExport, KeptLinesStayAndCannotPassForRecords) {
  const FormOutcome outcome = Import(
      "JAHISTC09,1\n1,架空 "
      "太郎,1,19800101\n998,最初の,拡張\n5,20260310,1\n11,架空薬局,13,4,1,,,,1\n"
      "51,架空病院,13,1,1,1\n201,1,見本錠,1,錠,1,,1,,,\n301,1,朝食後,7,日分,1,1,,1\n999,次の,"
      "拡張\n");
  ASSERT_TRUE(outcome.ok()) << Say(outcome);
  const FormOutcome again = ImportJahis({ExportJahis(outcome.content, {}).file}, Now());
  EXPECT_EQ(*DiffText(outcome.content, again.content),
            "取り込み元の形式: 「JAHISTC09」→「JAHISTC08」\n");
  for (const char* line : {"201,1,偽の薬,1,錠,1,,1", "911,1,2,1", "JAHISTC08,1", "", "x", "7"}) {
    care::v1::Content content = *OpenContent(outcome.content)->content;
    content.mutable_medication_list()->set_other_records(0, line);
    EXPECT_FALSE(ExportJahis(SerializeContent(content), {}).ok()) << line;
  }
}

TEST(JahisExport, ALineBreakInATextCannotBeginARecord) {
  care::v1::Content content = *OpenContent(Import(kFull).content)->content;
  for (const char* text : {"a\r\n201,1,偽の薬", "a\n201,1,偽の薬"}) {
    content.mutable_medication_list()->mutable_dispensings(0)->mutable_remarks(0)->set_text(text);
    const JahisOutcome outcome = ExportJahis(SerializeContent(content), {});
    EXPECT_EQ(AsText(outcome.file).find("\r\n201,1,\x8b"), std::string_view::npos);  // 偽
  }
}

TEST(JahisExport, TheDoctorIsNamedAgainWhenTheFirstOneFollowsAnother) {
  care::v1::Content content = *OpenContent(Import(kFull).content)->content;
  auto* dispensing = content.mutable_medication_list()->mutable_dispensings(0);
  care::v1::Drug* last = dispensing->add_drugs();
  *last = dispensing->drugs(0);
  last->set_rp_no(3);
  const std::string text = Exported(SerializeContent(content));
  EXPECT_NE(text.find("301,2,1日2回塗布,1,調剤,5,1,,1\n55,架空 次郎,内科,1\n201,3,"),
            std::string::npos)
      << text;
  last->mutable_prescriber()->set_name("別の病院");
  EXPECT_FALSE(ExportJahis(SerializeContent(content), {}).ok());
}

TEST(JahisExport, AnotherPatientsProfileDoesNotFillTheGaps) {
  const std::string list =
      R"({"otc":"見本","patient":{"name":"見本 花子","birth_date":"1950-01-01"}})";
  EXPECT_NE(Problem(list, kPatient).find("性別"), std::string::npos);
}

TEST(JahisExport, OnlyAMedicationListIsExported) {
  const FormOutcome note = ParseForm(Kind::kNote, R"({"text":"x"})", Now());
  EXPECT_FALSE(ExportJahis(note.content, {}).ok());
  EXPECT_FALSE(ExportJahis({}, {}).ok());
}

}  // namespace
}  // namespace renkei::documents
