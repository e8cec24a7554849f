#include "crypto/mls/hpke.h"

#include <gtest/gtest.h>

namespace renkei::mls {
namespace {

Bytes Hex(const char* text) {
  return FromHex(text).value();
}

// RFC 9180 Appendix A.2.1: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20Poly1305, base mode.
HpkeKeyPair RfcEphemeral() {
  return HpkeKeyPair::Derive(
      Hex("909a9b35d3dc4713a5e72a4da274b55d3d3821a37e5d099e74a647db583a904b"));
}
HpkeKeyPair RfcRecipient() {
  return HpkeKeyPair::Derive(
      Hex("1ac01f181fdf9f352797655161c58b75c656a6cc2716dcb66372da835542e1df"));
}
const Bytes kInfo = Hex("4f6465206f6e2061204772656369616e2055726e");
const Bytes kAad = Hex("436f756e742d30");
const Bytes kPlaintext = Hex("4265617574792069732074727574682c20747275746820626561757479");

// Points whose product with every private key is zero (RFC 7748 §6.1).
const char* const kSmallOrder[] = {
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
};

TEST(Hpke, DeriveKeyPairMatchesTheRfc) {
  EXPECT_EQ(ToHex(RfcEphemeral().public_key()),
            "1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a");
  EXPECT_EQ(ToHex(RfcRecipient().public_key()),
            "4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a");
  EXPECT_EQ(ToHex(RfcRecipient().private_key().Expose()),
            "8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb");
}

TEST(Hpke, SealMatchesTheRfcAndOpens) {
  const auto sealed =
      HpkeSealWith(RfcEphemeral(), RfcRecipient().public_key(), kInfo, kAad, kPlaintext);
  ASSERT_TRUE(sealed.ok());
  EXPECT_EQ(ToHex(sealed->kem_output), ToHex(RfcEphemeral().public_key()));
  EXPECT_EQ(ToHex(sealed->ciphertext),
            "1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b5"
            "1a28");
  const auto opened = HpkeOpen(RfcRecipient(), *sealed, kInfo, kAad);
  ASSERT_TRUE(opened.ok());
  EXPECT_TRUE(Equal(opened->Expose(), kPlaintext));
}

TEST(Hpke, ExportMatchesTheRfc) {
  const HpkeKeyPair recipient = RfcRecipient();
  const Bytes kem_output = ToBytes(RfcEphemeral().public_key());
  const std::pair<std::string_view, const char*> exports[] = {
      {"", "4bbd6243b8bb54cec311fac9df81841b6fd61f56538a775e7c80a9f40160606e"},
      {std::string_view("\0", 1),
       "8c1df14732580e5501b00f82b10a1647b40713191b7c1240ac80e2b68808ba69"},
      {"TestContext", "5acb09211139c43b3090489a9da433e8a30ee7188ba8b0a9a1ccf0c229283e53"}};
  for (const auto& [context, expected] : exports) {
    const auto secret = HpkeExportFrom(recipient, kem_output, kInfo, context, 32);
    ASSERT_TRUE(secret.ok());
    EXPECT_EQ(ToHex(secret->Expose()), expected);
  }
}

TEST(Hpke, BothSidesExportTheSame) {
  SeededRandom random(1);
  const HpkeKeyPair recipient = HpkeKeyPair::Generate(random);
  const auto sent = HpkeExportTo(recipient.public_key(), kInfo, "purpose", 48, random);
  ASSERT_TRUE(sent.ok());
  const auto received = HpkeExportFrom(recipient, sent->kem_output, kInfo, "purpose", 48);
  ASSERT_TRUE(received.ok());
  EXPECT_TRUE(Equal(*received, sent->secret));
}

TEST(Hpke, FreshSealsOfTheSamePlaintextDiffer) {
  SeededRandom random(2);
  const auto one = HpkeSeal(RfcRecipient().public_key(), kInfo, kAad, kPlaintext, random);
  const auto two = HpkeSeal(RfcRecipient().public_key(), kInfo, kAad, kPlaintext, random);
  ASSERT_TRUE(one.ok() && two.ok());
  EXPECT_NE(one->kem_output, two->kem_output);
  EXPECT_NE(one->ciphertext, two->ciphertext);
}

TEST(Hpke, InfoHashedOnceServesManyRecipientsAndOpensWithNoOther) {
  SeededRandom random(6);
  const HpkeInfo once(kInfo);
  const HpkeKeyPair recipients[] = {RfcRecipient(), HpkeKeyPair::Generate(random)};
  for (const HpkeKeyPair& recipient : recipients) {
    const auto sealed = HpkeSeal(recipient.public_key(), once, kAad, kPlaintext, random);
    ASSERT_TRUE(sealed.ok());
    EXPECT_TRUE(HpkeOpen(recipient, *sealed, kInfo, kAad).ok());
    EXPECT_EQ(HpkeOpen(recipient, *sealed, kAad, kAad).error().code(), Code::kAuthFailed);
  }
}

TEST(Hpke, CallersEphemeralKeyGivesTheSameBytesEveryTime) {
  const auto one =
      HpkeSealWith(RfcEphemeral(), RfcRecipient().public_key(), kInfo, kAad, kPlaintext);
  const auto two =
      HpkeSealWith(RfcEphemeral().Clone(), RfcRecipient().public_key(), kInfo, kAad, kPlaintext);
  ASSERT_TRUE(one.ok() && two.ok());
  EXPECT_TRUE(*one == *two);
}

TEST(Hpke, AnythingChangedDoesNotOpen) {
  SeededRandom random(3);
  const HpkeKeyPair recipient = RfcRecipient();
  const HpkeCiphertext good =
      HpkeSeal(recipient.public_key(), kInfo, kAad, kPlaintext, random).value();
  const auto code = [&](const HpkeKeyPair& key, const HpkeCiphertext& sealed, ByteView info,
                        ByteView aad) { return HpkeOpen(key, sealed, info, aad).error().code(); };
  HpkeCiphertext changed = good;
  changed.ciphertext[0] ^= 1;
  EXPECT_EQ(code(recipient, changed, kInfo, kAad), Code::kAuthFailed);
  changed = good;
  changed.kem_output[0] ^= 1;
  EXPECT_EQ(code(recipient, changed, kInfo, kAad), Code::kAuthFailed);
  changed = good;
  changed.kem_output.pop_back();
  EXPECT_EQ(code(recipient, changed, kInfo, kAad), Code::kAuthFailed);
  changed = good;
  changed.ciphertext.resize(15);
  EXPECT_EQ(code(recipient, changed, kInfo, kAad), Code::kAuthFailed);
  EXPECT_EQ(code(recipient, good, kAad, kAad), Code::kAuthFailed);
  EXPECT_EQ(code(recipient, good, kInfo, kInfo), Code::kAuthFailed);
  EXPECT_EQ(code(RfcEphemeral(), good, kInfo, kAad), Code::kAuthFailed);
}

TEST(Hpke, PointOfSmallOrderIsRefusedByBothSides) {  // RFC 9180 §7.1.4
  SeededRandom random(4);
  for (const char* point : kSmallOrder) {
    EXPECT_EQ(HpkeSeal(Hex(point), kInfo, kAad, kPlaintext, random).error().code(),
              Code::kMalformed);
    EXPECT_EQ(HpkeExportTo(Hex(point), kInfo, "x", 32, random).error().code(), Code::kMalformed);
    EXPECT_EQ(HpkeOpen(RfcRecipient(), {Hex(point), Bytes(32)}, kInfo, kAad).error().code(),
              Code::kAuthFailed);
    EXPECT_EQ(HpkeExportFrom(RfcRecipient(), Hex(point), kInfo, "x", 32).error().code(),
              Code::kAuthFailed);
  }
}

TEST(Hpke, KeysOfTheWrongLengthAreMalformed) {
  SeededRandom random(5);
  Bytes key = ToBytes(RfcRecipient().public_key());
  EXPECT_TRUE(HpkeSeal(key, kInfo, kAad, kPlaintext, random).ok());
  key.push_back(1);
  EXPECT_EQ(HpkeSeal(key, kInfo, kAad, kPlaintext, random).error().code(), Code::kMalformed);
  key.resize(31);
  EXPECT_EQ(HpkeSeal(key, kInfo, kAad, kPlaintext, random).error().code(), Code::kMalformed);
  EXPECT_EQ(HpkeKeyPair::FromPrivate(Bytes(31, 1)).error().code(), Code::kMalformed);
  EXPECT_EQ(HpkeKeyPair::FromPrivate(Bytes(33, 1)).error().code(), Code::kMalformed);
}

TEST(Hpke, PrivateKeyComesBackFromItsBytes) {
  const auto pair = HpkeKeyPair::FromPrivate(RfcRecipient().private_key().Expose());
  ASSERT_TRUE(pair.ok());
  EXPECT_EQ(pair->public_key(), RfcRecipient().public_key());
}

}  // namespace
}  // namespace renkei::mls
