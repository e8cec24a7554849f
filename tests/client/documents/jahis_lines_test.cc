#include "client/documents/jahis_lines.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/client/documents/jahis_text.h"

namespace renkei::documents {
namespace {

using testing::kFull;
using testing::kHead;
using testing::Names;
using testing::Now;
using testing::Real;
using testing::Say;

FormOutcome Import(const std::vector<Bytes>& parts) {
  return ImportJahis(parts, Now());
}

Bytes Text(std::string_view text) {
  return ToBytes(text);
}

// The notebook cut at these bytes, each piece closed by a split record. With `headed` every piece
// begins with the version line, as the format asks; without, a piece goes on in the middle.
std::vector<Bytes> Cut(const Bytes& whole, const std::vector<std::size_t>& at, bool headed) {
  std::vector<Bytes> parts;
  std::size_t from = 0;
  for (std::size_t i = 0; i <= at.size(); ++i) {
    const std::size_t to = i < at.size() ? at[i] : whole.size();
    Bytes part = headed && i > 0 ? Text("JAHISTC08,1\r\n") : Bytes();
    Append(part, ByteView(whole).subspan(from, to - from));
    const std::string end = "911,12345678901234," + std::to_string(at.size() + 1) + "," +
                            std::to_string(i + 1) + "\r\n";
    Append(part, AsBytes((headed ? "" : "\r\n") + end));
    parts.push_back(part);
    from = to;
  }
  return parts;
}

TEST(JahisLines, Utf8IsToldSo) {
  const FormOutcome outcome = Import({Text(kFull)});
  EXPECT_TRUE(Names(outcome, "", "このファイルは UTF-8 です")) << Say(outcome);
  Bytes marked = Text("\xEF\xBB\xBF");
  Append(marked, AsBytes(kHead));
  EXPECT_TRUE(Names(Import({marked}), "", "UTF-8"));
}

TEST(JahisLines, Utf16IsToldSo) {
  Bytes wide = {0xFF, 0xFE};
  for (const char c : std::string_view("JAHISTC08,1\r\n")) {
    wide.push_back(static_cast<std::uint8_t>(c));
    wide.push_back(0);
  }
  EXPECT_TRUE(LooksLikeJahis(wide));
  EXPECT_TRUE(Names(Import({wide}), "", "UTF-16"));
}

TEST(JahisLines, BytesThatAreNoShiftJisAreNamedByLine) {
  Bytes file = Real(kHead);
  Append(file, Text("501,\x82,1\r\n"));
  const FormOutcome outcome = Import({file});
  EXPECT_TRUE(Names(outcome, "7行目", "Shift_JIS として読めません")) << Say(outcome);
  // EUC-JP
  Bytes euc = Text("JAHISTC08,1\r\n1,");
  Append(euc, *FromHex("b2cdb6f5a1a1c2c0cfbaa4c0a4cafdfe"));
  EXPECT_FALSE(Import({euc}).ok());
}

TEST(JahisLines, HalfWidthKanaIsNotTakenForUtf8) {
  const FormOutcome outcome = testing::Import("JAHISTC08,1\n1,ｶｸｳ ﾀﾛｳ,1,19800101\n3,ﾃｱ,,,1\n");
  EXPECT_TRUE(outcome.ok()) << Say(outcome);
}

TEST(JahisLines, LinesEndInCrLf) {
  std::string lf;
  for (const char c : ToString(Real(kHead))) {
    lf += c == '\r' ? "" : std::string(1, c);
  }
  EXPECT_TRUE(Names(Import({Text(lf)}), "1行目", "CRLF ではありません"));
  Bytes mixed = Real(kHead);
  Append(mixed, Text("501,x,1\n501,y,1\r\n"));
  EXPECT_TRUE(Names(Import({mixed}), "7行目", "CRLF ではありません"));
  Bytes cr = Real(kHead);
  Append(cr, Text("501,x\ry,1\r\n"));
  EXPECT_TRUE(Names(Import({cr}), "7行目", "CRLF ではありません"));
}

TEST(JahisLines, TheLastLineMayLackItsEnd) {
  const Bytes whole = Real(kFull);
  const Bytes expected = Import({whole}).content;
  ASSERT_FALSE(expected.empty());
  for (const char* end : {"", "\r", "\r\n", "\r\n\x1A", "\r\n\r\n"}) {
    Bytes file(whole.begin(), whole.end() - 2);
    Append(file, AsBytes(std::string_view(end)));
    EXPECT_EQ(Import({file}).content, expected) << ToHex(AsBytes(std::string_view(end)));
  }
}

TEST(JahisLines, PartsAreJoinedInAnyOrder) {
  const Bytes whole = Real(kFull);
  const Bytes expected = Import({whole}).content;
  const auto line_end = [&](std::size_t from) {
    const std::string_view text = AsText(whole);
    return text.find("\r\n", from) + 2;
  };
  std::vector<Bytes> parts = Cut(whole, {line_end(200), line_end(500)}, true);
  do {
    const FormOutcome outcome = Import(parts);
    EXPECT_EQ(outcome.content, expected) << Say(outcome);
  } while (std::next_permutation(parts.begin(), parts.end()));
  parts.push_back(parts[0]);  // read twice
  EXPECT_EQ(Import(parts).content, expected);
}

TEST(JahisLines, AllPartsMayComeInOneFile) {
  const Bytes whole = Real(kFull);
  Bytes one;
  for (const Bytes& part : Cut(whole, {AsText(whole).find("\r\n", 300) + 2}, true)) {
    Append(one, part);
  }
  EXPECT_EQ(Import({one}).content, Import({whole}).content);
}

TEST(JahisLines, APartMayEndInsideACharacter) {
  const Bytes whole = Real(kFull);
  const Bytes expected = Import({whole}).content;
  for (std::size_t at = 30; at + 10 < whole.size(); at += 11) {
    // A part that begins with the version's tag, or a cut inside a line break, is told by its
    // shape.
    if (whole[at - 1] == '\r' || whole[at - 1] == '\n') {
      continue;
    }
    const FormOutcome outcome = Import(Cut(whole, {at}, false));
    EXPECT_EQ(outcome.content, expected) << at << "\n" << Say(outcome);
  }
}

TEST(JahisLines, AMissingPartIsNamed) {
  const Bytes whole = Real(kFull);
  const std::size_t at = AsText(whole).find("\r\n", 300) + 2;
  const std::vector<Bytes> parts = Cut(whole, {at, AsText(whole).find("\r\n", 500) + 2}, true);
  EXPECT_TRUE(Names(Import({parts[0], parts[2]}), "911", "3 個のうち 2 番目がありません"));
  EXPECT_TRUE(Names(Import({parts[1]}), "911", "1, 3 番目"));
}

TEST(JahisLines, PartsOfDifferentNotebooksAreRefused) {
  const Bytes whole = Real(kFull);
  const std::size_t at = AsText(whole).find("\r\n", 300) + 2;
  std::vector<Bytes> parts = Cut(whole, {at}, true);
  Bytes other = Text("JAHISTC08,1\r\n911,99999999999999,2,2\r\n");
  EXPECT_TRUE(Names(Import({parts[0], other}), "", "別々の"));
  EXPECT_FALSE(Import({parts[0], whole}).ok());
  EXPECT_FALSE(Import({whole, parts[0]}).ok());
  EXPECT_TRUE(Names(Import({whole, whole}), "", "1 つの手帳"));
  Bytes changed = parts[1];
  changed[20] = '9';
  EXPECT_TRUE(Names(Import({parts[0], parts[1], changed}), "", "中身が違います"));
}

TEST(JahisLines, ABrokenSplitRecordIsRefused) {
  for (const char* end : {"911,1,2", "911,1,0,1", "911,1,2,3", "911,1,x,1", "911,1,1000,1"}) {
    Bytes file = Real(kHead);
    Append(file, AsBytes(std::string_view(end)));
    EXPECT_TRUE(Names(Import({file}), "", "911")) << end << "\n" << Say(Import({file}));
  }
  EXPECT_TRUE(Names(testing::Import(std::string(kHead) + "911,1,1,1\n501,x,1\n"), "7行目 (911)",
                    "最後の行"));
}

TEST(JahisLines, SizesAreLimited) {
  Bytes big = Real(kHead);
  big.resize(kMaxFileBytes + 1, ' ');
  EXPECT_TRUE(Names(Import({big}), "", "1 MiB"));
  std::string many(kHead);
  for (std::size_t i = 0; i < kMaxJahisRecords; ++i) {
    many += "501,x,1\n";
  }
  EXPECT_TRUE(Names(testing::Import(many), "", "レコードが多すぎます"));
  EXPECT_FALSE(Import({}).ok());
  EXPECT_FALSE(Import({Bytes()}).ok());
}

TEST(JahisLines, OnlyANotebookLooksLikeOne) {
  EXPECT_TRUE(LooksLikeJahis(Real(kHead)));
  EXPECT_TRUE(LooksLikeJahis(AsBytes(kHead)));
  EXPECT_FALSE(LooksLikeJahis(AsBytes(std::string_view("{\"otc\":\"JAHISTC\"}"))));
  EXPECT_FALSE(LooksLikeJahis({}));
}

}  // namespace
}  // namespace renkei::documents
