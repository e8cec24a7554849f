#include "crypto/base/sign.h"

#include <gtest/gtest.h>
#include <sodium.h>

#include <string>

namespace renkei {
namespace {

Bytes Hex(std::string_view text) {
  return FromHex(text).value();
}

struct KeyVector {
  std::string_view seed;
  std::string_view public_key;
  std::string_view message;
  std::string_view signature;
};

// RFC 8032 §7.1, tests 1 to 3.
constexpr KeyVector kVectors[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b"
     "4"
     "6bd25bf5f0595bbe24655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11"
     "d"
     "8c387b2eaeb4302aeeb00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc"
     "6"
     "594a7c15e9716ed28dc027beceea1ec40a"},
};

constexpr std::string_view kLabel = "Renkei 1.0 Test";

TEST(SigningKey, DerivesThePublicKeysOfRfc8032) {
  for (const KeyVector& v : kVectors) {
    const SigningKey key = SigningKey::FromSeed(Hex(v.seed)).value();
    EXPECT_EQ(ToHex(key.public_key()), v.public_key);
    EXPECT_EQ(ToHex(key.Seed().Expose()), v.seed);
    EXPECT_EQ(key.Clone().public_key(), key.public_key());
  }
}

TEST(SignLabelled, IsTheEd25519OfRfc8032OverSignContent) {
  for (const KeyVector& v : kVectors) {
    const SigningKey key = SigningKey::FromSeed(Hex(v.seed)).value();
    ByteArray<crypto_sign_PUBLICKEYBYTES> public_key{};
    ByteArray<crypto_sign_SECRETKEYBYTES> secret_key{};
    crypto_sign_seed_keypair(public_key.data(), secret_key.data(), Hex(v.seed).data());
    const auto plain = [&](ByteView message) {
      Signature out{};
      crypto_sign_detached(out.data(), nullptr, message.data(), message.size(), secret_key.data());
      return out;
    };
    const Bytes message = Hex(v.message);
    ASSERT_EQ(ToHex(plain(message)), v.signature);  // the yardstick is the RFC's
    EXPECT_EQ(key.SignLabelled(kLabel, message), plain(SignContent(kLabel, message)));
    EXPECT_TRUE(key.Clone().SignLabelled(kLabel, message) == key.SignLabelled(kLabel, message));
  }
}

TEST(VerifyLabelled, APlainSignatureOfTheSameContentIsNone) {
  for (const KeyVector& v : kVectors) {
    EXPECT_EQ(
        VerifyLabelled(Hex(v.public_key), kLabel, Hex(v.message), Hex(v.signature)).error().code(),
        Code::kAuthFailed);
  }
}

TEST(SignContent, PrefixesLabelAndContentWithTheirLengths) {
  EXPECT_EQ(ToHex(SignContent("ab", Bytes{1, 2, 3})), "02616203010203");
  EXPECT_EQ(ToHex(SignContent("ab", {})), "02616200");
}

TEST(SignContent, LengthsAreThoseOfRfc9420) {
  const auto prefix_of = [](std::size_t size) {
    const Bytes all = SignContent("a", Bytes(size));
    return ToHex(ByteView(all).subspan(2, all.size() - 2 - size));
  };
  EXPECT_EQ(prefix_of(63), "3f");
  EXPECT_EQ(prefix_of(64), "4040");
  EXPECT_EQ(prefix_of(16383), "7fff");
  EXPECT_EQ(prefix_of(16384), "80004000");
}

TEST(VerifyLabelled, AcceptsWhatWasSigned) {
  SeededRandom random(1);
  const SigningKey key = SigningKey::Generate(random);
  const Bytes content = random.NextBytes(500);
  EXPECT_TRUE(
      VerifyLabelled(key.public_key(), kLabel, content, key.SignLabelled(kLabel, content)).ok());
}

TEST(VerifyLabelled, RefusesAnotherLabelContentKeyOrSignature) {
  SeededRandom random(2);
  const SigningKey key = SigningKey::Generate(random);
  const SigningKey other = SigningKey::Generate(random);
  const Bytes content = ToBytes("退院時サマリー");
  const Signature good = key.SignLabelled(kLabel, content);
  const auto code = [](const Status& status) { return status.error().code(); };

  EXPECT_EQ(code(VerifyLabelled(key.public_key(), "Renkei 1.0 Other", content, good)),
            Code::kAuthFailed);
  EXPECT_EQ(code(VerifyLabelled(key.public_key(), kLabel, ToBytes("別"), good)), Code::kAuthFailed);
  EXPECT_EQ(code(VerifyLabelled(other.public_key(), kLabel, content, good)), Code::kAuthFailed);
  for (std::size_t i = 0; i < good.size(); ++i) {
    Signature bad = good;
    bad[i] ^= 1;
    EXPECT_EQ(code(VerifyLabelled(key.public_key(), kLabel, content, bad)), Code::kAuthFailed);
  }
}

TEST(VerifyLabelled, LabelAndContentCannotTradeBytes) {
  SeededRandom random(3);
  const SigningKey key = SigningKey::Generate(random);
  const Signature good = key.SignLabelled("ab", ToBytes("c"));
  EXPECT_FALSE(VerifyLabelled(key.public_key(), "a", ToBytes("bc"), good).ok());
  EXPECT_FALSE(VerifyLabelled(key.public_key(), "abc", {}, good).ok());
}

TEST(VerifyLabelled, WrongLengthsAreMalformed) {
  SeededRandom random(4);
  const SigningKey key = SigningKey::Generate(random);
  const Signature good = key.SignLabelled(kLabel, {});
  const ByteView signature = good;
  const ByteView public_key = key.public_key();
  EXPECT_EQ(VerifyLabelled(public_key.first(31), kLabel, {}, signature).error().code(),
            Code::kMalformed);
  EXPECT_EQ(VerifyLabelled(public_key, kLabel, {}, signature.first(63)).error().code(),
            Code::kMalformed);
  EXPECT_EQ(VerifyLabelled({}, kLabel, {}, {}).error().code(), Code::kMalformed);
  EXPECT_EQ(SigningKey::FromSeed(Bytes(31)).error().code(), Code::kMalformed);
  EXPECT_EQ(SigningKey::FromSeed(Bytes(64)).error().code(), Code::kMalformed);
}

TEST(VerifyLabelled, AKeyOfLowOrderSignsNothing) {
  // With the neutral element as key, R = neutral and S = 0 would satisfy the equation for every
  // message, so its owner could deny everything.
  PublicKey neutral{};
  neutral[0] = 1;
  Signature forged{};
  forged[0] = 1;
  EXPECT_EQ(VerifyLabelled(neutral, kLabel, ToBytes("x"), forged).error().code(),
            Code::kAuthFailed);
}

TEST(SigningKey, GeneratedOnesDiffer) {
  SystemRandom random;
  EXPECT_NE(SigningKey::Generate(random).public_key(), SigningKey::Generate(random).public_key());
}

}  // namespace
}  // namespace renkei
