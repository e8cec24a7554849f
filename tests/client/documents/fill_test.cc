#include "client/documents/fill.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <gtest/gtest.h>

#include "renkei/care/v1/content.pb.h"
#include "renkei/care/v1/options.pb.h"
#include "tests/client/documents/sample.h"

namespace renkei::documents {
namespace {

using testing::AllSpots;
using testing::At;
using testing::Names;
using testing::Now;
using testing::Sample;
using testing::Say;
using testing::Spot;
using testing::Text;
using testing::With;

FormOutcome Parse(Kind kind, const std::string& json) {
  return ParseForm(kind, json, Now());
}

JsonValue Wrong(const Field& field) {
  const bool string = field.cpp_type() == Field::CPPTYPE_STRING;
  return string ? JsonValue{JsonValue::Type::kBool, "true", {}, {}}
                : JsonValue{JsonValue::Type::kArray, "", {}, {}};
}

TEST(Fill, EveryWrongTypeIsRefusedByName) {
  for (const Spot& spot : AllSpots()) {
    const FormOutcome outcome = Parse(spot.kind, With(spot, Wrong(*spot.field)));
    const std::string path = spot.path + (spot.field->is_repeated() ? "[0]" : "");
    EXPECT_TRUE(Names(outcome, path, "書いてください")) << path << "\n" << Say(outcome);
  }
}

TEST(Fill, NumbersInQuotesAreRefused) {
  for (const Spot& spot : AllSpots()) {
    const bool number = spot.field->cpp_type() == Field::CPPTYPE_INT32 ||
                        spot.field->cpp_type() == Field::CPPTYPE_DOUBLE;
    if (number) {
      const FormOutcome outcome = Parse(spot.kind, With(spot, JsonString("50")));
      EXPECT_TRUE(Names(outcome, spot.path, "数値")) << spot.path << "\n" << Say(outcome);
    }
  }
}

TEST(Fill, EveryListValueIsReadInFullAndHalfWidth) {
  for (const Spot& spot : AllSpots()) {
    if (spot.field->enum_type() == nullptr) {
      continue;
    }
    const auto& list = *spot.field->enum_type();
    const FormOutcome wrong = Parse(spot.kind, With(spot, JsonString("どれでもない")));
    const std::string path = spot.path + (spot.field->is_repeated() ? "[0]" : "");
    EXPECT_TRUE(Names(wrong, path, ListText(list))) << path << "\n" << Say(wrong);
    for (int i = 1; i < list.value_count(); ++i) {
      std::string wide;
      for (const char c : ValueText(list, list.value(i)->number())) {
        const bool ascii = c > ' ' && c < 0x7F;
        wide += ascii ? std::string("\xEF") + static_cast<char>(0xBC + (c - 0x20) / 64) +
                            static_cast<char>(0x80 + (c - 0x20) % 64)
                      : std::string(1, c);
      }
      EXPECT_EQ(FindValue(list, wide), list.value(i)->number()) << wide;
    }
  }
}

TEST(Fill, UnknownKeysAreRefusedWithASuggestion) {
  const FormOutcome top = Parse(Kind::kDischargeSummary, R"({"dis_dxx":"x"})");
  EXPECT_TRUE(Names(top, "dis_dxx", "「dis_dx」のことですか")) << Say(top);
  const FormOutcome inner = Parse(Kind::kUrgentReport, R"({"vitals":{"呼吸数":18}})");
  EXPECT_TRUE(Names(inner, "vitals.呼吸数", "「rr」のことですか")) << Say(inner);
  const FormOutcome far = Parse(Kind::kNote, R"({"text":"x","zzzzzzzzzz":1})");
  EXPECT_TRUE(Names(far, "zzzzzzzzzz", "項目はありません")) << Say(far);
  EXPECT_EQ(far.problems[0].message_en, "unknown field zzzzzzzzzz");
}

TEST(Fill, AKeyInAProblemCannotSteerTheTerminal) {
  const FormOutcome outcome = Parse(Kind::kNote, "{\"text\":\"x\",\"\\u001b[2J\":1}");
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(Say(outcome).find('\x1b'), std::string::npos);
}

TEST(Fill, WhatTheProgramSetsIsNotReadFromAFile) {
  for (const char* key : {"record_id", "case_id", "author", "created_at", "received_at", "version",
                          "supersedes", "visibility", "attachments"}) {
    const FormOutcome outcome =
        Parse(Kind::kNote, std::string(R"({"text":"x",")") + key + R"(":"1"})");
    EXPECT_TRUE(Names(outcome, key, "自動で付きます")) << key << "\n" << Say(outcome);
  }
  EXPECT_FALSE(Parse(Kind::kAnswer, R"({"text":"x","answers":"1"})").ok());
  EXPECT_FALSE(Parse(Kind::kAnswer, R"({"text":"x","correction_reason":"1"})").ok());
}

TEST(Fill, TheKindMayBeStatedIfItIsTheSame) {
  EXPECT_TRUE(Parse(Kind::kNote, R"({"kind":"note","text":"x","entry_language":"ja"})").ok());
  EXPECT_TRUE(Names(Parse(Kind::kNote, R"({"kind":"urgent-report","text":"x"})"), "kind", "note"));
  EXPECT_FALSE(Parse(Kind::kNote, R"({"text":"x","entry_language":"en"})").ok());
}

TEST(Fill, AValueAloneFillsTheMainField) {
  const FormOutcome outcome = Parse(
      Kind::kPatient,
      R"({"name":"架空","kana":"ｶｸｳ","birth_date":"S18.6.12","sex":"女性","key_person":"架空 直美"})");
  ASSERT_TRUE(outcome.ok()) << Say(outcome);
  EXPECT_EQ(
      *RenderJson(outcome.content),
      R"({"name":"架空","kana":"カクウ","birth_date":"1943-06-12","sex":"女","key_person":"架空 直美"})");
}

TEST(Fill, OneElementNeedsNoList) {
  const FormOutcome outcome =
      Parse(Kind::kMedicationNote, R"({"leftover":{"drug":"見本錠","count":12}})");
  ASSERT_TRUE(outcome.ok()) << Say(outcome);
  EXPECT_EQ(*RenderJson(outcome.content), R"({"leftover":[{"drug":"見本錠","count":12}]})");
}

TEST(Fill, OneDispensingNeedsNoList) {
  const FormOutcome outcome = Parse(Kind::kMedicationList, R"({
    "dispensed_on":"2026-03-11","dispenser":"架空薬局","prescriber":"架空医院",
    "drugs":[{"rp_no":1,"drug_name":"見本錠","dose":1.5,"unit":"錠","usage_name":"朝食後"}]})");
  ASSERT_TRUE(outcome.ok()) << Say(outcome);
  EXPECT_EQ(*RenderJson(outcome.content),
            R"({"dispensings":[{"dispensed_on":"2026-03-11","dispenser":"架空薬局",)"
            R"("prescriber":"架空医院","drugs":[{"rp_no":1,"drug_name":"見本錠","dose":1.5,)"
            R"("unit":"錠","usage_name":"朝食後"}]}]})");
}

TEST(Fill, OneDrugNeedsNoListEither) {
  const FormOutcome outcome = Parse(Kind::kMedicationList, R"({
    "dispensed_on":"2026-03-11","dispenser":"架空薬局","prescriber":"架空医院",
    "rp_no":1,"drug_name":"見本錠","dose":1,"unit":"錠","usage_name":"朝食後"})");
  EXPECT_TRUE(outcome.ok()) << Say(outcome);
}

TEST(Fill, NothingWrittenIsNotThere) {
  const FormOutcome outcome = Parse(Kind::kNote, R"({"text":"本文","title":" 　","vitals":{},
      "alert_level":null,"_comment":"任意","source":[],"patient":{"name":"［任意 氏名］"}})");
  ASSERT_TRUE(outcome.ok()) << Say(outcome);
  EXPECT_EQ(*RenderJson(outcome.content), R"({"text":"本文"})");
}

