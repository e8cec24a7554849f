#include "crypto/thread/head.h"

#include <gtest/gtest.h>

#include "crypto/base/labels.h"
#include "crypto/thread/encoding.h"
#include "tests/crypto/thread/support/example.h"

namespace renkei::thread {
namespace {

class Heads : public testing::Test {
 protected:
  std::vector<Head> Batch(std::size_t count) {
    std::vector<Head> out;
    for (std::size_t i = 0; i < count; ++i) {
      out.push_back(head_);
      out.back().seq += i;
      out.back().hash = random_.NextArray<32>();
    }
    return out;
  }

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

TEST_F(Heads, OfABatchOfAnySizeAreEachAProofByItself) {
  for (std::size_t count = 1; count <= 33; ++count) {
    const std::vector<Head> heads = Batch(count);
    const std::vector<Bytes> all = SignHeads(heads, key_);
    ASSERT_EQ(all.size(), count);
    for (std::size_t i = 0; i < count; ++i) {
      const auto read = VerifyHead(all[i], key_.public_key());
      ASSERT_TRUE(read.ok()) << i << " of " << count;
      EXPECT_EQ(*read, heads[i]);
    }
  }
  EXPECT_TRUE(SignHeads({}, key_).empty());
}

TEST_F(Heads, OfTheLargestBatchFitTheirLimit) {
  const std::vector<Head> heads(kMaxHeadsInBatch, head_);
  const std::vector<Bytes> all = SignHeads(heads, key_);
  EXPECT_LE(all.back().size(), kMaxSignedHeadBytes);
  EXPECT_TRUE(VerifyHead(all.front(), key_.public_key()).ok());
  EXPECT_TRUE(VerifyHead(all.back(), key_.public_key()).ok());
}

TEST_F(Heads, OfOneAloneAreSignedAsTheyWereBeforeThereWereBatches) {
  EXPECT_EQ(SignHeads(std::span(&head_, 1), key_).front(), SignHead(head_, key_));
}

TEST_F(Heads, EveryChangedByteOfABatchIsRefused) {
  const auto accepts = [&](ByteView bytes) { return VerifyHead(bytes, key_.public_key()).ok(); };
  for (const Bytes& signed_head : SignHeads(Batch(5), key_)) {
    EXPECT_EQ(test::CountAcceptedMutations(signed_head, accepts), 0U);
  }
}

// The proof of one head must not pass for another's, nor a signature over a root for one over a
// head, nor a node of the tree for a head.
TEST_F(Heads, G4_APathProvesNoOtherHead) {
  const std::vector<Bytes> all = SignHeads(Batch(4), key_);
  const auto verify = [&](ByteView head, ByteView signature, ByteView path, std::uint64_t sides) {
    return VerifyHead(Encode([&](FieldWriter& out) {
                        out.Blob(1, head);
                        out.Blob(2, signature);
                        out.Blob(3, path);
                        out.U64(4, sides);
                      }),
                      key_.public_key());
  };
  FieldReader in(all[0]);
  const ByteView head = in.Blob(1);
  const ByteView signature = in.Blob(2);
  const ByteView path = in.Blob(3);
  ASSERT_TRUE(verify(head, signature, path, 0).ok());
  FieldReader other(all[1]);
  EXPECT_EQ(verify(other.Blob(1), signature, path, 0).error().code(), Code::kAuthFailed);
  EXPECT_EQ(verify(head, signature, path.first(32), 0).error().code(), Code::kAuthFailed);
  EXPECT_EQ(verify(head, signature, {}, 0).error().code(), Code::kAuthFailed);
  EXPECT_EQ(verify(head, signature, path, 1).error().code(), Code::kAuthFailed);
  EXPECT_EQ(verify(head, signature, path.first(31), 0).error().code(), Code::kMalformed);
  EXPECT_EQ(verify(head, signature, path, 4).error().code(), Code::kMalformed);
  EXPECT_EQ(verify(head, signature, {}, 1).error().code(), Code::kMalformed);
  EXPECT_EQ(verify(head, signature, Bytes(32 * (kMaxHeadPath + 1)), 0).error().code(),
            Code::kMalformed);
  const Signature alone = key_.SignLabelled(labels::kThreadHead, head);
  EXPECT_EQ(verify(head, alone, path, 0).error().code(), Code::kAuthFailed);
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
