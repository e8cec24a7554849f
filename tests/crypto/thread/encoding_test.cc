#include "crypto/thread/encoding.h"

#include <gtest/gtest.h>

#include <limits>

namespace renkei::thread {
namespace {

Bytes Hex(std::string_view hex) {
  return FromHex(hex).value();
}

bool ReadsNumber(std::string_view hex, std::uint64_t expected) {
  const Bytes bytes = Hex(hex);
  FieldReader in(bytes);
  return in.U64(1) == expected && in.Done();
}

TEST(FieldReader, ReadsMinimalVarints) {
  EXPECT_TRUE(ReadsNumber("0801", 1));
  EXPECT_TRUE(ReadsNumber("089601", 150));
  EXPECT_TRUE(ReadsNumber("08ffffffffffffffffff01", std::numeric_limits<std::uint64_t>::max()));
  EXPECT_TRUE(ReadsNumber("", 0));
}

TEST(FieldReader, RefusesEveryOtherSpellingOfANumber) {
  EXPECT_FALSE(ReadsNumber("0800", 0));                      // zero is left out
  EXPECT_FALSE(ReadsNumber("088100", 1));                    // not minimal
  EXPECT_FALSE(ReadsNumber("888000", 0));                    // tag not minimal
  EXPECT_FALSE(ReadsNumber("08ffffffffffffffffff02", 0));    // 65 bits
  EXPECT_FALSE(ReadsNumber("08ffffffffffffffffffff01", 0));  // 11 bytes
  EXPECT_FALSE(ReadsNumber("08", 0));                        // cut
  EXPECT_FALSE(ReadsNumber("0880", 0));                      // cut
  EXPECT_FALSE(ReadsNumber("080108", 1));                    // something after
  EXPECT_FALSE(ReadsNumber("08010801", 1));                  // twice
}

TEST(FieldReader, RefusesAnotherWireType) {
  EXPECT_FALSE(ReadsNumber("090100000000000000", 1));
  const Bytes varint = Hex("0801");
  FieldReader in(varint);
  EXPECT_TRUE(in.Blob(1).empty());
  EXPECT_FALSE(in.Done());
}

TEST(FieldReader, RefusesUnknownAndUnorderedFields) {
  const Bytes bytes = Hex("10020801");  // field 2 before field 1
  FieldReader in(bytes);
  EXPECT_EQ(in.U64(1), 0U);
  EXPECT_EQ(in.U64(2), 2U);
  EXPECT_FALSE(in.Done());
  const Bytes unknown = Hex("08011a00");
  FieldReader other(unknown);
  EXPECT_EQ(other.U64(1), 1U);
  EXPECT_FALSE(other.Done());
}

TEST(FieldReader, RefusesNumbersTooLargeFor32Bits) {
  const Bytes largest = Hex("08ffffffff0f");
  FieldReader in(largest);
  EXPECT_EQ(in.U32(1), 0xFFFFFFFFU);
  EXPECT_TRUE(in.Done());
  const Bytes over = Hex("088080808010");
  FieldReader too_large(over);
  too_large.U32(1);
  EXPECT_FALSE(too_large.Done());
}

TEST(FieldReader, RefusesBlobsThatAreEmptyOrRunOverTheEnd) {
  for (const char* hex : {"0a00", "0a02aa", "0a", "0affffffffffffffffff01", "0a8100aa"}) {
    const Bytes bytes = Hex(hex);
    FieldReader in(bytes);
    in.Blob(1);
    EXPECT_FALSE(in.Done()) << hex;
  }
}

TEST(FieldReader, RefusesAnotherLengthThanTheFields) {
  const Bytes bytes = Hex("0a03010203");
  FieldReader right(bytes);
  EXPECT_EQ(right.Fixed<3>(1), (ByteArray<3>{1, 2, 3}));
  EXPECT_TRUE(right.Done());
  FieldReader wrong(bytes);
  wrong.Fixed<4>(1);
  EXPECT_FALSE(wrong.Done());
  FieldReader maybe(bytes);
  maybe.Maybe<2>(1);
  EXPECT_FALSE(maybe.Done());
  FieldReader absent(ByteView{});
  EXPECT_FALSE(absent.Maybe<2>(1).has_value());
  EXPECT_TRUE(absent.Done());
  absent.Fixed<2>(1);
  EXPECT_FALSE(absent.Done());
}

TEST(FieldReader, ReadsRepeatedItemsEmptyOnesToo) {
  const Bytes bytes = Hex("0a01aa0a000a01bb");
  FieldReader in(bytes);
  ByteView item;
  ASSERT_TRUE(in.Next(1, item));
  EXPECT_EQ(ToHex(item), "aa");
  ASSERT_TRUE(in.Next(1, item));
  EXPECT_TRUE(item.empty());
  ASSERT_TRUE(in.Next(1, item));
  EXPECT_EQ(ToHex(item), "bb");
  EXPECT_FALSE(in.Next(1, item));
  EXPECT_TRUE(in.Done());
}

TEST(FieldWriter, LeavesOutZeroAndEmpty) {
  const Bytes bytes = Encode([](FieldWriter& out) {
    out.U64(1, 0);
    out.Blob(2, {});
    out.Message(3, [](FieldWriter& item) { item.U64(1, 0); });
    out.Item(4, {});
    out.MessageItem(5, [](FieldWriter& item) { item.U64(1, 0); });
  });
  EXPECT_EQ(ToHex(bytes), "22002a00");
}

TEST(FieldWriter, WritesNestedMessagesAndTwoByteTags) {
  const Bytes bytes = Encode([](FieldWriter& out) {
    out.Message(15, [](FieldWriter& item) { item.Blob(2, Hex("aabb")); });
    out.U64(16, 300);
    out.Time(17, Millis{-1});
  });
  EXPECT_EQ(ToHex(bytes), "7a041202aabb8001ac028801ffffffffffffffffff01");
}

TEST(FieldWriter, SecretEncodingIsTheSame) {
  const auto fill = [](FieldWriter& out) {
    out.Blob(1,
             AsBytes("a secret of more than sixty-four bytes, so that it lives on the heap...."));
  };
  EXPECT_TRUE(Equal(EncodeSecret(fill).Expose(), Encode(fill)));
}

TEST(Encoding, NegativeTimesComeBack) {
  const Bytes bytes = Encode([](FieldWriter& out) { out.Time(1, Millis{-5}); });
  FieldReader in(bytes);
  EXPECT_EQ(in.Time(1), Millis{-5});
  EXPECT_TRUE(in.Done());
}

TEST(Encoding, FixedLayoutsAreBigEndian) {
  Bytes out;
  AppendU8(out, 1);
  AppendU32(out, 0x02030405);
  AppendU64(out, 0x060708090A0B0C0D);
  AppendTime(out, Millis{-2});
  EXPECT_EQ(ToHex(out), "0102030405060708090a0b0c0dfffffffffffffffe");
}

TEST(Encoding, TellsMissingFromLaterVersions) {
  EXPECT_TRUE(CheckVersion(1).ok());
  EXPECT_EQ(CheckVersion(0).error().code(), Code::kMalformed);
  EXPECT_EQ(CheckVersion(2).error().code(), Code::kUnsupported);
}

TEST(Encoding, KnowsUtf8) {
  EXPECT_TRUE(IsUtf8(AsBytes("訪問看護 \u00e9 \U0001F600 a")));
  EXPECT_TRUE(IsUtf8({}));
  for (const char* hex : {"80", "c0af", "c1bf", "e08080", "eda080", "f0808080", "f4908080",
                          "f5808080", "e38182e381", "c3", "ff", "61c3"}) {
    EXPECT_FALSE(IsUtf8(Hex(hex))) << hex;
  }
  EXPECT_TRUE(IsUtf8(Hex("ed9fbf")));
  EXPECT_TRUE(IsUtf8(Hex("f48fbfbf")));
}

}  // namespace
}  // namespace renkei::thread
