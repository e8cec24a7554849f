#include "client/documents/check_between.h"

#include <google/protobuf/message.h>
#include <gtest/gtest.h>

#include "renkei/care/v1/content.pb.h"
#include "tests/client/documents/sample.h"

namespace renkei::documents {
namespace {

using testing::Names;
using testing::Now;
using testing::Say;

FormOutcome Parse(Kind kind, const std::string& json) {
  return ParseForm(kind, json, Now());
}

FormOutcome Vitals(const std::string& json) {
  return Parse(Kind::kNote, R"({"text":"x","vitals":{)" + json + "}}");
}

TEST(Between, SystolicIsAboveDiastolic) {
  EXPECT_TRUE(Vitals(R"("bp_sys":90,"bp_dia":89)").ok());
  EXPECT_TRUE(Names(Vitals(R"("bp_sys":90,"bp_dia":90)"), "vitals.bp_sys", "より大きく"));
  EXPECT_TRUE(Names(Vitals(R"("bp_sys":80,"bp_dia":120)"), "vitals.bp_sys", "より大きく"));
}

TEST(Between, BloodPressureIsAPair) {
  EXPECT_TRUE(Names(Vitals(R"("bp_sys":120)"), "vitals.bp_dia", "が必要です"));
  EXPECT_TRUE(Names(Vitals(R"("bp_dia":80)"), "vitals.bp_sys", "が必要です"));
}

TEST(Between, AdmissionIsNotAfterDischarge) {
  const auto stay = [](const std::string& from, const std::string& to) {
    return Parse(Kind::kDischargeSummary,
                 R"({"admission_date":")" + from + R"(","discharge_date":")" + to + "\"}");
  };
  EXPECT_FALSE(Names(stay("2026-03-01", "2026-03-01"), "admission_date", "より後"));
  EXPECT_TRUE(Names(stay("2026-03-02", "2026-03-01"), "admission_date", "より後"));
}

TEST(Between, AnAmbulanceArrivesAfterTheCall) {
  const auto call = [](const std::string& at, const std::string& arrived) {
    return Parse(Kind::kUrgentReport,
                 R"({"identify":"x","situation":"x","request":"x","119":{"called":"あり","at":")" +
                     at + R"(","arrived":")" + arrived + "\"}}");
  };
  EXPECT_TRUE(call("2026-03-14T02:40", "2026-03-14T02:50").ok());
  const FormOutcome backwards = call("2026-03-14T02:50", "2026-03-14T02:40");
  EXPECT_TRUE(Names(backwards, "119.at", "より後")) << Say(backwards);
}

TEST(Between, AQueryHasAnOwnerAndAText) {
  const auto query = [](const std::string& json) { return Parse(Kind::kMedicationNote, json); };
  EXPECT_TRUE(query(R"({"purpose":"提案","to":"伊藤 医師","text":"x"})").ok());
  EXPECT_TRUE(Names(query(R"({"purpose":"提案","text":"x"})"), "owner", "が必要です"));
  EXPECT_TRUE(
      Names(query(R"({"purpose":"提案","owner":"伊藤","leftover":"x"})"), "text", "が必要です"));
  EXPECT_TRUE(Names(query(R"({"text":"x","reply_due":"2026-03-20"})"), "purpose", "が必要です"));
  EXPECT_TRUE(Names(query(R"({"drug_name":"x"})"), "", "どれかが必要"));
}

TEST(Between, ACodeNeedsItsKindAndAKindItsCode) {
  const auto drug = [](const std::string& json) {
    return Parse(Kind::kMedicationList, R"({"dispensed_on":"2026-03-11","dispenser":"架空薬局",
      "prescriber":"架空医院","drugs":[{"rp_no":1,"drug_name":"見本","dose":1,"unit":"錠",
      "usage_name":"朝食後",)" + json + "}]}");
  };
  EXPECT_TRUE(drug(R"("code_type":"なし")").ok());
  EXPECT_TRUE(drug(R"("code_type":"YJ","code":"1179044F1ZZZ")").ok());
  EXPECT_TRUE(Names(drug(R"("code_type":"YJ")"), "dispensings[0].drugs[0].code", "が必要です"));
  EXPECT_TRUE(Names(drug(R"("code":"1")"), "dispensings[0].drugs[0].code_type", "が必要です"));
  EXPECT_FALSE(drug(R"("usage_code_type":"JAMI")").ok());
  EXPECT_FALSE(drug(R"("general_code_type":"2")").ok());
}

TEST(Between, ConsciousnessIsSaidOnceOrTwiceTheSame) {
  const auto report = [](const std::string& inner) {
    return Parse(Kind::kUrgentReport, R"({"identify":"x","situation":"x","request":"x",
      "consciousness":"JCS10","vitals":{"consciousness":")" +
                                          inner + "\"}}");
  };
  EXPECT_TRUE(report("Ⅱ-10").ok());
  EXPECT_TRUE(Names(report("JCS 0"), "consciousness", "が違います"));
}

TEST(Between, ReportersAreIdentifiedSomehow) {
  EXPECT_TRUE(
      Parse(Kind::kUrgentReport, R"({"identify":{"place":"自宅"},"situation":"x","request":"x"})")
          .ok());
  const FormOutcome nobody =
      Parse(Kind::kUrgentReport, R"({"identify":{"patient":"x"},"situation":"x","request":"x"})");
  EXPECT_TRUE(Names(nobody, "identify", "どれかが必要")) << Say(nobody);
}

TEST(Between, ValuesAreFoundThroughDots) {
  care::v1::UrgentReport report;
  EXPECT_EQ(ValueAt(report, "vitals.rr"), "");
  EXPECT_EQ(Resolve(report, "vitals.rr").field, nullptr);
  report.mutable_vitals()->set_rr(18);
  EXPECT_EQ(ValueAt(report, "vitals.rr"), "18");
  EXPECT_EQ(ValueAt(report, "vitals"), "");
}

}  // namespace
}  // namespace renkei::documents
