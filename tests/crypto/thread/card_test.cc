#include "crypto/thread/card.h"

#include <gtest/gtest.h>

#include "crypto/thread/encoding.h"
#include "tests/crypto/thread/support/example.h"

namespace renkei::thread {
namespace {

// A case of two institutions: a nurse with two devices, a doctor with one.
class Cards : public testing::Test {
 protected:
  Cards() {
    const SignedCard first = test::MakeCommit(example_.FirstCard(nurse_a_), nurse_a_, {}).card;
    card_ = example_.NextCard(first, nurse_a_, {&nurse_a_, &nurse_b_, &doctor_});
    card_.commit_hash = Sha256(AsBytes("commit"));
  }

  test::ExampleCase example_{1};
  PersonRef nurse_ = example_.NewPerson(example_.NewInstitution());
  test::ExampleDevice nurse_a_ = example_.NewDevice(nurse_, 0);
  test::ExampleDevice nurse_b_ = example_.NewDevice(nurse_, 1);
  test::ExampleDevice doctor_ =
      example_.NewDevice(example_.NewPerson(example_.NewInstitution()), 2);
  Card card_;
};

TEST_F(Cards, ComeBackAsTheyWereWritten) {
  card_.evidence.revocation_lists = {Bytes(40, 1), Bytes(50, 2)};
  card_.evidence.link = Bytes(300, 3);
  card_.evidence.leave_requests = {Bytes(100, 4)};
  card_.trust_head = Sha256(AsBytes("directory"));
  const auto bytes = SerializeCard(card_);
  ASSERT_TRUE(bytes.ok());
  const auto read = ParseCard(*bytes);
  ASSERT_TRUE(read.ok()) << read.error().where();
  EXPECT_EQ(*read, card_);
}

TEST_F(Cards, SignedComeBackWithBytesHashAndSignature) {
  const SignedCard made = SignCard(card_, nurse_a_.key).value();
  const auto read = ParseSignedCard(SerializeSignedCard(made));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->card, card_);
  EXPECT_EQ(read->card_bytes, made.card_bytes);
  EXPECT_EQ(read->hash, Sha256(made.card_bytes));
  EXPECT_EQ(read->hash, CardHash(made.card_bytes));
  EXPECT_TRUE(VerifyCard(*read, nurse_a_.key.public_key()).ok());
}

TEST_F(Cards, G3_EveryChangedByteIsRefused) {
  const SignedCard made = SignCard(card_, nurse_a_.key).value();
  const auto accepts = [&](ByteView bytes) {
    const auto read = ParseSignedCard(bytes);
    return read.ok() && VerifyCard(*read, nurse_a_.key.public_key()).ok();
  };
  const Bytes bytes = SerializeSignedCard(made);
  ASSERT_TRUE(accepts(bytes));
  EXPECT_EQ(test::CountAcceptedMutations(bytes, accepts), 0U);
}

TEST_F(Cards, HaveOneEncoding) {
  const auto second_encoding = [&](ByteView bytes) {
    const auto read = ParseCard(bytes);
    return read.ok() && SerializeCard(*read).value() != ToBytes(bytes);
  };
  EXPECT_EQ(test::CountAcceptedMutations(SerializeCard(card_).value(), second_encoding), 0U);
}

TEST_F(Cards, G3_SignedByAnotherDeviceAreRefused) {
  const SignedCard made = SignCard(card_, doctor_.key).value();
  EXPECT_EQ(VerifyCard(made, nurse_a_.key.public_key()).error().code(), Code::kAuthFailed);
}

TEST_F(Cards, OfALaterVersionAskForAnUpdate) {
  Bytes bytes = SerializeCard(card_).value();
  bytes[1] = 2;
  EXPECT_EQ(ParseCard(bytes).error().code(), Code::kUnsupported);
}

// The field is there, the procedure comes later: nobody may fill it before it means something.
TEST_F(Cards, WithRefoundEvidenceAskForAnUpdate) {
  Bytes bytes = SerializeCard(card_).value();
  Append(bytes, FromHex("7a031a01aa").value());  // evidence { refound: aa }
  EXPECT_EQ(ParseCard(bytes).error().code(), Code::kUnsupported);
}

TEST_F(Cards, TooLargeAreRefusedBeforeTheyAreRead) {
  EXPECT_EQ(ParseCard(Bytes(kMaxCardBytes + 1)).error().code(), Code::kTooLarge);
  EXPECT_EQ(ParseSignedCard(Bytes(kMaxSignedCardBytes + 1)).error().code(), Code::kTooLarge);
  card_.evidence.revocation_lists = {Bytes(kMaxCardBytes, 1)};
  EXPECT_EQ(SerializeCard(card_).error().code(), Code::kTooLarge);
}

TEST_F(Cards, LargestCaseFits) {
  std::vector<test::ExampleDevice> devices;
  test::Devices members;
  devices.reserve(kMaxMembers);
  for (std::uint32_t leaf = 0; leaf < kMaxMembers; ++leaf) {
    devices.push_back(example_.NewDevice(example_.NewPerson(example_.NewInstitution()), leaf));
    members.push_back(&devices.back());
  }
  const SignedCard first = test::MakeCommit(example_.FirstCard(devices[0]), devices[0], {}).card;
  Card card = example_.NextCard(first, devices[0], members);
  card.commit_hash = Sha256(AsBytes("commit"));
  const auto bytes = SerializeCard(card);
  ASSERT_TRUE(bytes.ok()) << bytes.error().where();
  EXPECT_EQ(*ParseCard(*bytes), card);
}

TEST_F(Cards, FindWhatIsOnThem) {
  EXPECT_EQ(FindMember(card_, doctor_.id)->leaf_index, 2U);
  EXPECT_EQ(FindMember(card_, DeviceId{}), nullptr);
  EXPECT_EQ(FindLeaf(card_, 1)->device, nurse_b_.id);
  EXPECT_EQ(FindLeaf(card_, 9), nullptr);
  const CardRecipient* own = FindRecipient(card_, nurse_.institution, std::nullopt);
  ASSERT_NE(own, nullptr);
  EXPECT_EQ(FindRecipientKey(card_, own->key_id), own);
  EXPECT_EQ(FindRecipientKey(card_, Hash32{}), nullptr);
  EXPECT_NE(FindRecipient(card_, nurse_.institution, nurse_.person), nullptr);
  EXPECT_EQ(FindRecipient(card_, nurse_.institution, doctor_.person.person), nullptr);
  EXPECT_TRUE(HasPerson(card_, nurse_));
  EXPECT_FALSE(HasPerson(card_, {nurse_.institution, doctor_.person.person}));
}

}  // namespace
}  // namespace renkei::thread