TEST(Fill, ZeroIsThere) {
  const FormOutcome outcome =
      Parse(Kind::kNote, R"({"text":"x","vitals":{"o2_flow":0,"pain_NRS":0}})");
  ASSERT_TRUE(outcome.ok()) << Say(outcome);
  EXPECT_EQ(*RenderJson(outcome.content), R"({"text":"x","vitals":{"o2_flow":0,"pain_NRS":0}})");
}

TEST(Fill, HugeAndBrokenNumbersAreOutOfRangeNotOverflowed) {
  for (const char* number :
       {"400", "1e300", "-1e300", "99999999999999999999999", "-5", "1e9", "2.5e9"}) {
    const FormOutcome outcome =
        Parse(Kind::kNote, std::string(R"({"text":"x","vitals":{"rr":)") + number + "}}");
    EXPECT_TRUE(Names(outcome, "vitals.rr", "範囲外")) << number << "\n" << Say(outcome);
  }
  EXPECT_TRUE(
      Names(Parse(Kind::kNote, R"({"text":"x","vitals":{"rr":18.5}})"), "vitals.rr", "整数"));
  EXPECT_TRUE(Parse(Kind::kNote, R"({"text":"x","vitals":{"rr":18.0}})").ok());
}

TEST(Fill, DecimalsKeepTheirDigits) {
  const auto dose = [](const std::string& value) {
    return Parse(Kind::kMedicationNote, R"({"leftover":[{"drug":"x","count":)" + value + "}]}");
  };
  EXPECT_EQ(*RenderJson(dose("2.50").content), R"({"leftover":[{"drug":"x","count":2.50}]})");
  EXPECT_EQ(*RenderJson(dose("\"００．５\"").content),
            R"({"leftover":[{"drug":"x","count":0.5}]})");
  EXPECT_TRUE(Names(dose("\"半錠\""), "leftover[0].count", "数値")) << Say(dose("\"半錠\""));
  EXPECT_FALSE(dose("\"1/2\"").ok());
  EXPECT_FALSE(dose("\"-1\"").ok());
  EXPECT_FALSE(dose("1e3").ok());
}

