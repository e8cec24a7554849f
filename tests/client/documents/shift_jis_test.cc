#include "client/documents/shift_jis.h"

#include <gtest/gtest.h>

namespace renkei::documents {
namespace {

std::string Hex(std::string_view utf8) {
  return ToHex(EncodeShiftJis(utf8).bytes);
}

TEST(ShiftJis, IsWindowsCodePage932) {
  EXPECT_EQ(Hex("薬"), "96f2");
  EXPECT_EQ(Hex("ｱｲｳ"), "b1b2b3");
  EXPECT_EQ(Hex("表"), "955c");  // second byte is a backslash
  EXPECT_EQ(Hex("①㈱髙"), "8740878afbfc");
  EXPECT_EQ(Hex("\\~|"), "5c7e7c");
  EXPECT_EQ(Hex("A1,\r\n"), "41312c0d0a");
}

TEST(ShiftJis, ReadsBackWhatItWrote) {
  for (const char* text :
       {"", "ノルバスク錠２．５ｍｇ", "ﾋﾞｿﾌﾟﾛﾛｰﾙ", "①㈱髙表ソ能", "～－∥￠￡￢―", "\\~"}) {
    const ShiftJisText encoded = EncodeShiftJis(text);
    EXPECT_TRUE(encoded.missing.empty()) << encoded.missing;
    EXPECT_EQ(DecodeShiftJis(encoded.bytes).value_or("none"), text);
  }
}

TEST(ShiftJis, WritesJisFormsAsWindowsDoes) {
  EXPECT_EQ(Hex("〜−‖—"), Hex("～－∥―"));
}

TEST(ShiftJis, NamesTheCharacterThatItDoesNotHave) {
  EXPECT_EQ(EncodeShiftJis("薬😀").missing, "😀");
  EXPECT_EQ(EncodeShiftJis("𠮷野").missing, "𠮷");
  EXPECT_EQ(EncodeShiftJis("한").missing, "한");
  EXPECT_TRUE(EncodeShiftJis("薬😀").bytes.empty());
}

TEST(ShiftJis, RefusesBytesThatAreNone) {
  for (const char* hex : {"82", "96f282", "8180ff", "fdfe", "a0", "8220"}) {
    EXPECT_FALSE(DecodeShiftJis(*FromHex(hex)).has_value()) << hex;
  }
  // UTF-8 for 架空
  EXPECT_FALSE(DecodeShiftJis(AsBytes(std::string_view("架空のデータです"))).has_value());
}

}  // namespace
}  // namespace renkei::documents
