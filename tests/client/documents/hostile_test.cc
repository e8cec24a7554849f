// Bytes that nobody sends in good faith: nothing crashes, nothing is accepted by accident.
#include <gtest/gtest.h>

#include <random>

#include "client/documents/content.h"
#include "client/documents/jahis.h"
#include "client/documents/text.h"
#include "renkei/care/v1/content.pb.h"
#include "tests/client/documents/sample.h"

namespace renkei::documents {
namespace {

using testing::FormKinds;
using testing::kNow;
using testing::Names;
using testing::Now;
using testing::Sample;
using testing::Say;

void ShowEverything(ByteView content) {
  (void)RenderText(content, {});
  (void)RenderPrettyJson(content);
  (void)Headline(content);
  (void)CheckContent(content, kNow);
  (void)Diff(content, content);
  (void)ExportJahis(content, content);
  (void)ComparePatient(content, content);
  EXPECT_TRUE(IsUtf8(SearchText(content)));
}

TEST(Hostile, NestingSizeAndNumberOfValuesAreBounded) {
  const auto note = [](const std::string& json) { return ParseForm(Kind::kNote, json, Now()); };
  EXPECT_TRUE(Names(note(std::string(500000, '[')), "", "深すぎます"));
  EXPECT_TRUE(Names(note(std::string(kMaxFileBytes + 1, ' ')), "", "大きすぎます"));
  std::string many = "[1";
  for (int i = 0; i < 60000; ++i) {
    many += ",1";
  }
  EXPECT_TRUE(Names(note(many + "]"), "", "多すぎます"));
}

TEST(Hostile, NulAndOtherControlsAreRefused) {
  EXPECT_TRUE(Names(ParseForm(Kind::kNote, R"({"text":"a\u0000b"})", Now()), "text", "制御文字"));
  const std::string raw("{\"text\":\"a\0b\"}", 14);
  EXPECT_FALSE(ParseForm(Kind::kNote, raw, Now()).ok());
  EXPECT_FALSE(ParseForm(Kind::kNote, std::string_view("\0", 1), Now()).ok());
}

TEST(Hostile, AFormOverTheContentLimitIsRefusedInWords) {
  JsonValue form = Sample(Kind::kDischargeSummary);
  std::string wide;
  for (int i = 0; i < 10000; ++i) {
    wide += "薬";
  }
  for (auto& [key, value] : form.members) {
    if (key.rfind("dis_", 0) == 0 || key.rfind("adm_", 0) == 0 || key == "course" || key == "hpi" ||
        key == "tests" || key == "treatments") {
      value = JsonString(wide);
    }
  }
  const FormOutcome outcome = ParseForm(Kind::kDischargeSummary, WriteJson(form, 0), Now());
  EXPECT_FALSE(outcome.ok());
  EXPECT_TRUE(Names(outcome, "", "256 KiB")) << Say(outcome).substr(0, 500);
}

TEST(Hostile, CutAndFlippedContentNeverCrashes) {
  std::mt19937 random(20260401);
  for (const Kind kind : FormKinds()) {
    const Bytes good = ParseForm(kind, WriteJson(Sample(kind), 0), Now()).content;
    ASSERT_FALSE(good.empty());
    for (std::size_t length = 0; length < good.size(); length += 7) {
      ShowEverything(ByteView(good).first(length));
    }
    for (int i = 0; i < 300; ++i) {
      Bytes bad = good;
      for (int flips = 0; flips < 3; ++flips) {
        bad[random() % bad.size()] = static_cast<std::uint8_t>(random());
      }
      ShowEverything(bad);
    }
  }
}

TEST(Hostile, FlippedJsonNeverCrashes) {
  std::mt19937 random(20260402);
  for (const Kind kind : FormKinds()) {
    const std::string good = WriteJson(Sample(kind), 0);
    for (int i = 0; i < 300; ++i) {
      std::string bad = good;
      for (int flips = 0; flips < 3; ++flips) {
        bad[random() % bad.size()] = static_cast<char>(random());
      }
      const FormOutcome outcome = ParseForm(kind, bad, Now());
      EXPECT_EQ(outcome.ok(), !outcome.content.empty());
      if (outcome.ok()) {
        EXPECT_TRUE(CheckContent(outcome.content, kNow).empty());
      }
    }
  }
}

TEST(Hostile, ProblemsAreAlwaysPrintable) {
  std::mt19937 random(20260403);
  const std::string alphabet = "{}[]\":,\\u0001b2\x1b\x7f 9e.-\xE8\x96\xAC";
  for (int i = 0; i < 2000; ++i) {
    std::string text = R"({"text":"x",")";
    for (int n = 0; n < 40; ++n) {
      text += alphabet[random() % alphabet.size()];
    }
    for (const FormProblem& problem : ParseForm(Kind::kNote, text, Now()).problems) {
      EXPECT_EQ(FindForbidden(problem.path + problem.message_ja + problem.message_en, false),
                std::nullopt)
          << text;
    }
  }
}

}  // namespace
}  // namespace renkei::documents