TEST(Fill, TextFromOtherFormatsIsSetByTheSameRules) {
  Problems problems;
  Filler filler(problems);
  care::v1::Drug drug;
  const Descriptor& type = *care::v1::Drug::descriptor();
  EXPECT_TRUE(filler.SetText(drug, *type.FindFieldByName("rp_no"), "１", "x"));
  EXPECT_TRUE(filler.SetText(drug, *type.FindFieldByName("code_type"), "4", "x"));
  EXPECT_TRUE(filler.SetText(drug, *type.FindFieldByName("unit"), " ", "x"));
  EXPECT_FALSE(filler.SetText(drug, *type.FindFieldByName("qty"), "三", "x.qty"));
  EXPECT_FALSE(filler.SetText(drug, *type.FindFieldByName("drug_name"), "\x82\xA0", "x.name"));
  EXPECT_EQ(drug.rp_no(), 1);
  EXPECT_EQ(drug.code_type(), care::v1::DRUG_CODE_TYPE_YJ);
  EXPECT_FALSE(drug.has_qty());
  EXPECT_EQ(problems.count(), 2U);
}

TEST(Fill, ListsHaveALimit) {
  for (const Spot& spot : AllSpots()) {
    if (!spot.field->is_repeated()) {
      continue;
    }
    JsonValue form = Sample(spot.kind);
    JsonValue& list = At(form, spot, true);
    const JsonValue item = list.items[0];
    list.items.assign(MaxItems(*spot.field) + 1, item);
    const FormOutcome outcome = Parse(spot.kind, Text(form));
    EXPECT_TRUE(Names(outcome, spot.path, "件まで")) << spot.path << "\n" << Say(outcome);
  }
}

}  // namespace
}  // namespace renkei::documents
