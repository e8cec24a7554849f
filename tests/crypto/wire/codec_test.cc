#include "crypto/wire/codec.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace renkei::wire {
namespace {

Bytes Hex(const char* text) {
  return FromHex(text).value();
}

enum class Colour : std::uint16_t { kRed = 1 };

Code LengthError(const char* hex) {
  const Bytes bytes = Hex(hex);
  Reader in(bytes);
  std::size_t length = 0;
  const Status status = in.Length(length);
  return status.ok() ? Code::kInternal : status.error().code();
}

std::size_t LengthOf(const char* hex) {
  const Bytes bytes = Hex(hex);
  Reader in(bytes);
  std::size_t length = 0;
  EXPECT_TRUE(in.Length(length).ok());
  EXPECT_TRUE(in.AtEnd());
  return length;
}

TEST(Codec, IntegersAreBigEndian) {
  Writer out;
  out.U8(0x01);
  out.U16(0x0203);
  out.U32(0x04050607);
  out.U64(0x08090a0b0c0d0e0f);
  EXPECT_EQ(ToHex(out.view()), "0102030405060708090a0b0c0d0e0f");
  Reader in(out.view());
  std::uint8_t u8 = 0;
  std::uint16_t u16 = 0;
  std::uint32_t u32 = 0;
  std::uint64_t u64 = 0;
  ASSERT_TRUE(in.U8(u8).ok() && in.U16(u16).ok() && in.U32(u32).ok() && in.U64(u64).ok());
  EXPECT_EQ(u8, 0x01);
  EXPECT_EQ(u16, 0x0203);
  EXPECT_EQ(u32, 0x04050607U);
  EXPECT_EQ(u64, 0x08090a0b0c0d0e0fU);
  EXPECT_TRUE(in.Finish().ok());
}

TEST(Codec, IntegerThatIsCutOffIsMalformed) {
  const Bytes bytes = Hex("010203");
  Reader in(bytes);
  std::uint32_t value = 7;
  EXPECT_EQ(in.U32(value).error().code(), Code::kMalformed);
  EXPECT_EQ(value, 7U);
  EXPECT_EQ(in.remaining(), 3U);
}

// The examples of RFC 9420 §2.1.2, which are those of RFC 9000 §16.
TEST(Codec, LengthsFollowTheExamplesOfTheRfc) {
  EXPECT_EQ(LengthOf("9d7f3e7d"), 494878333U);
  EXPECT_EQ(LengthOf("7bbd"), 15293U);
  EXPECT_EQ(LengthOf("25"), 37U);
}

TEST(Codec, LengthsAtTheEdgesOfEachSizeEncodeAndDecode) {
  const std::pair<std::size_t, const char*> edges[] = {
      {0, "00"},       {63, "3f"},          {64, "4040"},
      {16383, "7fff"}, {16384, "80004000"}, {kMaxVectorBytes, "bfffffff"}};
  for (const auto& [length, hex] : edges) {
    Writer out;
    out.Length(length);
    EXPECT_EQ(ToHex(out.view()), hex);
    EXPECT_EQ(LengthOf(hex), length);
  }
}

TEST(Codec, LengthNotInItsShortestFormIsMalformed) {
  EXPECT_EQ(LengthError("4025"), Code::kMalformed);
  EXPECT_EQ(LengthError("403f"), Code::kMalformed);
  EXPECT_EQ(LengthError("80003fff"), Code::kMalformed);
  EXPECT_EQ(LengthError("80000000"), Code::kMalformed);
}

TEST(Codec, LengthWithPrefixThreeIsMalformed) {
  EXPECT_EQ(LengthError("c000000000000000"), Code::kMalformed);
  EXPECT_EQ(LengthError("ffffffffffffffff"), Code::kMalformed);
}

TEST(Codec, LengthThatIsCutOffIsMalformed) {
  EXPECT_EQ(LengthError(""), Code::kMalformed);
  EXPECT_EQ(LengthError("40"), Code::kMalformed);
  EXPECT_EQ(LengthError("800040"), Code::kMalformed);
}

TEST(Codec, OpaqueLongerThanTheInputIsMalformedAndAllocatesNothing) {
  const Bytes bytes = Hex("bfffffff01");
  Reader in(bytes);
  Bytes out;
  EXPECT_EQ(in.Opaque(out).error().code(), Code::kMalformed);
  EXPECT_EQ(out.capacity(), 0U);
}

TEST(Codec, OpaqueIsReadAsViewCopyAndSecret) {
  const Bytes bytes =
      Hex("03010203"
          "03010203"
          "03010203");
  Reader in(bytes);
  ByteView view;
  Bytes copy;
  SecretBytes secret;
  ASSERT_TRUE(in.OpaqueView(view).ok());
  EXPECT_EQ(view.data(), bytes.data() + 1);
  ASSERT_TRUE(in.Opaque(copy).ok());
  EXPECT_EQ(copy, Hex("010203"));
  ASSERT_TRUE(in.OpaqueSecret(secret).ok());
  EXPECT_TRUE(Equal(secret.Expose(), copy));
  EXPECT_TRUE(in.AtEnd());
}

TEST(Codec, VectorGetsTheLengthOfWhatWasWrittenIntoIt) {
  for (const std::size_t size : {0U, 1U, 63U, 64U, 16383U, 16384U}) {
    Writer out;
    out.U8(0xaa);
    out.Vector([&] { out.Raw(Bytes(size, 0x55)); });
    out.U8(0xbb);
    Writer expected;
    expected.U8(0xaa);
    expected.Opaque(Bytes(size, 0x55));
    expected.U8(0xbb);
    EXPECT_TRUE(std::equal(out.view().begin(), out.view().end(), expected.view().begin(),
                           expected.view().end()))
        << size;
  }
}

TEST(Codec, VectorsNest) {
  Writer out;
  out.Vector([&] {
    out.Vector([&] { out.Raw(Bytes(70, 0x01)); });
    out.Vector([] {});
  });
  EXPECT_EQ(ToHex(out.view()).substr(0, 8), "40494046");
  Reader in(out.view());
  Reader outer;
  Reader inner;
  ASSERT_TRUE(in.Vector(outer).ok());
  ASSERT_TRUE(outer.Vector(inner).ok());
  EXPECT_EQ(inner.remaining(), 70U);
  ASSERT_TRUE(outer.Vector(inner).ok());
  EXPECT_TRUE(inner.AtEnd() && outer.AtEnd() && in.AtEnd());
}

TEST(Codec, VectorElementThatCrossesTheEndOfTheVectorIsMalformed) {
  const Bytes bytes =
      Hex("03"
          "0001"
          "00"
          "01");  // three bytes: one and a half uint16
  Reader in(bytes);
  std::vector<std::uint16_t> values;
  EXPECT_EQ(DecodeVector(in, values, 10).error().code(), Code::kMalformed);
}

TEST(Codec, VectorWithMoreElementsThanAllowedIsTooLarge) {
  Writer out;
  EncodeVector(out, std::vector<std::uint16_t>{1, 2, 3});
  std::vector<std::uint16_t> values;
  Reader enough(out.view());
  EXPECT_TRUE(DecodeVector(enough, values, 3).ok());
  EXPECT_EQ(values, (std::vector<std::uint16_t>{1, 2, 3}));
  Reader too_few(out.view());
  EXPECT_EQ(DecodeVector(too_few, values, 2).error().code(), Code::kTooLarge);
}

TEST(Codec, OptionalIsPresentAbsentOrMalformed) {
  Writer out;
  EncodeOptional(out, std::optional<std::uint16_t>(5));
  EncodeOptional(out, std::optional<std::uint16_t>());
  EXPECT_EQ(ToHex(out.view()), "01000500");
  Reader in(out.view());
  std::optional<std::uint16_t> value;
  ASSERT_TRUE(DecodeOptional(in, value).ok());
  EXPECT_EQ(value, 5);
  ASSERT_TRUE(DecodeOptional(in, value).ok());
  EXPECT_EQ(value, std::nullopt);
  const Bytes two = Hex("020005");
  Reader bad(two);
  EXPECT_EQ(DecodeOptional(bad, value).error().code(), Code::kMalformed);
}

TEST(Codec, RegistryValuesThatNobodyKnowsAreKept) {
  const auto value = Parse<Colour>(Hex("0a0a"));
  ASSERT_TRUE(value.ok());
  EXPECT_EQ(Serialize(*value), Hex("0a0a"));
}

TEST(Codec, BytesLeftOverAreMalformed) {
  EXPECT_TRUE(Parse<std::uint16_t>(Hex("0001")).ok());
  EXPECT_EQ(Parse<std::uint16_t>(Hex("000100")).error().code(), Code::kMalformed);
  EXPECT_EQ(Parse<Bytes>(Hex("010203")).error().code(), Code::kMalformed);
}

TEST(Codec, SecretWriterGivesTheSameBytesAndGrows) {
  Writer secret(1, Writer::Holds::kSecret);
  Writer plain;
  for (int i = 0; i < 100; ++i) {
    secret.Opaque(Bytes(9, 0x11));
    plain.Opaque(Bytes(9, 0x11));
  }
  secret.Vector([&] { secret.Zeros(100); });
  plain.Vector([&] { plain.Zeros(100); });
  const Bytes expected = std::move(plain).Take();
  EXPECT_TRUE(Equal(std::move(secret).TakeSecret().Expose(), expected));
}

TEST(CodecDeathTest, LengthWithoutEncodingIsOurBug) {
  EXPECT_DEATH(
      {
        Writer out;
        out.Length(kMaxVectorBytes + 1);
      },
      "internal check failed");
}

}  // namespace
}  // namespace renkei::wire
