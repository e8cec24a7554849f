#include "crypto/thread/head.h"

#include <gtest/gtest.h>

#include "crypto/thread/encoding.h"
#include "tests/crypto/thread/support/example.h"

namespace renkei::thread {
namespace {

class Heads : public testing::Test {
 protected:
  SeededRandom random_{7};
  SigningKey key_ = SigningKey::Generate(random_);
  Head head_{CaseId::Generate(random_), 12, random_.NextArray<32>(), test::kExampleTime,
             IncarnationId::Generate(random_)};
};

TEST_F(Heads, ComeBackAsTheyWereSigned) {
  const auto read = VerifyHead(SignHead(head_, key_), key_.public_key());
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(*read, head_);
}

TEST_F(Heads, EveryChangedByteIsRefused) {
  const auto accepts = [&](ByteView bytes) { return VerifyHead(bytes, key_.public_key()).ok(); };
  EXPECT_EQ(test::CountAcceptedMutations(SignHead(head_, key_), accepts), 0U);
}

TEST_F(Heads, OfAnotherKeyAreRefused) {
  const SigningKey other = SigningKey::Generate(random_);
  EXPECT_EQ(VerifyHead(SignHead(head_, other), key_.public_key()).error().code(),
            Code::kAuthFailed);
}

TEST_F(Heads, FromBefore1970AreRefused) {
  head_.received_at = Millis{-1};
  EXPECT_EQ(VerifyHead(SignHead(head_, key_), key_.public_key()).error().code(), Code::kMalformed);
}

TEST_F(Heads, OfAnEmptyThreadHaveNoSequenceNumber) {
  head_.seq = 0;
  EXPECT_EQ(VerifyHead(SignHead(head_, key_), key_.public_key())->seq, 0U);
}

TEST_F(Heads, G4_TwoStoriesAboutOnePlaceContradictEachOther) {
  Head other = head_;
  EXPECT_FALSE(Contradict(head_, other));
  other.hash[0] ^= 1;
  EXPECT_TRUE(Contradict(head_, other));
  other = head_;
  other.received_at.value += 1;
  EXPECT_TRUE(Contradict(head_, other));
}

TEST_F(Heads, OfOtherPlacesContradictNothing) {
  for (int field = 0; field < 3; ++field) {
    Head other = head_;
    other.hash[0] ^= 1;
    if (field == 0) {
      other.seq += 1;
    } else if (field == 1) {
      other.case_id = CaseId::Generate(random_);
    } else {
      other.incarnation = IncarnationId::Generate(random_);
    }
    EXPECT_FALSE(Contradict(head_, other)) << field;
  }
}

}  // namespace
}  // namespace renkei::thread
