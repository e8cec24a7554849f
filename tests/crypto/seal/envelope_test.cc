#include "crypto/seal/envelope.h"

#include <gtest/gtest.h>

#include "tests/crypto/seal/support/sealed_case.h"

namespace renkei::seal {
namespace {

class Envelopes : public testing::Test {
 protected:
  thread::Envelope Seal() const {
    return SealEnvelope(case_.archive_secret, case_.ArchiveKey(), case_.card.case_id, {0, 7})
        .value();
  }
  Result<SecretBytes> Open(const thread::Envelope& envelope) const {
    return OpenEnvelope(envelope, case_.archive_key.private_key(), case_.card.epoch_id);
  }

  test::SealedCase case_{43};
};

TEST_F(Envelopes, G7_OpenWithTheArchiveKeyAlone) {
  const auto secret = Open(Seal());
  ASSERT_TRUE(secret.ok());
  EXPECT_TRUE(Equal(*secret, case_.archive_secret));
}

TEST_F(Envelopes, AreTheSameWhoeverMakesThem) {
  EXPECT_EQ(Seal(), Seal());
  EXPECT_TRUE(CheckEnvelope(Seal(), case_.archive_secret, case_.ArchiveKey()).ok());
}

TEST_F(Envelopes, G3_EveryChangedByteIsNoticedByMembersAndRecipient) {
  const auto passes_check = [&](ByteView bytes) {
    const auto envelope = thread::ParseEnvelope(bytes);
    return envelope.ok() && CheckEnvelope(*envelope, case_.archive_secret, case_.ArchiveKey()).ok();
  };
  const auto opens = [&](ByteView bytes) {
    const auto envelope = thread::ParseEnvelope(bytes);
    return envelope.ok() && Open(*envelope).ok();
  };
  const Bytes bytes = thread::SerializeEnvelope(Seal());
  ASSERT_TRUE(passes_check(bytes) && opens(bytes));
  EXPECT_EQ(test::CountAcceptedMutations(bytes, passes_check), 0U);
  EXPECT_EQ(test::CountAcceptedMutations(bytes, opens), 0U);
}

TEST_F(Envelopes, DifferByEpochCaseKeyAndVersion) {
  const thread::Envelope good = Seal();
  const auto differs = [&](const ArchiveKeyRef& to, const CaseId& case_id, thread::EpochRef at) {
    const auto other = SealEnvelope(case_.archive_secret, to, case_id, at).value();
    return other.ciphertext != good.ciphertext;
  };
  const ArchiveKeyRef to = case_.ArchiveKey();
  const CaseId& case_id = case_.card.case_id;
  EXPECT_FALSE(differs(to, case_id, {0, 7}));
  EXPECT_TRUE(differs(to, case_id, {0, 8}));
  EXPECT_TRUE(differs(to, case_id, {1, 7}));
  EXPECT_TRUE(differs(to, CaseId{}, {0, 7}));
  ArchiveKeyRef other = to;
  other.key_id[0] ^= 1;
  EXPECT_TRUE(differs(other, case_id, {0, 7}));
  other = to;
  other.version = 2;
  EXPECT_TRUE(differs(other, case_id, {0, 7}));
}

// A committer who seals another secret: the recipient could not read this epoch.
TEST_F(Envelopes, G7_WithAWrongSecretAreNoticedByEveryMember) {
  const SecretBytes wrong = case_.example.random().NextSecret(kArchiveSecretBytes);
  const thread::Envelope envelope =
      SealEnvelope(wrong, case_.ArchiveKey(), case_.card.case_id, {0, 7}).value();
  EXPECT_EQ(CheckEnvelope(envelope, case_.archive_secret, case_.ArchiveKey()).error().code(),
            Code::kAuthFailed);
  EXPECT_EQ(Open(envelope).error().code(), Code::kAuthFailed);
}

TEST_F(Envelopes, SealedToAnotherKeyAreNoticedByEveryMember) {
  ArchiveKeyRef other = case_.ArchiveKey();
  other.public_key = mls::HpkeKeyPair::Generate(case_.example.random()).public_key();
  const thread::Envelope envelope =
      SealEnvelope(case_.archive_secret, other, case_.card.case_id, {0, 7}).value();
  EXPECT_EQ(CheckEnvelope(envelope, case_.archive_secret, case_.ArchiveKey()).error().code(),
            Code::kAuthFailed);
  EXPECT_EQ(Open(envelope).error().code(), Code::kAuthFailed);
}

TEST_F(Envelopes, G1_DoNotOpenWithAnotherKey) {
  const auto other = mls::HpkeKeyPair::Generate(case_.example.random());
  EXPECT_EQ(OpenEnvelope(Seal(), other.private_key(), case_.card.epoch_id).error().code(),
            Code::kAuthFailed);
  EXPECT_EQ(OpenEnvelope(Seal(), SecretBytes(31), case_.card.epoch_id).error().code(),
            Code::kMalformed);
}

TEST_F(Envelopes, AreNotSealedToAPointThatIsNoKey) {
  ArchiveKeyRef bad = case_.ArchiveKey();
  bad.public_key = {};
  EXPECT_EQ(SealEnvelope(case_.archive_secret, bad, case_.card.case_id, {0, 7}).error().code(),
            Code::kMalformed);
}

}  // namespace
}  // namespace renkei::seal
