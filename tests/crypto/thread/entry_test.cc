#include "crypto/thread/entry.h"

#include <gtest/gtest.h>

#include "tests/crypto/thread/support/example.h"

namespace renkei::thread {
namespace {

class Entries : public testing::Test {
 protected:
  Entries() {
    entry_.case_id = example_.case_id;
    entry_.seq = 300;
    entry_.kind = EntryKind::kRelayNote;
    entry_.received_at = test::kExampleTime;
    entry_.payload = ToBytes("payload");
    entry_.hash = Sha256(AsBytes("chain"));
  }

  test::ExampleCase example_{19};
  test::ExampleDevice nurse_ = example_.NewDevice(example_.NewPerson(example_.NewInstitution()), 0);
  SignedCard first_ = test::MakeCommit(example_.FirstCard(nurse_), nurse_, {}).card;
  Entry entry_;
};

TEST_F(Entries, ComeBackAsTheyWereWritten) {
  const auto read = ParseEntry(SerializeEntry(entry_.View()));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->case_id, entry_.case_id);
  EXPECT_EQ(read->seq, entry_.seq);
  EXPECT_EQ(read->kind, entry_.kind);
  EXPECT_EQ(read->received_at, entry_.received_at);
  EXPECT_EQ(read->payload, entry_.payload);
  EXPECT_EQ(read->hash, entry_.hash);
}

TEST_F(Entries, HaveOneEncoding) {
  const auto second_encoding = [](ByteView bytes) {
    const auto read = ParseEntry(bytes);
    return read.ok() && SerializeEntry(read->View()) != ToBytes(bytes);
  };
  EXPECT_EQ(test::CountAcceptedMutations(SerializeEntry(entry_.View()), second_encoding), 0U);
}

TEST_F(Entries, WithoutNumberKindOrPayloadAreRefused) {
  Entry broken = entry_;
  broken.seq = 0;
  EXPECT_EQ(ParseEntry(SerializeEntry(broken.View())).error().code(), Code::kMalformed);
  broken = entry_;
  broken.payload.clear();
  EXPECT_EQ(ParseEntry(SerializeEntry(broken.View())).error().code(), Code::kMalformed);
  broken = entry_;
  broken.kind = static_cast<EntryKind>(0);
  EXPECT_EQ(ParseEntry(SerializeEntry(broken.View())).error().code(), Code::kMalformed);
  broken.kind = static_cast<EntryKind>(6);
  EXPECT_EQ(ParseEntry(SerializeEntry(broken.View())).error().code(), Code::kUnsupported);
  broken = entry_;
  broken.received_at = Millis{-1};
  EXPECT_EQ(ParseEntry(SerializeEntry(broken.View())).error().code(), Code::kMalformed);
}

TEST_F(Entries, TooLargeAreRefused) {
  entry_.payload.resize(kMaxPayloadBytes + 1);
  EXPECT_EQ(ParseEntry(SerializeEntry(entry_.View())).error().code(), Code::kTooLarge);
  entry_.payload.resize(kMaxPayloadBytes);
  EXPECT_TRUE(ParseEntry(SerializeEntry(entry_.View())).ok());
  EXPECT_EQ(ParseEntry(Bytes(kMaxEntryBytes + 1)).error().code(), Code::kTooLarge);
}

TEST_F(Entries, CommitPayloadComesBack) {
  const CommitPayload next =
      test::MakeCommit(example_.NextCard(first_, nurse_, {&nurse_}), nurse_, 0);
  const auto bytes = SerializeCommitPayload(next.card, next.commit);
  ASSERT_TRUE(bytes.ok());
  const auto read = ParseCommitPayload(*bytes);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->card.hash, next.card.hash);
  EXPECT_EQ(read->card.signature, next.card.signature);
  EXPECT_EQ(read->commit, next.commit);
}

TEST_F(Entries, FirstCommitPayloadIsTheCardAlone) {
  const Bytes bytes = SerializeCommitPayload(first_, {}).value();
  EXPECT_TRUE(ParseCommitPayload(bytes)->commit.empty());
  EXPECT_EQ(SerializeCommitPayload(first_, AsBytes("commit")).error().code(), Code::kMalformed);
}

TEST_F(Entries, G3_CommitIsTheOneThatTheCardNames) {
  const CommitPayload next =
      test::MakeCommit(example_.NextCard(first_, nurse_, {&nurse_}), nurse_, 0);
  EXPECT_EQ(SerializeCommitPayload(next.card, {}).error().code(), Code::kMalformed);
  EXPECT_EQ(CommitPayloadFromParts(next.card, AsBytes("another")).error().code(), Code::kMalformed);
  EXPECT_EQ(CommitPayloadFromParts(next.card, Bytes(kMaxCommitBytes + 1)).error().code(),
            Code::kTooLarge);
  const Bytes bytes = SerializeCommitPayload(next.card, next.commit).value();
  const auto accepts = [&](ByteView changed) {
    const auto read = ParseCommitPayload(changed);
    return read.ok() && VerifyCard(read->card, nurse_.key.public_key()).ok();
  };
  ASSERT_TRUE(accepts(bytes));
  EXPECT_EQ(test::CountAcceptedMutations(bytes, accepts), 0U);
  EXPECT_EQ(ParseCommitPayload(Bytes(kMaxPayloadBytes + 1)).error().code(), Code::kTooLarge);
}

}  // namespace
}  // namespace renkei::thread
