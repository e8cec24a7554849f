#include "crypto/thread/notice.h"

#include <gtest/gtest.h>

#include "tests/crypto/thread/support/example.h"

namespace renkei::thread {
namespace {

class Notices : public testing::Test {
 protected:
  Notices() {
    notice_.case_id = card_.case_id;
    notice_.key_id = card_.recipients[1].key_id;
    notice_.sender_device = nurse_.id;
    notice_.pack_hash = Sha256(AsBytes("pack"));
    notice_.created_at = test::kExampleTime;
    note_ = {card_.case_id, 1, nurse_.person.institution.bytes, nurse_.id, test::kExampleTime};
  }
  Bytes Make() const { return MakePackNotice(notice_, nurse_.key).value(); }

  test::ExampleCase example_{23};
  test::ExampleDevice nurse_ = example_.NewDevice(example_.NewPerson(example_.NewInstitution()), 0);
  Card card_ = example_.FirstCard(nurse_);
  PackNotice notice_;
  RelayNote note_;
};

TEST_F(Notices, OfPacksComeBackAsTheyWereMade) {
  notice_.first = {0, 2};
  notice_.last = {1, 0};
  const auto read = ParsePackNotice(Make());
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->notice, notice_);
  EXPECT_TRUE(VerifyPackNotice(*read, nurse_.key.public_key()).ok());
}

TEST_F(Notices, EveryChangedByteOfAPackNoticeIsRefused) {
  const auto accepts = [&](ByteView bytes) {
    const auto read = ParsePackNotice(bytes);
    return read.ok() && VerifyPackNotice(*read, nurse_.key.public_key()).ok();
  };
  EXPECT_EQ(test::CountAcceptedMutations(Make(), accepts), 0U);
}

TEST_F(Notices, RangeBeginsBeforeItEnds) {
  notice_.first = {0, 2};
  notice_.last = {0, 1};
  EXPECT_EQ(MakePackNotice(notice_, nurse_.key).error().code(), Code::kMalformed);
}

TEST_F(Notices, G3_PackGoesFromAMemberToARecipient) {
  EXPECT_TRUE(JudgePackNotice(notice_, card_).ok());
  PackNotice other = notice_;
  other.key_id[0] ^= 1;
  EXPECT_EQ(JudgePackNotice(other, card_).error().code(), Code::kDenied);
  other = notice_;
  other.sender_device = DeviceId::Generate(example_.random());
  EXPECT_EQ(JudgePackNotice(other, card_).error().code(), Code::kDenied);
  other = notice_;
  other.last.epoch = card_.at.epoch + 1;
  EXPECT_EQ(JudgePackNotice(other, card_).error().code(), Code::kDenied);
  other = notice_;
  other.case_id = CaseId::Generate(example_.random());
  EXPECT_EQ(JudgePackNotice(other, card_).error().code(), Code::kMalformed);
}

TEST_F(Notices, OfTheRelayComeBackAsTheyWereMade) {
  const auto read =
      VerifyRelayNote(MakeRelayNote(note_, nurse_.key).value(), nurse_.key.public_key());
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(*read, note_);
  note_.actor.reset();
  note_.kind = 77;  // of a later version: still readable
  EXPECT_EQ(*VerifyRelayNote(MakeRelayNote(note_, nurse_.key).value(), nurse_.key.public_key()),
            note_);
}

TEST_F(Notices, EveryChangedByteOfARelayNoteIsRefused) {
  const auto accepts = [&](ByteView bytes) {
    return VerifyRelayNote(bytes, nurse_.key.public_key()).ok();
  };
  EXPECT_EQ(test::CountAcceptedMutations(MakeRelayNote(note_, nurse_.key).value(), accepts), 0U);
}

TEST_F(Notices, OfTheRelayHaveAKind) {
  note_.kind = 0;
  EXPECT_EQ(MakeRelayNote(note_, nurse_.key).error().code(), Code::kMalformed);
}

// One purpose's signature is never valid for another.
TEST_F(Notices, PackNoticeIsNoRelayNote) {
  EXPECT_FALSE(VerifyRelayNote(Make(), nurse_.key.public_key()).ok());
  EXPECT_FALSE(ParsePackNotice(Bytes(kMaxSignedNoticeBytes + 1)).ok());
}

}  // namespace
}  // namespace renkei::thread
