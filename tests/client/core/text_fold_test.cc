#include "client/core/text_fold.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "crypto/base/random.h"

namespace renkei::client {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::u32string> Fold(std::string_view text) {
  auto words = FoldWords(text);
  EXPECT_TRUE(words.ok());
  return words.ok() ? *words : std::vector<std::u32string>{};
}

// True when the two are one and the same to the search.
testing::AssertionResult Same(std::string_view a, std::string_view b) {
  const auto left = Fold(a);
  if (left.empty() || left != Fold(b)) {
    return testing::AssertionFailure() << a << " and " << b << " are told apart";
  }
  return testing::AssertionSuccess();
}

TEST(TextFold, WidthDoesNotMatter) {
  EXPECT_TRUE(Same("ロキソニン錠６０ｍｇ", "ﾛｷｿﾆﾝ錠60mg"));
  EXPECT_TRUE(Same("ガスター", "ｶﾞｽﾀｰ"));
  EXPECT_TRUE(Same("パルス", "ﾊﾟﾙｽ"));
  EXPECT_TRUE(Same("㎎", "mg"));
  EXPECT_TRUE(Same("38.5℃", "３８．５°c"));
}

TEST(TextFold, CaseDoesNotMatter) {
  EXPECT_TRUE(Same("SpO2", "spo2"));
  EXPECT_TRUE(Same("ＳＰＯ２", "SpO2"));
}

TEST(TextFold, HiraganaAndKatakanaAreOne) {
  EXPECT_TRUE(Same("ろきそにん", "ロキソニン"));
  EXPECT_TRUE(Same("ゔぁいたる", "ヴァイタル"));
}

TEST(TextFold, SmallKanaAreLargeOnes) {
  EXPECT_TRUE(Same("リュウマチ", "リユウマチ"));
  EXPECT_TRUE(Same("ビョウイン", "ﾋﾞﾖｳｲﾝ"));
}

TEST(TextFold, SoundsWrittenInTwoWaysAreOne) {
  EXPECT_TRUE(Same("ヴァイタル", "バイタル"));
  EXPECT_TRUE(Same("ｳﾞｫﾙﾀﾚﾝ", "ボルタレン"));
  EXPECT_TRUE(Same("サヴ", "サブ"));
  EXPECT_TRUE(Same("シヅヱ", "シズエ"));
  EXPECT_TRUE(Same("ミサヲ", "みさお"));
}

TEST(TextFold, LongVowelMarksDoNotMatter) {
  EXPECT_TRUE(Same("ケアマネージャー", "ケアマネジャ"));
  EXPECT_TRUE(Same("カテーテル", "カテ-テル"));
  EXPECT_TRUE(Same("カテーテル", "カテ－テル"));
  EXPECT_TRUE(Same("カテーテル", "カテ〜テル"));
  EXPECT_TRUE(Same("ケア・マネジャー", "ケアマネジャー"));
  EXPECT_TRUE(Same("Ｔシャツ", "Tーシャツ"));
}

TEST(TextFold, DashesBetweenOtherLettersPartWords) {
  EXPECT_THAT(Fold("午前-午後"), ElementsAre(U"午前", U"午後"));
  EXPECT_THAT(Fold("リハビリ-訓練"), ElementsAre(U"リハビリ", U"訓練"));
}

TEST(TextFold, IterationMarksRepeat) {
  EXPECT_TRUE(Same("佐々木", "佐佐木"));
  EXPECT_TRUE(Same("一歩々々", "一歩一歩"));
  EXPECT_TRUE(Same("みすゞ", "みすず"));
  EXPECT_TRUE(Same("こゝろ", "こころ"));
  EXPECT_TRUE(Same("たゞし", "ただし"));
}

TEST(TextFold, IterationMarkWithNothingToRepeatStands) {
  EXPECT_THAT(Fold("々"), ElementsAre(U"々"));
  EXPECT_THAT(Fold("木々々々"), ElementsAre(U"木々々々"));
  EXPECT_THAT(Fold("薬ゝ"), ElementsAre(U"薬ヽ"));
}

TEST(TextFold, VariantKanjiOfNamesAreOne) {
  EXPECT_TRUE(Same("髙橋", "高橋"));
  EXPECT_TRUE(Same("山﨑", "山崎"));
  EXPECT_TRUE(Same("渡邊", "渡辺"));
  EXPECT_TRUE(Same("渡邉", "渡辺"));
  EXPECT_TRUE(Same("𠮷田", "吉田"));
  EXPECT_TRUE(Same("葛\xF3\xA0\x84\x80城", "葛城"));  // with an ideographic variation selector
}

TEST(TextFold, SpacesAndPunctuationPartWords) {
  EXPECT_THAT(Fold("発熱、咳　痰。"), ElementsAre(U"発熱", U"咳", U"痰"));
  EXPECT_THAT(Fold("a\tb\nc\0d"), ElementsAre(U"a", U"b", U"c"));
  EXPECT_THAT(Fold("「食欲なし」（3日）"), ElementsAre(U"食欲ナシ", U"3日"));
  EXPECT_THAT(Fold("　、。\n"), IsEmpty());
}

TEST(TextFold, MeasuresStayWhole) {
  EXPECT_THAT(Fold("体温38.5℃ 血圧120/80 SpO2 93%"),
              ElementsAre(U"体温38.5°c", U"血圧120/80", U"spo2", U"93%"));
  EXPECT_THAT(Fold("22:30 1,000ml"), ElementsAre(U"22:30", U"1,000ml"));
  EXPECT_THAT(Fold("終了. 次回"), ElementsAre(U"終了", U"次回"));
}

TEST(TextFold, BytesThatAreNotUtf8PartWords) {
  EXPECT_THAT(Fold("咳\xFF\xFE痰"), ElementsAre(U"咳", U"痰"));
  EXPECT_THAT(Fold("\xE5\x92"), IsEmpty());
  EXPECT_THAT(Fold(std::string_view("a\0b", 3)), ElementsAre(U"a", U"b"));
}

TEST(TextFold, AnyBytesFoldWithoutHarm) {
  SeededRandom random(7);
  for (int i = 0; i < 2000; ++i) {
    const Bytes bytes = random.NextBytes(random.NextUint64() % 64);
    const auto words = FoldWords(AsText(bytes));
    ASSERT_TRUE(words.ok());
    for (const std::u32string& word : *words) {
      ASSERT_FALSE(word.empty());
    }
    const auto of_text = IndexGrams(*words);
    const auto of_query = QueryGrams(*words);
    ASSERT_EQ(*SplitWords(JoinWords(*words)), *words);
    ASSERT_TRUE(std::includes(of_text.begin(), of_text.end(), of_query.begin(), of_query.end()));
  }
}

TEST(TextFold, FoldingTwiceChangesNothing) {
  for (const std::string_view text : {"ヴァイタル", "佐々木", "ケアマネージャー", "㈱ﾒﾃﾞｨｶﾙ"}) {
    const auto once = Fold(text);
    const std::string again = JoinWords({once.at(0)});
    EXPECT_EQ(Fold(again), (std::vector<std::u32string>{once.at(0)}));
  }
}

TEST(TextFold, TooLongTextsAndQueriesAreRefused) {
  EXPECT_EQ(FoldWords(std::string(kMaxFoldedTextBytes + 1, 'a')).error().code(), Code::kTooLarge);
  EXPECT_EQ(FoldQuery(std::string(kMaxQueryBytes + 1, 'a')).error().code(), Code::kTooLarge);
  EXPECT_TRUE(FoldQuery(std::string(kMaxQueryBytes, 'a')).ok());
  std::string words;
  for (std::size_t i = 0; i <= kMaxQueryWords; ++i) {
    words += std::to_string(i) + " ";
  }
  EXPECT_EQ(FoldQuery(words).error().code(), Code::kTooLarge);
}

TEST(TextFold, QueryGivesEachWordOnce) {
  EXPECT_THAT(*FoldQuery("咳 痰 咳"), ElementsAre(U"咳", U"痰"));
}

Gram Of(std::u32string_view letters) {
  Gram gram = 0;
  for (const char32_t c : letters) {
    gram = gram * (1U << 21U) + c;
  }
  return gram;
}

TEST(TextFold, TextIsFoundByLettersPairsAndTriplesOfSmallAlphabets) {
  EXPECT_THAT(
      IndexGrams({U"訪問薬", U"薬"}),
      testing::UnorderedElementsAre(Of(U"訪"), Of(U"問"), Of(U"薬"), Of(U"訪問"), Of(U"問薬")));
  EXPECT_THAT(IndexGrams({U"ロキ錠9mg"}),
              testing::IsSupersetOf({Of(U"ロキ"), Of(U"キ錠"), Of(U"9mg"), Of(U"mg")}));
  EXPECT_THAT(IndexGrams({U"ロキ錠9mg"}), testing::Not(testing::Contains(Of(U"ロキ錠"))));
  EXPECT_THAT(IndexGrams({}), IsEmpty());
}

TEST(TextFold, QueryAsksForTriplesAndThePairsOutsideThem) {
  EXPECT_THAT(QueryGrams({U"薬"}), ElementsAre(Of(U"薬")));
  EXPECT_THAT(QueryGrams({U"訪問薬"}), testing::UnorderedElementsAre(Of(U"訪問"), Of(U"問薬")));
  EXPECT_THAT(QueryGrams({U"ロキソ錠"}), testing::UnorderedElementsAre(Of(U"ロキソ"), Of(U"ソ錠")));
  EXPECT_THAT(QueryGrams({U"錠ロキソニ"}),
              testing::UnorderedElementsAre(Of(U"錠ロ"), Of(U"ロキソ"), Of(U"キソニ")));
  EXPECT_THAT(QueryGrams({U"ロキ", U"ロキ"}), ElementsAre(Of(U"ロキ")));
}

TEST(TextFold, OnlyWordsOfOneGramNeedNoSecondLook) {
  EXPECT_TRUE(GramIsWord(U"咳"));
  EXPECT_TRUE(GramIsWord(U"発熱"));
  EXPECT_TRUE(GramIsWord(U"ロキソ"));
  EXPECT_FALSE(GramIsWord(U"看護師"));
  EXPECT_FALSE(GramIsWord(U"ロキソニ"));
}

TEST(TextFold, GramsOfDifferentLengthsNeverMeet) {
  EXPECT_NE(Of(U"\U0010FFFF"), Of(U"\x01\x01"));
  EXPECT_THAT(IndexGrams({U"\U0010FFFD\U0010FFFD"}), testing::SizeIs(2));
}

TEST(TextFold, JoinedWordsAreLinesOfUtf8) {
  EXPECT_EQ(JoinWords({U"a薬é", U"𠮷"}), "a薬é\n𠮷");
  EXPECT_EQ(JoinWords({}), "");
  EXPECT_THAT(*SplitWords("a薬é\n𠮷"), ElementsAre(U"a薬é", U"𠮷"));
  EXPECT_THAT(*SplitWords(""), IsEmpty());
}

std::string Passphrase(std::string_view text) {
  auto normal = NormalizePassphrase(AsBytes(text));
  EXPECT_TRUE(normal.ok());
  return normal.ok() ? ToString(normal->Expose()) : "";
}

TEST(Passphrase, KeyboardSettingDoesNotMatter) {
  EXPECT_EQ(Passphrase("ａｂｃ１２３"), "abc123");
  EXPECT_EQ(Passphrase("か\xE3\x82\x99"), "が");  // decomposed
  EXPECT_EQ(Passphrase("さくら　さく"), "さくら さく");
}

TEST(Passphrase, CaseAndKanaDoMatter) {
  EXPECT_NE(Passphrase("Abc"), Passphrase("abc"));
  EXPECT_NE(Passphrase("さくら"), Passphrase("サクラ"));
}

TEST(Passphrase, EmptyTooLongOrBrokenIsRefused) {
  EXPECT_EQ(NormalizePassphrase({}).error().code(), Code::kMalformed);
  EXPECT_EQ(NormalizePassphrase(AsBytes("\xFF")).error().code(), Code::kMalformed);
  EXPECT_EQ(NormalizePassphrase(Bytes(1025, 'a')).error().code(), Code::kMalformed);
  EXPECT_EQ(NormalizePassphrase(Bytes(1024, 'a'))->size(), 1024U);
}

TEST(Passphrase, LongestExpansionFits) {
  std::string text;
  while (text.size() + 3 <= 1024) {
    text += "\uFDFA";  // one letter, eighteen after NFKC
  }
  EXPECT_GT(Passphrase(text).size(), 10'000U);
}

}  // namespace
}  // namespace renkei::client
