#include "crypto/base/bytes.h"

#include <gtest/gtest.h>

namespace renkei {
namespace {

TEST(Hex, WritesLowercaseAndReadsEitherCase) {
  const Bytes bytes = {0x00, 0x0F, 0xF0, 0xFF, 0xA5};
  EXPECT_EQ(ToHex(bytes), "000ff0ffa5");
  EXPECT_EQ(FromHex("000ff0ffa5").value(), bytes);
  EXPECT_EQ(FromHex("000FF0FFA5").value(), bytes);
  EXPECT_EQ(ToHex({}), "");
  EXPECT_TRUE(FromHex("").value().empty());
}

TEST(Hex, EveryByteComesBack) {
  Bytes all(256);
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i] = static_cast<std::uint8_t>(i);
  }
  EXPECT_EQ(FromHex(ToHex(all)).value(), all);
}

TEST(Hex, RefusesWhatIsNotHexadecimal) {
  for (const std::string_view text : {"0", "000", "0g", "g0", " 0", "0x", "--", "あ"}) {
    const auto result = FromHex(text);
    ASSERT_FALSE(result.ok()) << text;
    EXPECT_EQ(result.error().code(), Code::kMalformed);
  }
  EXPECT_FALSE(FromHex(std::string_view("\0\0", 2)).ok());
}

TEST(BytesText, ViewsAndCopiesKeepEveryByte) {
  const std::string text("患者\0x", 8);
  EXPECT_EQ(AsText(AsBytes(text)), text);
  EXPECT_EQ(ToString(ToBytes(text)), text);
  EXPECT_EQ(ToBytes(AsBytes(text)), ToBytes(text));
  EXPECT_EQ(static_cast<const void*>(AsBytes(text).data()), static_cast<const void*>(text.data()));
}

TEST(BytesEqual, ComparesLengthAndEveryByte) {
  const Bytes a = {1, 2, 3};
  EXPECT_TRUE(Equal(a, Bytes{1, 2, 3}));
  EXPECT_TRUE(Equal({}, {}));
  EXPECT_FALSE(Equal(a, Bytes{1, 2}));
  EXPECT_FALSE(Equal(a, Bytes{1, 2, 4}));
  EXPECT_FALSE(Equal(a, Bytes{0, 2, 3}));
  EXPECT_FALSE(Equal(a, {}));
}

TEST(BytesAppend, AddsAtTheEnd) {
  Bytes out = {1};
  Append(out, Bytes{2, 3});
  Append(out, {});
  EXPECT_EQ(out, (Bytes{1, 2, 3}));
}

TEST(ToArray, TakesExactlyItsLength) {
  EXPECT_EQ(ToArray<3>(Bytes{7, 8, 9}).value(), (ByteArray<3>{7, 8, 9}));
  EXPECT_TRUE(ToArray<0>({}).ok());
  EXPECT_EQ(ToArray<3>(Bytes{7, 8}).error().code(), Code::kMalformed);
  EXPECT_EQ(ToArray<3>(Bytes{7, 8, 9, 10}).error().code(), Code::kMalformed);
}

}  // namespace
}  // namespace renkei
