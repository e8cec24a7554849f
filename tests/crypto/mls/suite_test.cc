#include "crypto/mls/suite.h"

#include <gtest/gtest.h>

#include "tests/crypto/mls/support/examples.h"

namespace renkei::mls {
namespace {

SecretBytes Key(std::uint8_t seed, std::size_t size = 32) {
  return SecretBytes::CopyOf(test::Filler(size, seed));
}

// What RFC 9420 §8 spells out, put together by hand.
TEST(Suite, ExpandWithLabelIsHkdfOverTheLabelStructure) {
  Bytes info = {0x00, 0x10, 0x0d};
  Append(info, AsBytes("MLS 1.0 label"));
  info.push_back(0x02);
  info.push_back(0xaa);
  info.push_back(0xbb);
  EXPECT_TRUE(Equal(ExpandWithLabel(Key(1), "label", Bytes{0xaa, 0xbb}, 16),
                    HkdfExpand(Key(1).Expose(), info, 16)));
}

TEST(Suite, DeriveSecretIsExpandWithoutContext) {
  EXPECT_TRUE(Equal(DeriveSecret(Key(1), "x"), ExpandWithLabel(Key(1), "x", {}, 32)));
}

TEST(Suite, DeriveTreeSecretTakesTheGenerationBigEndian) {
  EXPECT_TRUE(Equal(DeriveTreeSecret(Key(1), "key", {0x01020304}, 32),
                    ExpandWithLabel(Key(1), "key", Bytes{1, 2, 3, 4}, 32)));
}

TEST(Suite, LongContextsKeepTheirLengthPrefix) {
  const Bytes context = test::Filler(300, 2);
  EXPECT_FALSE(Equal(ExpandWithLabel(Key(1), "x", context, 32),
                     ExpandWithLabel(Key(1), "x", ByteView(context).first(299), 32)));
}

TEST(Suite, AeadOpensWhatItSealedAndNothingElse) {
  const Bytes aad = ToBytes("header");
  const Bytes plaintext = ToBytes("content");
  const Bytes sealed = AeadSeal(Key(1), Key(2, 12), aad, plaintext);
  EXPECT_EQ(sealed.size(), plaintext.size() + kAeadTagBytes);
  EXPECT_TRUE(Equal(AeadOpen(Key(1), Key(2, 12), aad, sealed)->Expose(), plaintext));
  Bytes changed = sealed;
  changed.back() ^= 1;
  EXPECT_EQ(AeadOpen(Key(1), Key(2, 12), aad, changed).error().code(), Code::kAuthFailed);
  EXPECT_EQ(AeadOpen(Key(3), Key(2, 12), aad, sealed).error().code(), Code::kAuthFailed);
  EXPECT_EQ(AeadOpen(Key(1), Key(3, 12), aad, sealed).error().code(), Code::kAuthFailed);
  EXPECT_EQ(AeadOpen(Key(1), Key(2, 12), {}, sealed).error().code(), Code::kAuthFailed);
  EXPECT_EQ(AeadOpen(Key(1), Key(2, 12), aad, Bytes(15)).error().code(), Code::kAuthFailed);
}

TEST(Suite, SealingInPlaceGivesTheSameBytes) {
  Bytes buffer = ToBytes("content");
  buffer.resize(buffer.size() + kAeadTagBytes);
  AeadSealInPlace(Key(1), Key(2, 12), {}, buffer);
  EXPECT_EQ(buffer, AeadSeal(Key(1), Key(2, 12), {}, ToBytes("content")));
}

TEST(Suite, MacVerifiesAndRefuses) {
  const Bytes data = ToBytes("data");
  const Hash32 tag = Mac(Key(1), data);
  EXPECT_TRUE(VerifyMac(Key(1), data, tag).ok());
  EXPECT_EQ(VerifyMac(Key(2), data, tag).error().code(), Code::kAuthFailed);
  EXPECT_EQ(VerifyMac(Key(1), data, ByteView(tag).first(31)).error().code(), Code::kAuthFailed);
  EXPECT_EQ(VerifyMac(Key(1), data, {}).error().code(), Code::kAuthFailed);
}

TEST(Suite, SignatureHoldsForItsLabelAndContentOnly) {
  SeededRandom random(1);
  const SigningKey key = SigningKey::Generate(random);
  const Bytes signature = SignWithLabel(key, "LeafNodeTBS", ToBytes("content"));
  const ByteView pub = key.public_key();
  EXPECT_TRUE(VerifyWithLabel(pub, "LeafNodeTBS", ToBytes("content"), signature).ok());
  EXPECT_EQ(VerifyWithLabel(pub, "GroupInfoTBS", ToBytes("content"), signature).error().code(),
            Code::kAuthFailed);
  EXPECT_EQ(VerifyWithLabel(pub, "LeafNodeTBS", ToBytes("other"), signature).error().code(),
            Code::kAuthFailed);
  EXPECT_EQ(VerifyWithLabel(pub, "LeafNodeTBS", ToBytes("content"), Bytes(63)).error().code(),
            Code::kMalformed);
  EXPECT_EQ(VerifyWithLabel(Bytes(31), "x", ToBytes("content"), signature).error().code(),
            Code::kMalformed);
  // The signed bytes start with the label in full (RFC 9420 §5.1.2).
  EXPECT_TRUE(VerifyLabelled(pub, "MLS 1.0 LeafNodeTBS", ToBytes("content"), signature).ok());
}

TEST(Suite, EncryptionIsBoundToLabelAndContext) {
  SeededRandom random(2);
  const HpkeKeyPair pair = HpkeKeyPair::Generate(random);
  const Bytes context = ToBytes("context");
  const auto sealed =
      EncryptWithLabel(pair.public_key(), "Welcome", context, ToBytes("secret"), random);
  ASSERT_TRUE(sealed.ok());
  EXPECT_TRUE(
      Equal(DecryptWithLabel(pair, "Welcome", context, *sealed)->Expose(), ToBytes("secret")));
  EXPECT_EQ(DecryptWithLabel(pair, "UpdatePathNode", context, *sealed).error().code(),
            Code::kAuthFailed);
  EXPECT_EQ(DecryptWithLabel(pair, "Welcome", {}, *sealed).error().code(), Code::kAuthFailed);
}

TEST(Suite, RefHashIsTheHashOfLabelAndValueWithLengths) {
  Bytes input = {0x03, 'a', 'b', 'c', 0x40, 0x46};
  const Bytes value = test::Filler(70, 1);
  Append(input, value);
  EXPECT_EQ(RefHash("abc", value), Sha256(input));
}

TEST(Suite, ReferencesHashTheWholeObject) {  // RFC 9420 §5.2
  const KeyPackage key_package = test::ExampleKeyPackage();
  EXPECT_EQ(MakeKeyPackageRef(key_package).value,
            ToBytes(RefHash("MLS 1.0 KeyPackage Reference", wire::Serialize(key_package))));
  AuthenticatedContent proposal;
  proposal.content = test::ExampleContent(test::ExampleProposals()[2]);
  proposal.auth.signature = test::Filler(64, 1);
  const ProposalRef ref = MakeProposalRef(proposal);
  proposal.wire_format = WireFormat::kPrivateMessage;
  EXPECT_NE(MakeProposalRef(proposal).value, ref.value);
}

}  // namespace
}  // namespace renkei::mls
