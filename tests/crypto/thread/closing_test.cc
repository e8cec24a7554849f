#include "crypto/thread/closing.h"

#include <gtest/gtest.h>

#include "tests/crypto/thread/support/example.h"

namespace renkei::thread {
namespace {

// 2024-06-03T09:00 in Japan.
constexpr Millis kNow = test::kExampleTime;
constexpr Millis kDay = Days(1);

class ClosingNotices : public testing::Test {
 protected:
  ClosingNotices() {
    notice_.case_id = card_.case_id;
    notice_.at = card_.at;
    notice_.sender_device = manager_.id;
    notice_.seen_seq = 7;
    notice_.seen_hash = seen_;
    notice_.keep_years = 10;
    notice_.created_at = kNow;
  }
  Bytes Make() const { return MakeClosingNotice(notice_, manager_.key).value(); }
  std::optional<Code> Judge(const ClosingNotice& notice, const Closing& closing = {}) const {
    const Status status = JudgeClosingNotice(notice, card_, seen_, closing);
    return status.ok() ? std::nullopt : std::optional(status.error().code());
  }

  test::ExampleCase example_{29};
  test::ExampleDevice manager_ =
      example_.NewDevice(example_.NewPerson(example_.NewInstitution()), 0);
  Card card_ = example_.FirstCard(manager_);
  Hash32 seen_ = Sha256(AsBytes("entry 7"));
  ClosingNotice notice_;
};

TEST_F(ClosingNotices, ComeBackAsTheyWereMade) {
  const auto read = ParseClosingNotice(Make());
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->notice, notice_);
  EXPECT_TRUE(VerifyClosingNotice(*read, manager_.key.public_key()).ok());
}

TEST_F(ClosingNotices, EveryChangedByteIsRefused) {
  const auto accepts = [&](ByteView bytes) {
    const auto read = ParseClosingNotice(bytes);
    return read.ok() && VerifyClosingNotice(*read, manager_.key.public_key()).ok();
  };
  EXPECT_EQ(test::CountAcceptedMutations(Make(), accepts), 0U);
}

TEST_F(ClosingNotices, YearsAreBoundedAndBelongToAnEnd) {
  notice_.keep_years = kMaxKeepYears + 1;
  EXPECT_EQ(MakeClosingNotice(notice_, manager_.key).error().code(), Code::kMalformed);
  notice_.keep_years = 1;
  notice_.action = ClosingAction::kReopen;
  EXPECT_EQ(MakeClosingNotice(notice_, manager_.key).error().code(), Code::kMalformed);
}

TEST_F(ClosingNotices, G3_OnlyAStewardOfTheCaseEndsIt) {
  EXPECT_EQ(Judge(notice_), std::nullopt);
  ClosingNotice other = notice_;
  other.case_id = CaseId::Generate(example_.random());
  EXPECT_EQ(Judge(other), Code::kMalformed);
  other = notice_;
  other.sender_device = DeviceId::Generate(example_.random());
  EXPECT_EQ(Judge(other), Code::kDenied);
  card_.policy.stewards = {example_.NewPerson(manager_.person.institution)};
  EXPECT_EQ(Judge(notice_), Code::kDenied);
}

TEST_F(ClosingNotices, StandOnTheChainInTheEpochInForce) {
  ClosingNotice other = notice_;
  ++other.at.epoch;
  EXPECT_EQ(Judge(other), Code::kStaleEpoch);
  other = notice_;
  other.seen_hash[0] ^= 1U;
  EXPECT_EQ(Judge(other), Code::kConflict);
  EXPECT_FALSE(JudgeClosingNotice(notice_, card_, std::nullopt, {}).ok());
}

// A relay that shows an old one again, and two stewards at once.
TEST_F(ClosingNotices, OldOnesDoNotCountAgain) {
  EXPECT_EQ(Judge(notice_, {8, false, 0, kNow}), Code::kConflict);
  EXPECT_EQ(Judge(notice_, {7, false, 0, kNow}), std::nullopt);
  EXPECT_EQ(Judge(notice_, {7, true, 0, kNow}), Code::kConflict);
  notice_.action = ClosingAction::kReopen;
  EXPECT_EQ(Judge(notice_, {7, true, 0, kNow}), std::nullopt);
  EXPECT_EQ(Judge(notice_, {7, false, 0, kNow}), Code::kConflict);
}

TEST_F(ClosingNotices, RecordsBehindTheEndAreCountedFrom) {
  const Closing closed = AfterNotice(notice_, 8, kNow);
  EXPECT_EQ(closed, (Closing{8, true, 10, kNow}));
  EXPECT_EQ(AfterRecord(closed, kNow + kDay), (Closing{8, true, 10, kNow + kDay}));
  EXPECT_EQ(AfterRecord(closed, kNow - kDay), closed);
}

TEST(KeptUntil, IsTheEndOfTheDayInJapan) {
  // 2024-06-03T00:00Z is 09:00 there; the day ends at 15:00Z.
  EXPECT_EQ(KeptUntil(kNow, 0), kNow + Hours(15));
  EXPECT_EQ(KeptUntil(kNow + Hours(15) - Millis{1}, 0), kNow + Hours(15));
  EXPECT_EQ(KeptUntil(kNow + Hours(15), 0), kNow + Hours(39));
  EXPECT_EQ(KeptUntil(kNow, 5), (Millis{1'875'106'800'000} + kDay));  // 2029-06-03T15:00Z
}

TEST(KeptUntil, IsNeverTooEarly) {
  const Millis leap{1'709'175'600'000};                      // 2024-02-29T12:00 in Japan
  EXPECT_EQ(KeptUntil(leap, 1), Millis{1'740'841'200'000});  // 2025-03-01, its end
  EXPECT_EQ(KeptUntil({INT64_MAX}, 5), Millis{INT64_MAX});
  EXPECT_EQ(KeptUntil({INT64_MIN}, 5), Millis{INT64_MAX});
  for (std::int64_t day = 0; day < 1500; ++day) {
    const Millis from = kNow + Days(day);
    EXPECT_GT(KeptUntil(from, 4), from + Days(4 * 365 + 1));
  }
}

}  // namespace
}  // namespace renkei::thread
