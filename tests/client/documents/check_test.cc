// Breaks each rule of the .proto files alone, in every place of every form.
#include "client/documents/check.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <gtest/gtest.h>

#include <cmath>
#include <sstream>

#include "renkei/care/v1/options.pb.h"
#include "tests/client/documents/sample.h"

namespace renkei::documents {
namespace {

using testing::AllSpots;
using testing::FormKinds;
using testing::kNow;
using testing::Names;
using testing::Now;
using testing::Remove;
using testing::Sample;
using testing::Say;
using testing::Spot;
using testing::Text;
using testing::With;

FormOutcome Parse(Kind kind, const std::string& json) {
  return ParseForm(kind, json, Now());
}

JsonValue Number(double value) {
  std::ostringstream text;
  text.precision(12);
  text << value;
  return JsonNumber(text.str());
}

bool OutOfRange(const Spot& spot, double value) {
  return Names(Parse(spot.kind, With(spot, Number(value))), spot.path, "範囲外です");
}

TEST(Check, EveryCompleteSampleIsInOrder) {
  for (const Kind kind : FormKinds()) {
    const FormOutcome outcome = Parse(kind, Text(Sample(kind)));
    EXPECT_TRUE(outcome.ok()) << KindName(kind) << "\n" << Say(outcome);
    EXPECT_TRUE(CheckContent(outcome.content, kNow).empty());
  }
}

TEST(Check, EachMissingRequiredFieldIsNamed) {
  int required = 0;
  for (const Spot& spot : AllSpots()) {
    if (!RuleOf(*spot.field).required()) {
      continue;
    }
    ++required;
    JsonValue form = Sample(spot.kind);
    Remove(form, spot);
    const FormOutcome outcome = Parse(spot.kind, Text(form));
    EXPECT_TRUE(Names(outcome, spot.path, "必須の項目 " + RuleOf(*spot.field).label()))
        << KindName(spot.kind) << " " << spot.path << "\n"
        << Say(outcome);
    EXPECT_TRUE(outcome.content.empty());
  }
  EXPECT_GT(required, 60);
}

TEST(Check, EachOptionalFieldMayBeLeftOut) {
  for (const Spot& spot : AllSpots()) {
    if (RuleOf(*spot.field).required()) {
      continue;
    }
    JsonValue form = Sample(spot.kind);
    Remove(form, spot);
    for (const FormProblem& problem : Parse(spot.kind, Text(form)).problems) {
      // Only a rule between fields may ask for it.
      EXPECT_EQ(problem.message_ja.find("必須の項目"), std::string::npos) << problem.message_ja;
    }
  }
}

TEST(Check, EachNumberIsHeldToItsLimits) {
  int numbers = 0;
  for (const Spot& spot : AllSpots()) {
    const auto& rule = RuleOf(*spot.field);
    if (!rule.has_min() || !rule.has_max()) {
      continue;
    }
    ++numbers;
    const double step = spot.field->cpp_type() == Field::CPPTYPE_INT32
                            ? 1
                            : std::pow(10, -static_cast<double>(rule.decimals()));
    EXPECT_FALSE(OutOfRange(spot, rule.min())) << spot.path;
    EXPECT_FALSE(OutOfRange(spot, rule.max())) << spot.path;
    EXPECT_TRUE(OutOfRange(spot, rule.max() + step)) << spot.path;
    // Decimals have no sign: below nought there is nothing to try.
    if (rule.format() != care::v1::FORMAT_DECIMAL) {
      EXPECT_TRUE(OutOfRange(spot, rule.min() - step)) << spot.path;
    } else if (rule.min() > 0) {
      EXPECT_TRUE(OutOfRange(spot, 0)) << spot.path;
    }
  }
  EXPECT_GT(numbers, 50);
}

TEST(Check, ARespiratoryRateOf400IsRefusedInWords) {
  const FormOutcome outcome = Parse(Kind::kNote, R"({"text":"x","vitals":{"rr":400}})");
  ASSERT_EQ(outcome.problems.size(), 1U);
  EXPECT_EQ(outcome.problems[0].path, "vitals.rr");
  EXPECT_EQ(outcome.problems[0].message_ja, "呼吸数 (vitals.rr) 400 は 4〜70 /分 の範囲外です");
  EXPECT_EQ(outcome.problems[0].message_en, "vitals.rr 400 is outside 4〜70 /分");
}

TEST(Check, JpCoresVitalSignExampleIsImplausible) {
  const std::string text =
      testing::SharedData("fhir/jp-core/Observation-jp-observation-vitalsigns-example-1.json");
  if (text.empty()) {
    GTEST_SKIP() << "The shared test data is not there (RENKEI_SHARED_DATA).";
  }
  JsonValue observation;
  ASSERT_EQ(ParseJson(text, 12, observation).what, JsonFault::What::kNone);
  Spot value;
  value.steps = {"valueQuantity", "value"};
  const std::string rate = testing::At(observation, value).text;
  EXPECT_EQ(rate, "400");
  const FormOutcome outcome =
      Parse(Kind::kUrgentReport,
            R"({"identify":"x","situation":"x","request":"x","vitals":{"rr":)" + rate + "}}");
  EXPECT_TRUE(Names(outcome, "vitals.rr", "4〜70 /分 の範囲外")) << Say(outcome);
}

TEST(Check, DecimalsAndStepsAreLimited) {
  const auto vitals = [](const std::string& json) {
    return Parse(Kind::kNote, R"({"text":"x","vitals":{)" + json + "}}");
  };
  EXPECT_TRUE(vitals(R"("temp":36.85)").ok());
  EXPECT_TRUE(Names(vitals(R"("temp":36.855)"), "vitals.temp", "小数点以下は 2 桁まで"));
  const FormOutcome barthel = Parse(Kind::kDischargeSummary, R"({"adl":62})");
  EXPECT_TRUE(Names(barthel, "adl.total", "5 の倍数")) << Say(barthel);
}

TEST(Check, EachTextHasALimit) {
  for (const Spot& spot : AllSpots()) {
    const auto format = RuleOf(*spot.field).format();
    const bool text = spot.field->cpp_type() == Field::CPPTYPE_STRING &&
                      (format == care::v1::FORMAT_TEXT || format == care::v1::FORMAT_KANA ||
                       format == care::v1::FORMAT_DIGITS || format == care::v1::FORMAT_CODE);
    if (!text) {
      continue;
    }
    const std::string unit = format == care::v1::FORMAT_TEXT   ? "薬"
                             : format == care::v1::FORMAT_KANA ? "ア"
                                                               : "1";
    std::string full;
    for (std::size_t i = 0; i < MaxChars(*spot.field); ++i) {
      full += unit;
    }
    const std::string path = spot.path + (spot.field->is_repeated() ? "[0]" : "");
    const FormOutcome fits = Parse(spot.kind, With(spot, JsonString(full)));
    EXPECT_FALSE(Names(fits, path, "文字まで")) << path;
    const FormOutcome over = Parse(spot.kind, With(spot, JsonString(full + unit)));
    EXPECT_TRUE(Names(over, path, "文字まで")) << path << "\n" << Say(over);
  }
}

TEST(Check, NoTextHoldsControlCharacters) {
  for (const Spot& spot : AllSpots()) {
    if (spot.field->cpp_type() != Field::CPPTYPE_STRING ||
        RuleOf(*spot.field).format() != care::v1::FORMAT_TEXT) {
      continue;
    }
    const std::string path = spot.path + (spot.field->is_repeated() ? "[0]" : "");
    for (const char* bad : {"薬\x1b[2J", "薬\u202e", "薬\u0085"}) {
      const FormOutcome outcome = Parse(spot.kind, With(spot, JsonString(bad)));
      EXPECT_TRUE(Names(outcome, path, "制御文字")) << path << "\n" << Say(outcome);
    }
    const FormOutcome lines = Parse(spot.kind, With(spot, JsonString("一\n二")));
    EXPECT_EQ(Names(lines, path, "改行は使えません"), !RuleOf(*spot.field).multiline()) << path;
  }
}

TEST(Check, EachFormatIsHeld) {
  for (const Spot& spot : AllSpots()) {
    const auto format = RuleOf(*spot.field).format();
    if (spot.field->cpp_type() != Field::CPPTYPE_STRING || format == care::v1::FORMAT_TEXT) {
      continue;
    }
    const FormOutcome outcome = Parse(spot.kind, With(spot, JsonString("見本！")));
    EXPECT_TRUE(Names(outcome, spot.path, "")) << spot.path << "\n" << Say(outcome);
  }
}

TEST(Check, NoDateIsFarInTheFuture) {
  for (const Spot& spot : AllSpots()) {
    const auto format = RuleOf(*spot.field).format();
    if (format != care::v1::FORMAT_DATE && format != care::v1::FORMAT_DATE_TIME &&
        format != care::v1::FORMAT_MOMENT) {
      continue;
    }
    const std::string time = format == care::v1::FORMAT_DATE_TIME ? "T12:00" : "";
    const FormOutcome outcome = Parse(spot.kind, With(spot, JsonString("2062-03-10" + time)));
    EXPECT_TRUE(Names(outcome, spot.path, "先すぎる") || Names(outcome, spot.path, "未来の日付"))
        << spot.path << "\n"
        << Say(outcome);
  }
}

TEST(Check, ABirthdayInTheFutureIsRefusedAndAVisitInTheFutureIsNoticed) {
  const auto patient = [](const std::string& birth) {
    return Parse(Kind::kPatient,
                 R"({"name":"架空","kana":"カクウ","sex":"女","birth_date":")" + birth + "\"}");
  };
  EXPECT_TRUE(patient("2026-04-01").ok());
  EXPECT_TRUE(Names(patient("2026-04-02"), "birth_date", "未来の日付"));
  const FormOutcome later =
      Parse(Kind::kNote, R"({"text":"x","vitals":{"measured_at":"2026-04-02T08:00"}})");
  ASSERT_TRUE(later.ok()) << Say(later);
  ASSERT_EQ(later.notices.size(), 1U);
  EXPECT_EQ(later.notices[0].path, "vitals.measured_at");
}

TEST(Check, DrugsOfOneRpShareTheirUsage) {
  const auto list = [](const std::string& second) {
    return Parse(Kind::kMedicationList, R"({"dispensed_on":"2026-03-11","dispenser":"架空薬局",
      "prescriber":"架空医院","drugs":[
      {"rp_no":1,"drug_name":"甲錠","dose":1,"unit":"錠","usage_name":"朝食後","qty":14},
      {"rp_no":)" + second + R"(,"drug_name":"乙錠","dose":1,"unit":"錠"}]})");
  };
  EXPECT_TRUE(list(R"(1,"usage_name":"朝食後","qty":14)").ok());
  EXPECT_TRUE(list(R"(2,"usage_name":"夕食後","qty":7)").ok());
  EXPECT_TRUE(Names(list(R"(1,"usage_name":"夕食後","qty":14)"),
                    "dispensings[0].drugs[1].usage_name", "同じ rp_no"));
  EXPECT_TRUE(Names(list(R"(1,"usage_name":"朝食後","qty":7)"), "dispensings[0].drugs[1].qty",
                    "同じ rp_no"));
}

TEST(Check, WhatTheFormatWaivesIsNotRequired) {
  const auto list = [](const std::string& dispenser, const std::string& rest) {
    return Parse(Kind::kMedicationList, R"({"dispensings":[{"dispensed_on":"2026-03-11",
      "dispenser":{"name":"架空",)" + dispenser +
                                            R"(},"drugs":[{"rp_no":1,"drug_name":"見本",
      "dose":1,"unit":"錠"}]}])" + rest + "}");
  };
  // A pharmacy: prescriber and usage are required.
  const FormOutcome pharmacy = list(R"("score_table_code":"4")", "");
  EXPECT_TRUE(Names(pharmacy, "dispensings[0].prescriber", "必須")) << Say(pharmacy);
  EXPECT_TRUE(Names(pharmacy, "dispensings[0].drugs[0].usage_name", "必須"));
  // A hospital that dispenses itself, and a list that a patient wrote.
  EXPECT_TRUE(list(R"("score_table_code":"1")", "").ok());
  EXPECT_TRUE(list(R"("score_table_code":"4")", R"(,"direction":"2")").ok());
}

}  // namespace
}  // namespace renkei::documents
