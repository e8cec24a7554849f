#include "client/cli/text.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace renkei::cli {
namespace {

class LanguageTest : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"RENKEI_LANG", "LC_ALL", "LC_MESSAGES", "LANG"}) {
      unsetenv(name);
    }
  }
};

TEST_F(LanguageTest, IsJapaneseUnlessALocaleSaysEnglish) {
  EXPECT_EQ(UserLanguage(), Language::kJapanese);
  setenv("LANG", "C.UTF-8", 1);
  EXPECT_EQ(UserLanguage(), Language::kJapanese);
  setenv("LANG", "en_GB.UTF-8", 1);
  EXPECT_EQ(UserLanguage(), Language::kEnglish);
}

TEST_F(LanguageTest, OurOwnVariableComesFirst) {
  setenv("LC_ALL", "en_US.UTF-8", 1);
  setenv("RENKEI_LANG", "ja", 1);
  EXPECT_EQ(UserLanguage(), Language::kJapanese);
  EXPECT_EQ(Say("はい", "yes"), "はい");
}

TEST_F(LanguageTest, AnEmptyVariableCountsAsUnset) {
  setenv("LC_ALL", "", 1);
  setenv("LANG", "en_US.UTF-8", 1);
  EXPECT_EQ(UserLanguage(), Language::kEnglish);
}

TEST(Times, AreJapanStandardTime) {
  // 2026-03-14T01:30:00Z
  const Millis time{1773451800000};
  EXPECT_EQ(IsoTime(time), "2026-03-14T10:30:00+09:00");
  EXPECT_EQ(ShortTime(time), "03/14 10:30");
}

TEST(Times, OfTheDayBeforeInUtcAreTheNextDayInJapan) {
  EXPECT_EQ(IsoTime({1773445800000 + 1000LL * 3600 * 7}), "2026-03-14T15:50:00+09:00");
}

}  // namespace
}  // namespace renkei::cli
