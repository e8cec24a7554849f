#include <gtest/gtest.h>

#include "tests/client/documents/sample.h"

namespace renkei::documents {
namespace {

using testing::Now;
using testing::Say;

Bytes Parse(Kind kind, const std::string& json) {
  const FormOutcome outcome = ParseForm(kind, json, Now());
  EXPECT_TRUE(outcome.ok()) << Say(outcome);
  return outcome.content;
}

Bytes Drugs(const std::string& names, const std::string& dose_of_last = "1") {
  std::string drugs;
  int rp = 0;
  for (const char name : names) {
    ++rp;
    drugs += (drugs.empty() ? "" : ",") + std::string(R"({"rp_no":)") + std::to_string(rp) +
             R"(,"drug_name":")" + name + R"(錠","dose":)" +
             (name == names.back() ? dose_of_last : "1") + R"(,"unit":"錠","usage_name":"朝食後"})";
  }
  return Parse(Kind::kMedicationList, R"({"dispensed_on":"2026-03-11","dispenser":"架空薬局",
      "prescriber":"架空医院","drugs":[)" +
                                          drugs + "]}");
}

TEST(Diff, SaysFromWhatToWhat) {
  const Bytes before = Parse(Kind::kNote, R"({"text":"本文","vitals":{"weight":48.4,"rr":18}})");
  const Bytes after =
      Parse(Kind::kNote, R"({"text":"本文","vitals":{"weight":44.8},"title":"新"})");
  EXPECT_EQ(*DiffText(before, after),
            "件名: （なし）→「新」\n"
            "バイタル > 呼吸数: 「18 /分」→（なし）\n"
            "バイタル > 体重: 「48.4 kg」→「44.8 kg」\n");
  const auto changes = Diff(before, after);
  ASSERT_TRUE(changes.ok());
  EXPECT_EQ((*changes)[2].path, "vitals.weight");
  EXPECT_TRUE(Diff(before, before)->empty());
}

TEST(Diff, ShowsOnlyTheLinesThatChanged) {
  const Bytes before = Parse(Kind::kNote, R"({"text":"一\n二\n三\n四"})");
  EXPECT_EQ(*DiffText(before, Parse(Kind::kNote, R"({"text":"一\n弐\n三\n四"})")),
            "本文: 「二」→「弐」\n");
  EXPECT_EQ(*DiffText(before, Parse(Kind::kNote, R"({"text":"一\n二\n四"})")),
            "本文: 「三\n四」→「四」\n");
  EXPECT_EQ(*DiffText(before, Parse(Kind::kNote, R"({"text":"零"})")),
            "本文: 「一\n二\n三\n四」→「零」\n");
}

TEST(Diff, ADrugTakenOutDoesNotChangeTheOthers) {
  // RP numbers move with the place, so the list is made with the same ones.
  const Bytes before = Parse(Kind::kMedicationNote, R"({"leftover":["甲","乙","丙","丁"]})");
  const Bytes after = Parse(Kind::kMedicationNote, R"({"leftover":["甲","丙","丁","戊"]})");
  EXPECT_EQ(*DiffText(before, after), "残薬 2: 「乙」→（なし）\n残薬 4: （なし）→「戊」\n");
}

TEST(Diff, AChangedDrugIsComparedFieldByField) {
  EXPECT_EQ(*DiffText(Drugs("abc"), Drugs("abc", "2")),
            "調剤情報 1 > 薬剤 3 > 用量: 「1」→「2」\n");
}

TEST(Diff, TwoKindsCannotBeCompared) {
  const Bytes note = Parse(Kind::kNote, R"({"text":"x"})");
  EXPECT_EQ(Diff(note, Drugs("a")).error().code(), Code::kConflict);
  EXPECT_EQ(DiffText(note, {}).error().code(), Code::kMalformed);
}

}  // namespace
}  // namespace renkei::documents
