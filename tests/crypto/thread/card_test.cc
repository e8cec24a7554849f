#include "crypto/thread/card.h"

#include <gtest/gtest.h>

#include "tests/crypto/thread/support/card_case.h"

namespace renkei::thread {
namespace {

class Cards : public test::CardCase {};

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

TEST_F(Cards, G3_SignedByAnotherDeviceAreRefused) {
  const SignedCard made = SignCard(card_, doctor_.key).value();
  EXPECT_EQ(VerifyCard(made, nurse_a_.key.public_key()).error().code(), Code::kAuthFailed);
}

TEST_F(Cards, TooLargeAreRefusedBeforeTheyAreRead) {
  EXPECT_EQ(ParseSignedCard(Bytes(kMaxSignedCardBytes + 1)).error().code(), Code::kTooLarge);
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
