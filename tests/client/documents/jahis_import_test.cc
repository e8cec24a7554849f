#include <gtest/gtest.h>

#include "client/documents/content.h"
#include "client/documents/jahis.h"
#include "renkei/care/v1/content.pb.h"
#include "tests/client/documents/jahis_text.h"

namespace renkei::documents {
namespace {

using testing::Import;
using testing::kFull;
using testing::kHead;
using testing::Names;
using testing::Say;

care::v1::Content Read(std::string_view utf8) {
  const FormOutcome outcome = Import(utf8);
  EXPECT_TRUE(outcome.ok()) << Say(outcome);
  const auto opened = OpenContent(outcome.content);
  return opened.ok() ? *opened->content : care::v1::Content();
}

FormOutcome With(const std::string& lines) {
  return Import(std::string(kHead) + lines);
}

TEST(JahisImport, ReadsEveryRecordType) {
  const care::v1::Content content = Read(kFull);
  const care::v1::PatientRef& patient = content.header().patient();
  EXPECT_EQ(patient.name(), "架空 太郎");
  EXPECT_EQ(patient.kana(), "カクウ タロウ");
  EXPECT_EQ(patient.birth_date(), "1980-01-01");
  EXPECT_EQ(patient.weight(), "52.3");
  const care::v1::MedicationList& list = content.medication_list();
  EXPECT_EQ(list.patient_flags_size(), 2);
  EXPECT_EQ(list.patient_flags(1).creator(), care::v1::CREATOR_PATIENT);
  EXPECT_EQ(list.otc(0).ingredients_size(), 2);
  EXPECT_EQ(list.memos(0).on(), "2026-03-05");
  EXPECT_EQ(list.family_pharmacists(0).ended_on(), "2027-03-10");
  ASSERT_EQ(list.dispensings_size(), 2);
  const care::v1::Dispensing& first = list.dispensings(0);
  EXPECT_EQ(first.dispenser().pharmacist(), "見本 薬子");
  EXPECT_EQ(first.prescriber().department(), "内科");
  EXPECT_EQ(first.cautions(0).text(), "他の薬は相談");
  EXPECT_EQ(first.hospital_info(0).type(), care::v1::HOSPITAL_INFO_TYPE_AFTER_DISCHARGE);
  EXPECT_EQ(first.leftover(0).text(), "見本錠が12錠残薬");
  EXPECT_EQ(first.remarks(0).text(), "備考です");
  EXPECT_EQ(first.patient_entry(0).on(), "2026-03-11");
}

TEST(JahisImport, GivesEachDrugItsUsageAndItsDoctor) {
  const care::v1::Content content = Read(kFull);
  const auto& drugs = content.medication_list().dispensings(0).drugs();
  ASSERT_EQ(drugs.size(), 3);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(drugs[i].usage_name(), "1日1回朝食後");
    EXPECT_EQ(drugs[i].usage_code(), "1011000400000000");
    EXPECT_EQ(drugs[i].usage_note(0).text(), "一包化");
    EXPECT_EQ(drugs[i].rp_caution(0).text(), "車の運転は控える");
    EXPECT_FALSE(drugs[i].has_prescriber());
  }
  EXPECT_EQ(drugs[0].general_code(), "1179044F1ZZZ");
  EXPECT_EQ(drugs[0].drug_caution(0).text(), "グレープフルーツを避ける");
  EXPECT_EQ(drugs[0].creator(), care::v1::CREATOR_UNSPECIFIED);
  EXPECT_EQ(drugs[1].drug_caution_size(), 0);
  EXPECT_EQ(drugs[1].creator(), care::v1::CREATOR_OTHER);
  EXPECT_EQ(drugs[2].dosage_form(), care::v1::DOSAGE_FORM_EXTERNAL);
  EXPECT_EQ(drugs[2].prescriber().doctor(), "見本 三郎");
  EXPECT_EQ(drugs[2].prescriber().name(), "架空病院");
}

TEST(JahisImport, WhatHoldsForAnRpHoldsForADrugThatComesAfterIt) {
  const care::v1::Content content = Read(std::string(kHead) +
                                         "201,1,甲錠,1,錠,1,,1\n391,1,運転注意,1\n301,1,朝食後,14,"
                                         "日分,1,1,,1\n201,1,乙錠,1,錠,1,,1\n");
  const auto& drugs = content.medication_list().dispensings(0).drugs();
  ASSERT_EQ(drugs.size(), 2);
  EXPECT_EQ(drugs[1].usage_name(), "朝食後");
  EXPECT_EQ(drugs[1].rp_caution(0).text(), "運転注意");
}

TEST(JahisImport, AMissingDrugCodeIsNamedByLine) {
  const FormOutcome outcome = With("201,1,見本錠,1,錠,2,,1\n301,1,朝食後,14,日分,1,1,,1\n");
  ASSERT_EQ(outcome.problems.size(), 1U) << Say(outcome);
  EXPECT_EQ(outcome.problems[0].path, "7行目 (201)");
  EXPECT_EQ(outcome.problems[0].message_ja,
            "7行目 (201): 薬品コード種別 (code_type) があるときは 薬品コード (code) が必要です");
}

struct BadLine {
  const char* lines;
  const char* path;
  const char* words;
};

TEST(JahisImport, EachBadLineIsNamed) {
  const std::string usage = "301,1,朝食後,14,日分,1,1,,1\n";
  const BadLine cases[] = {
      {"201,1,,1,錠,1,,1\n", "7行目 (201)", "薬品名称"},
      {"201,1,見本錠,,錠,1,,1\n", "7行目 (201)", "用量"},
      {"201,1,見本錠,一,錠,1,,1\n", "7行目 (201)", "用量"},
      {"201,1,見本錠,1,,1,,1\n", "7行目 (201)", "単位"},
      {"201,,見本錠,1,錠,1,,1\n", "7行目 (201)", "RP番号"},
      {"201,1,見本錠,1,錠,5,,1\n", "7行目 (201)", "薬品コード種別"},
      {"201,1,見本錠,1,錠,1,,7\n", "7行目 (201)", "記録者"},
      {"201,1,見本錠,1,錠,1,,1\n", "7行目 (201)", "用法"},
      {"201,1,見本錠,1,錠,1,,1\n301,2,朝食後,14,日分,1,1,,1\n", "8行目 (301)", "同じ RP 番号"},
      {"201,1,見本錠,1,錠,1,,1\n301,1,朝食後,1000,日分,1,1,,1\n", "8行目 (301)", "調剤数量"},
      {"201,1,見本錠,1,錠,1,,1\n301,1,朝食後,14,日分,8,1,,1\n", "8行目 (301)", "剤形"},
      {"201,1,見本錠,1,錠,1,,1\n301,1,朝食後,14,日分,1,2,,1\n", "8行目 (301)", "用法コード"},
      {"281,1,補足,1\n", "7行目 (281)", "直前に"},
      {"291,1,注意,1\n", "7行目 (291)", "直前に"},
      {"311,1,補足,1\n", "7行目 (311)", "同じ RP 番号"},
      {"391,1,注意,1\n", "7行目 (391)", "同じ RP 番号"},
      {"31,1,成分,1,,1\n", "7行目 (31)", "同じ通番"},
      {"5,20260230,1\n", "7行目 (5)", "調剤年月日"},
      {"5,20620310,1\n11,架空薬局,13,4,1,,,,1\n51,架空病院,13,1,1,1\n", "7行目 (5)", "先すぎる"},
      {"411,x,32,1\n", "7行目 (411)", "種別"},
      {"1,見本 花子,2,19800101\n", "7行目 (1)", "患者情報が 2 つ"},
      {"x,1\n", "7行目 (x)", "レコード番号"},
      {"501,,1\n", "7行目 (501)", "内容"}};
  for (const BadLine& bad : cases) {
    const FormOutcome outcome = With(bad.lines);
    EXPECT_TRUE(Names(outcome, bad.path, bad.words)) << bad.lines << Say(outcome);
  }
  EXPECT_TRUE(With("201,1,見本錠,1,錠,1,,1\n" + usage).ok());
  const FormOutcome twice = With("201,1,見本錠,1,錠,1,,1\n" + usage + usage);
  EXPECT_TRUE(Names(twice, "9行目 (301)", "2 つあります")) << Say(twice);
}

TEST(JahisImport, TheHeadIsChecked) {
  EXPECT_TRUE(Names(Import("JAHISTC08,3\n1,架空,1,19800101\n"), "1行目 (JAHISTC08)", "出力区分"));
  EXPECT_TRUE(Names(Import("JAHISTCXX,1\n"), "1行目 (JAHISTCXX)", "版"));
  EXPECT_TRUE(Names(Import("JAHISTC08,1\n1,架空,9,19800101\n3,薬,,,1\n"), "2行目 (1)", "性別"));
  EXPECT_TRUE(Names(Import("JAHISTC08,1\n1,架空,1,\n3,薬,,,1\n"), "2行目 (1)", "生年月日"));
  EXPECT_TRUE(Names(Import("JAHISTC08,1\n1,架空,1,19800101\n11,架空薬局,13,4,1,,,,1\n"),
                    "3行目 (11)", "より前に"));
  EXPECT_FALSE(Import("JAHISTC08,1\n1,架空,1,19800101\n").ok());  // no drug of any kind
}

TEST(JahisImport, WhatIsUnknownIsKeptAndReported) {
  const FormOutcome outcome =
      Import("JAHISTC09,1\n1,架空 太郎,1,19800101\n3,見本薬,,,1\n999,将来の,拡張\n");
  ASSERT_TRUE(outcome.ok()) << Say(outcome);
  ASSERT_EQ(outcome.notices.size(), 2U);
  EXPECT_EQ(outcome.notices[1].path, "4行目 (999)");
  const auto opened = OpenContent(outcome.content);
  EXPECT_EQ(opened->content->medication_list().other_records(0), "999,将来の,拡張");
  const FormOutcome extra = With("501,備考,1,余分\n");
  ASSERT_TRUE(extra.ok()) << Say(extra);
  EXPECT_NE(extra.notices[0].message_ja.find("「余分」は取り込みません"), std::string::npos);
}

TEST(JahisImport, AListThatAPatientWroteMayLackTheDoctorsPart) {
  const FormOutcome outcome =
      Import("JAHISTC08,2\n1,架空 太郎,1,S330303\n5,R020410,2\n201,1,見本錠,,,,,2\n");
  EXPECT_TRUE(outcome.ok()) << Say(outcome);
}

TEST(JahisImport, AHospitalThatDispensesItselfNeedsNoRecord51) {
  const care::v1::Content content = Read(
      "JAHISTC08,1\n1,架空 太郎,1,S330303\n5,R020410,1\n11,架空病院,13,1,1234567,,,,1\n"
      "55,架空 次郎,内科,1\n201,1,見本錠,1,錠,1,,1\n301,1,,14,日分,1,1,,1\n");
  EXPECT_EQ(content.medication_list().dispensings(0).prescriber().name(), "架空病院");
}

// The samples of a public parser, converted to what the format really is.
TEST(JahisImport, ReadsPublicSamples) {
  const auto sample = [](const std::string& name) { return testing::SharedData("jahis/" + name); };
  const std::string minimal = sample("tc-minimal-valid.txt");
  if (minimal.empty()) {
    GTEST_SKIP() << "The shared test data is not there (RENKEI_SHARED_DATA).";
  }
  EXPECT_TRUE(Import(minimal).ok()) << Say(Import(minimal));
  const FormOutcome multi = Import(sample("tc-multi-dispensing.txt"));
  ASSERT_TRUE(multi.ok()) << Say(multi);
  EXPECT_EQ(OpenContent(multi.content)->content->medication_list().dispensings_size(), 2);
  const FormOutcome missing = Import(sample("tc-invalid-missing-drug-code.txt"));
  EXPECT_TRUE(Names(missing, "4行目 (201)", "薬品コード")) << Say(missing);
  const FormOutcome part = Import(sample("tc-split-output-part-2.txt"));
  EXPECT_TRUE(Names(part, "911", "1, 3 番目がありません")) << Say(part);
  EXPECT_TRUE(
      Names(ImportJahis({ToBytes(std::string_view(minimal))}, testing::Now()), "", "UTF-8"));
}

}  // namespace
}  // namespace renkei::documents
