#include "crypto/thread/record_header.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "tests/crypto/thread/support/example.h"

namespace renkei::thread {
namespace {

class RecordHeaders : public testing::Test {
 protected:
  RecordHeaders() : card_(example_.FirstCard(nurse_)) {
    header_.case_id = card_.case_id;
    header_.at = card_.at;
    header_.epoch_id = card_.epoch_id;
    header_.record_id = RecordId::Generate(example_.random());
    header_.sender_device = nurse_.id;
    header_.seen_seq = 1;
    header_.seen_hash = Sha256(AsBytes("seen"));
    record_ = {header_, example_.random().NextArray<24>(), Bytes(kMinCiphertextBytes, 7)};
  }
  Status Judge() const { return JudgeRecord(header_, card_, Sha256(AsBytes("seen"))); }

  test::ExampleCase example_{17};
  test::ExampleDevice nurse_ = example_.NewDevice(example_.NewPerson(example_.NewInstitution()), 0);
  Card card_;
  RecordHeader header_;
  SealedRecord record_;
};

TEST_F(RecordHeaders, ComeBackAsTheyWereWritten) {
  record_.header.urgency = Urgency::kUrgent;
  record_.header.at = {3, 500};
  const auto read = ParseSealedRecord(SerializeSealedRecord(record_));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->header, record_.header);
  EXPECT_EQ(read->nonce, record_.nonce);
  EXPECT_EQ(read->ciphertext, record_.ciphertext);
}

TEST_F(RecordHeaders, HaveOneEncoding) {
  const auto second_encoding = [](ByteView bytes) {
    const auto read = ParseSealedRecord(bytes);
    return read.ok() && SerializeSealedRecord(*read) != ToBytes(bytes);
  };
  EXPECT_EQ(test::CountAcceptedMutations(SerializeSealedRecord(record_), second_encoding), 0U);
}

TEST_F(RecordHeaders, CiphertextOutOfBoundsIsRefused) {
  Bytes bytes = SerializeSealedRecord(record_);
  bytes.pop_back();
  EXPECT_EQ(ParseSealedRecord(bytes).error().code(), Code::kMalformed);
  record_.ciphertext.resize(kMaxCiphertextBytes);
  EXPECT_TRUE(ParseSealedRecord(SerializeSealedRecord(record_)).ok());
  EXPECT_EQ(ParseSealedRecord(Bytes(kMaxSealedRecordBytes + 1)).error().code(), Code::kTooLarge);
}

TEST_F(RecordHeaders, OfALaterVersionAskForAnUpdate) {
  Bytes bytes = SerializeSealedRecord(record_);
  bytes[1] = 2;
  EXPECT_EQ(ParseSealedRecord(bytes).error().code(), Code::kUnsupported);
}

// The associated data names every outer field: two headers never share it.
TEST_F(RecordHeaders, EveryFieldIsInTheAssociatedData) {
  const std::function<void(RecordHeader&)> changes[] = {
      [](RecordHeader&) {},
      [](RecordHeader& h) { h.case_id.bytes[0] ^= 1; },
      [](RecordHeader& h) { h.at.generation += 1; },
      [](RecordHeader& h) { h.at.epoch += 1; },
      [](RecordHeader& h) { h.epoch_id[0] ^= 1; },
      [](RecordHeader& h) { h.record_id.bytes[0] ^= 1; },
      [](RecordHeader& h) { h.sender_device.bytes[0] ^= 1; },
      [](RecordHeader& h) { h.urgency = Urgency::kUrgent; },
      [](RecordHeader& h) { h.alert_plan_hash[0] ^= 1; },
      [](RecordHeader& h) { h.seen_seq += 1; },
      [](RecordHeader& h) { h.seen_hash[0] ^= 1; },
  };
  std::set<Bytes> all;
  for (const auto& change : changes) {
    RecordHeader header = header_;
    change(header);
    EXPECT_EQ(RecordData(header).size(), kRecordDataBytes);
    all.insert(RecordData(header));
  }
  EXPECT_EQ(all.size(), std::size(changes));
}

TEST_F(RecordHeaders, OfAMemberInTheEpochInForceIsAccepted) {
  EXPECT_TRUE(Judge().ok());
}

TEST_F(RecordHeaders, OfAnotherEpochIsToldWhich) {
  card_.at.epoch = 5;
  header_.at.epoch = 4;
  EXPECT_EQ(Judge().error().code(), Code::kStaleEpoch);
  header_.at.epoch = 6;
  EXPECT_EQ(Judge().error().code(), Code::kFutureEpoch);
  header_.at = {1, 0};
  EXPECT_EQ(Judge().error().code(), Code::kFutureEpoch);
}

TEST_F(RecordHeaders, G2_OfSomebodyWhoIsNoMemberIsRefused) {
  header_.sender_device = DeviceId::Generate(example_.random());
  EXPECT_EQ(Judge().error().code(), Code::kDenied);
}

TEST_F(RecordHeaders, OfAnotherCaseOrEpochIdIsRefused) {
  const RecordHeader good = header_;
  header_.epoch_id[0] ^= 1;
  EXPECT_STREQ(Judge().error().where(), "record: epoch id is not the card's");
  header_ = good;
  header_.case_id = CaseId::Generate(example_.random());
  EXPECT_STREQ(Judge().error().where(), "record: of another case");
}

TEST_F(RecordHeaders, G4_WhoHasSeenAnotherThreadIsNoticed) {
  header_.seen_hash[0] ^= 1;
  EXPECT_EQ(Judge().error().code(), Code::kConflict);
  EXPECT_EQ(JudgeRecord(header_, card_, std::nullopt).error().code(), Code::kConflict);
}

}  // namespace
}  // namespace renkei::thread
