#include "client/cli/output.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "client/documents/form.h"

namespace renkei::cli {
namespace {

using testing::HasSubstr;
using testing::internal::CaptureStdout;
using testing::internal::GetCapturedStdout;

client::PersonView Nurse() {
  client::PersonView out;
  out.name = "江口 さくら";
  out.profession = "Registered Nurse";
  out.institution = "架空訪問看護ステーション";
  return out;
}

client::RecordView Note() {
  client::RecordView out;
  out.kind = static_cast<std::uint32_t>(documents::Kind::kNote);
  out.author = Nurse();
  out.created_at = {1773451800000};
  out.content = documents::ParseForm(documents::Kind::kNote, R"({"text": "変わりなし"})",
                                     {.now = {}, .original = {}})
                    .content;
  return out;
}

TEST(Printing, NothingFromOthersDrivesTheTerminalOrTurnsTextAround) {
  EXPECT_EQ(Printable("a\x1b[2Jb\x07\n\tc"), "a\uFFFD[2Jb\uFFFD\n\tc");
  EXPECT_EQ(Printable("\u009B2J"), "\uFFFD2J") << "CSI as one character";
  EXPECT_EQ(Printable("a\x9B"
                      "2J"),
            "a\uFFFD2J")
      << "CSI as one byte";
  EXPECT_EQ(Printable("\u200F10 5\u061C\u202E"), "\uFFFD10 5\uFFFD\uFFFD") << "a dose backwards";
  EXPECT_EQ(Printable("日本語、。「」ー１（架空）é ü"), "日本語、。「」ー１（架空）é ü");
}

TEST(Printing, ProfessionsAreShownInTheUsersLanguage) {
  setenv("RENKEI_LANG", "ja", 1);
  EXPECT_THAT(PersonText(Nurse()), HasSubstr("看護師"));
  setenv("RENKEI_LANG", "en", 1);
  EXPECT_THAT(PersonText(Nurse()), HasSubstr("Registered Nurse"));
  unsetenv("RENKEI_LANG");
}

TEST(Json, ARecordHasEveryKeyThatOthersRelyOn) {
  const Json object = RecordJson(Note());
  for (const char* key :
       {"record", "case", "kind", "author", "created_at", "seq", "state", "content"}) {
    EXPECT_TRUE(object.contains(key)) << key;
  }
  EXPECT_EQ(object["kind"], "note");
  EXPECT_EQ(object["author"]["name"], "江口 さくら");
  EXPECT_EQ(object["author"]["profession"], "Registered Nurse");
  EXPECT_EQ(object["author"]["institution"], "架空訪問看護ステーション");
  EXPECT_EQ(object["created_at"], "2026-03-14T10:30:00+09:00");
  EXPECT_EQ(object["seq"], nullptr) << "a record that waits has no place in the thread yet";
  EXPECT_EQ(object["state"], "waiting");
  EXPECT_EQ(object["content"]["text"], "変わりなし");
  EXPECT_FALSE(object.contains("corrects"));
}

TEST(Json, ACorrectionNamesWhatItCorrectsAndWhy) {
  client::RecordView record = Note();
  record.corrects = RecordId{};
  record.correction_reason = "転記誤り";
  const Json object = RecordJson(record);
  EXPECT_EQ(object["corrects"], RecordId{}.Text());
  EXPECT_EQ(object["reason"], "転記誤り");
}

TEST(Json, ARecordThatDoesNotCountSaysSoEverywhere) {
  client::RecordView record = Note();
  EXPECT_FALSE(RecordJson(record).contains("problem"));
  record.problem = "record: its number was used before";
  EXPECT_EQ(RecordJson(record)["problem"], "record: its number was used before");
  CaptureStdout();
  PrintRecord(record, {});
  PrintRecordLine(record);
  const std::string text = GetCapturedStdout();
  EXPECT_NE(text.rfind("used before"), text.find("used before")) << "in full and in lists";
}

TEST(Json, IsOneLineEvenWithHostileText) {
  CaptureStdout();
  PrintJson({{"text", "line\nbreak \xff\xfe"}});
  const std::string out = GetCapturedStdout();
  EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 1);
  EXPECT_FALSE(Json::parse(out).is_discarded());
}

TEST(Coverage, ShowsFourStatesAndProfessionsMissing) {
  client::CoverageView view;
  view.record = Note();
  client::CoverageRow row;
  row.person = Nurse();
  row.received_at = Millis{1773451800000};
  row.acknowledged_at = Millis{1773451900000};
  row.read_back = "了解しました";
  view.rows.push_back(row);
  view.professions_missing = {"Pharmacist"};
  const Json object = CoverageJson(view);
  EXPECT_EQ(object["people"][0]["received_at"], "2026-03-14T10:30:00+09:00");
  EXPECT_EQ(object["people"][0]["opened_at"], nullptr);
  EXPECT_EQ(object["people"][0]["read_back"], "了解しました");
  setenv("RENKEI_LANG", "ja", 1);
  CaptureStdout();
  PrintCoverage(view);
  const std::string text = GetCapturedStdout();
  EXPECT_THAT(text, HasSubstr("薬剤師"));
  EXPECT_THAT(text, HasSubstr("復唱「了解しました」"));
  unsetenv("RENKEI_LANG");
}

}  // namespace
}  // namespace renkei::cli
