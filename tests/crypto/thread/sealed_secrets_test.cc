#include "crypto/thread/sealed_secrets.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/crypto/thread/support/example.h"

namespace renkei::thread {
namespace {

class SealedSecrets : public testing::Test {
 protected:
  SealedSecrets() {
    for (const CardRecipient& recipient : card_.recipients) {
      envelopes_.push_back({card_.case_id, card_.at, recipient.key_id, recipient.key_version,
                            example_.random().NextArray<32>(), example_.random().NextArray<48>()});
    }
    pack_ = {card_.case_id, card_.recipients[0].key_id,        1,
             nurse_.id,     example_.random().NextArray<32>(), Bytes(17, 1)};
  }
  Code Refusal() const { return JudgeEnvelopes(envelopes_, card_).error().code(); }

  test::ExampleCase example_{29};
  test::ExampleDevice nurse_ = example_.NewDevice(example_.NewPerson(example_.NewInstitution()), 0);
  Card card_ = example_.FirstCard(nurse_);
  std::vector<Envelope> envelopes_;
  Pack pack_;
};

TEST_F(SealedSecrets, EnvelopeComesBackAsItWasWritten) {
  const Bytes bytes = SerializeEnvelope(envelopes_[0]);
  EXPECT_LE(bytes.size(), kMaxEnvelopeBytes);
  EXPECT_EQ(*ParseEnvelope(bytes), envelopes_[0]);
  const auto second_encoding = [](ByteView changed) {
    const auto read = ParseEnvelope(changed);
    return read.ok() && SerializeEnvelope(*read) != ToBytes(changed);
  };
  EXPECT_EQ(test::CountAcceptedMutations(bytes, second_encoding), 0U);
}

TEST_F(SealedSecrets, EnvelopeOutOfBoundsIsRefused) {
  EXPECT_EQ(ParseEnvelope(Bytes(kMaxEnvelopeBytes + 1)).error().code(), Code::kMalformed);
  envelopes_[0].key_version = 0;
  EXPECT_EQ(ParseEnvelope(SerializeEnvelope(envelopes_[0])).error().code(), Code::kMalformed);
}

TEST_F(SealedSecrets, OfALaterVersionAskForAnUpdate) {
  Bytes envelope = SerializeEnvelope(envelopes_[0]);
  ASSERT_EQ(envelope[1], 1);
  envelope[1] = 2;
  EXPECT_EQ(ParseEnvelope(envelope).error().code(), Code::kUnsupported);
  Bytes pack = SerializePack(pack_);
  ASSERT_EQ(pack[1], 1);
  pack[1] = 2;
  EXPECT_EQ(ParsePack(pack).error().code(), Code::kUnsupported);
}

TEST_F(SealedSecrets, OneEnvelopeForEachRecipient) {
  EXPECT_TRUE(JudgeEnvelopes(envelopes_, card_).ok());
}

TEST_F(SealedSecrets, G3_EnvelopeTooManyIsRefused) {
  envelopes_.push_back(envelopes_[0]);
  EXPECT_EQ(Refusal(), Code::kDenied);
}

TEST_F(SealedSecrets, G7_EnvelopeTooFewIsRefused) {
  envelopes_.pop_back();
  EXPECT_EQ(Refusal(), Code::kDenied);
}

TEST_F(SealedSecrets, G3_EnvelopeForAnotherKeyIsRefused) {
  const std::vector<Envelope> good = envelopes_;
  envelopes_[1].key_id[0] ^= 1;
  EXPECT_EQ(Refusal(), Code::kDenied);
  envelopes_ = good;
  envelopes_[1].key_version = 2;
  EXPECT_EQ(Refusal(), Code::kDenied);
  envelopes_ = good;
  std::swap(envelopes_[0], envelopes_[1]);
  EXPECT_EQ(Refusal(), Code::kDenied);
}

TEST_F(SealedSecrets, EnvelopeOfAnotherCaseOrEpochIsRefused) {
  const std::vector<Envelope> good = envelopes_;
  envelopes_[0].at.epoch += 1;
  EXPECT_EQ(Refusal(), Code::kDenied);
  envelopes_ = good;
  envelopes_[1].case_id = CaseId::Generate(example_.random());
  EXPECT_EQ(Refusal(), Code::kDenied);
}

TEST_F(SealedSecrets, PackComesBackAsItWasWritten) {
  const Bytes bytes = SerializePack(pack_);
  EXPECT_EQ(*ParsePack(bytes), pack_);
  const auto second_encoding = [](ByteView changed) {
    const auto read = ParsePack(changed);
    return read.ok() && SerializePack(*read) != ToBytes(changed);
  };
  EXPECT_EQ(test::CountAcceptedMutations(bytes, second_encoding), 0U);
}

TEST_F(SealedSecrets, PackOutOfBoundsIsRefused) {
  Bytes bytes = SerializePack(pack_);
  bytes.pop_back();
  EXPECT_EQ(ParsePack(bytes).error().code(), Code::kMalformed);
  pack_.ciphertext.resize(kMaxPackCiphertextBytes);
  EXPECT_TRUE(ParsePack(SerializePack(pack_)).ok());
  EXPECT_EQ(ParsePack(Bytes(kMaxPackBytes + 1)).error().code(), Code::kTooLarge);
  pack_.ciphertext.resize(17);
  const Bytes shortest = SerializePack(pack_);  // its last field: a tag and one byte
  ASSERT_TRUE(ParsePack(shortest).ok());
  Bytes tag_only = shortest;
  tag_only.pop_back();
  tag_only[tag_only.size() - 17] = 16;
  EXPECT_EQ(ParsePack(tag_only).error().code(), Code::kMalformed);
}

TEST_F(SealedSecrets, G3_PackIsTheOneThatItsNoticeAnnounces) {
  const Bytes bytes = SerializePack(pack_);
  const PackNotice good{
      pack_.case_id, pack_.key_id, pack_.sender_device, Sha256(bytes), {}, {}, {}};
  EXPECT_TRUE(MatchPack(bytes, good).ok());
  PackNotice notice = good;
  notice.pack_hash[0] ^= 1;
  EXPECT_EQ(MatchPack(bytes, notice).error().code(), Code::kDenied);
  notice = good;
  notice.key_id[0] ^= 1;
  EXPECT_EQ(MatchPack(bytes, notice).error().code(), Code::kDenied);
  notice = good;
  notice.sender_device = DeviceId{};
  EXPECT_EQ(MatchPack(bytes, notice).error().code(), Code::kDenied);
  notice = good;
  notice.case_id = CaseId{};
  EXPECT_EQ(MatchPack(bytes, notice).error().code(), Code::kDenied);
  EXPECT_EQ(MatchPack(AsBytes("no pack"), good).error().code(), Code::kMalformed);
}

}  // namespace
}  // namespace renkei::thread
