#include "client/documents/text.h"

#include <gtest/gtest.h>

namespace renkei::documents {
namespace {

TEST(Text, TellsUtf8FromOtherBytes) {
  EXPECT_TRUE(IsUtf8(""));
  EXPECT_TRUE(IsUtf8("架空 ふみ子𠮷"));
  EXPECT_FALSE(IsUtf8("\x82\xA0"));          // Shift_JIS
  EXPECT_FALSE(IsUtf8("\xED\xA0\x80"));      // a surrogate
  EXPECT_FALSE(IsUtf8("\xC0\x80"));          // overlong
  EXPECT_FALSE(IsUtf8("\xF4\x90\x80\x80"));  // above U+10FFFF
  EXPECT_FALSE(IsUtf8(std::string_view("あ").substr(0, 2)));
}

TEST(Text, CountsCodePoints) {
  EXPECT_EQ(CountChars("架空𠮷a"), 4U);
  EXPECT_EQ(CountChars(""), 0U);
}

TEST(Text, FindsWhatNoFormMayHold) {
  EXPECT_EQ(FindForbidden("薬\tです", true), std::nullopt);
  EXPECT_EQ(FindForbidden("薬\tです", false), U'\t');
  EXPECT_EQ(FindForbidden("二\n行", true), std::nullopt);
  EXPECT_EQ(FindForbidden("二\n行", false), U'\n');
  EXPECT_EQ(FindForbidden(std::string_view("a\0b", 3), true), U'\0');
  EXPECT_EQ(FindForbidden("\x1b[31m", true), U'\x1b');
  EXPECT_EQ(FindForbidden("\u009b", true), U'\u009b');
  EXPECT_EQ(FindForbidden("a\u202eb", true), U'\u202e');
  EXPECT_EQ(FindForbidden("a\u2066b", true), U'\u2066');
  EXPECT_EQ(FindForbidden("\ufeff", true), U'\ufeff');
  EXPECT_EQ(FindForbidden("\uffff", true), U'\uffff');
  EXPECT_EQ(FindForbidden("\r", true), U'\r');
}

TEST(Text, PrintableKeepsTextAndReplacesTheRest) {
  EXPECT_EQ(Printable("体温\n36.8", true), "体温\n36.8");
  EXPECT_EQ(Printable("体温\n36.8", false), "体温\uFFFD36.8");
  EXPECT_EQ(Printable("\x1b[2J\xFF", true), "\uFFFD[2J\uFFFD");
}

TEST(Text, FoldsWidthForLists) {
  EXPECT_EQ(FoldForList("Ⅱa"), FoldForList("ＩＩａ"));
  EXPECT_EQ(FoldForList("要介護 ２"), FoldForList("要介護2"));
  EXPECT_EQ(FoldForList("JCS Ⅱ-10"), FoldForList("jcsⅱ10"));
  EXPECT_NE(FoldForList("Ⅱa"), FoldForList("Ⅱb"));
}

TEST(Text, FoldsNamesForComparing) {
  EXPECT_EQ(FoldForName("架空　ふみ子"), FoldForName("架空 フミ子"));
  EXPECT_EQ(FoldForName("ｶｸｳ ﾌﾐｺ"), FoldForName("カクウフミコ"));
  EXPECT_NE(FoldForName("架空 ふみ子"), FoldForName("架空 ふみ"));
}

TEST(Text, KnowsKana) {
  EXPECT_TRUE(IsKana("カクウ フミコ"));
  EXPECT_TRUE(IsKana("かくう・ふーみん"));
  EXPECT_FALSE(IsKana("架空"));
  EXPECT_FALSE(IsKana("カ1"));
  EXPECT_FALSE(IsKana(" "));
  EXPECT_FALSE(IsKana(""));
}

TEST(Text, TrimsAllSpaces) {
  EXPECT_EQ(Trim(" \t　架 空\r\n"), "架 空");
  EXPECT_EQ(Trim("　 "), "");
}

TEST(Text, UnixLinesKnowsAllThreeEnds) {
  EXPECT_EQ(UnixLines("a\r\nb\rc\n"), "a\nb\nc\n");
}

TEST(Text, ShortensByCodePoints) {
  EXPECT_EQ(Shorten("あいうえお", 5), "あいうえお");
  EXPECT_EQ(Shorten("あいうえお", 4), "あいう…");
  EXPECT_EQ(Shorten("あいうえお", 1), "…");
}

}  // namespace
}  // namespace renkei::documents
