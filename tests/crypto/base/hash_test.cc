#include "crypto/base/hash.h"

#include <gtest/gtest.h>

#include <string>

namespace renkei {
namespace {

Bytes Hex(std::string_view text) {
  return FromHex(text).value();
}

TEST(Sha256, MatchesFips180) {
  EXPECT_EQ(ToHex(Sha256(ByteView())),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(ToHex(Sha256(AsBytes("abc"))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(ToHex(Sha256(AsBytes("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(ToHex(Sha256(AsBytes(std::string(1000000, 'a')))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, OfPartsIsOfTheirConcatenation) {
  EXPECT_EQ(Sha256({AsBytes("a"), AsBytes(""), AsBytes("bc")}), Sha256(AsBytes("abc")));
  EXPECT_EQ(Sha256(std::initializer_list<ByteView>{}), Sha256(ByteView()));
}

struct HmacVector {
  Bytes key;
  Bytes data;
  std::string_view tag;
};

TEST(HmacSha256, MatchesRfc4231) {
  const HmacVector vectors[] = {
      {Bytes(20, 0x0B), ToBytes("Hi There"),
       "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
      {ToBytes("Jefe"), ToBytes("what do ya want for nothing?"),
       "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
      {Bytes(20, 0xAA), Bytes(50, 0xDD),
       "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
      {Hex("0102030405060708090a0b0c0d0e0f10111213141516171819"), Bytes(50, 0xCD),
       "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
      {Bytes(131, 0xAA), ToBytes("Test Using Larger Than Block-Size Key - Hash Key First"),
       "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
      {Bytes(131, 0xAA),
       ToBytes("This is a test using a larger than block-size key and a larger than block-size "
               "data. The key needs to be hashed before being used by the HMAC algorithm."),
       "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
  };
  for (const HmacVector& v : vectors) {
    EXPECT_EQ(ToHex(HmacSha256(v.key, {v.data})), v.tag);
    const ByteView data = v.data;
    EXPECT_EQ(ToHex(HmacSha256(v.key, {data.first(3), data.subspan(3)})), v.tag);
  }
}

struct HkdfVector {
  Bytes input_key;
  Bytes salt;
  Bytes info;
  std::size_t length;
  std::string_view pseudo_random_key;
  std::string_view output;
};

Bytes Counting(int from, int to) {
  Bytes out;
  for (int i = from; i <= to; ++i) {
    out.push_back(static_cast<std::uint8_t>(i));
  }
  return out;
}

TEST(Hkdf, MatchesRfc5869) {
  const HkdfVector vectors[] = {
      {Bytes(22, 0x0B), Counting(0x00, 0x0C), Counting(0xF0, 0xF9), 42,
       "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
       "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"},
      {Counting(0x00, 0x4F), Counting(0x60, 0xAF), Counting(0xB0, 0xFF), 82,
       "06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244",
       "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e"
       "590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87"},
      {Bytes(22, 0x0B),
       {},
       {},
       42,
       "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04",
       "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"},
  };
  for (const HkdfVector& v : vectors) {
    const SecretBytes key = HkdfExtract(v.salt, v.input_key);
    EXPECT_EQ(ToHex(key.Expose()), v.pseudo_random_key);
    EXPECT_EQ(ToHex(HkdfExpand(key.Expose(), v.info, v.length).Expose()), v.output);
  }
}

TEST(Hkdf, ShorterOutputIsABeginningOfTheLongest) {
  const Bytes key(32, 7);
  const SecretBytes longest = HkdfExpand(key, AsBytes("info"), 255 * kHashBytes);
  for (const std::size_t length : {1U, 31U, 32U, 33U, 64U, 65U, 8159U}) {
    EXPECT_TRUE(
        Equal(HkdfExpand(key, AsBytes("info"), length).Expose(), longest.Expose().first(length)));
  }
}

TEST(HkdfDeathTest, MoreThanTheLimitIsOurBug) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const Bytes key(32, 7);
  EXPECT_DEATH((void)HkdfExpand(key, {}, 255 * kHashBytes + 1), "internal check failed");
  EXPECT_DEATH((void)HkdfExpand(key, {}, 0), "internal check failed");
}

// Appendix A of the paper: key 00..0f, data 00..0e; and the first two of its authors' vectors.
TEST(ShortHash, IsSipHash24) {
  ByteArray<kShortHashKeyBytes> key{};
  Bytes data;
  for (std::uint8_t i = 0; i < 16; ++i) {
    key[i] = i;
    if (i < 15) {
      data.push_back(i);
    }
  }
  EXPECT_EQ(ShortHash(key, data), 0xA129CA6149BE45E5U);
  EXPECT_EQ(ShortHash(key, ByteView()), 0x726FDB47DD0E0E31U);
  EXPECT_EQ(ShortHash(key, ByteView(data).first(1)), 0x74F839C593DC67FDU);
  key[15] = 0;
  EXPECT_NE(ShortHash(key, data), 0xA129CA6149BE45E5U);
}

}  // namespace
}  // namespace renkei
