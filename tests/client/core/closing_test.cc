// The end of a case as members see it. (Against the real relay: tests/sim/retention_test.cc.)
#include "client/core/closing.h"

#include "client/core/notices.h"
#include "crypto/thread/deletion.h"
#include "tests/client/core/case_fixture.h"
#include "tests/support/insider.h"

namespace renkei::test {
namespace {

using client::Said;
using client::Warning;
using testing::Contains;
using testing::Not;
using testing::SizeIs;

class Closing : public CaseFixture {
 protected:
  std::optional<client::ClosedView> Closed(Actor& actor) {
    return (*actor).ShowCase(case_)->closed;
  }
  Status Close(Actor& actor, std::uint32_t years = 0) { return actor->CloseCase(case_, years); }
  // A certificate for the thread as the relay has it.
  thread::DeletionCertificate Certificate() {
    Insider inside(region_, *manager_);
    const client::CaseRow row = inside.Open(case_).row;
    thread::DeletionCertificate out;
    out.case_id = case_;
    out.head = row.position;
    out.bytes = 5000;
    const auto& entries = region_.relay.entries(case_);
    for (const auto& entry : entries) {
      if (entry.kind() == seal::v1::ENTRY_KIND_CLOSING) {
        out.closing = ToBytes(AsBytes(entry.payload()));
        out.closing_seq = entry.seq();
      }
    }
    out.counted_from = row.closing.counted_from;
    out.years = 5;
    out.announced_at = thread::KeptUntil(out.counted_from, 5);
    out.deleted_at = out.announced_at + thread::kMinDeletionNotice;
    return out;
  }
  void Delete(const thread::DeletionCertificate& certificate, const SigningKey& key) {
    region_.relay.Delete(case_, thread::MakeDeletionCertificate(certificate, key).value());
  }
};

TEST_F(Closing, StewardsWordIsSeenByAll) {
  ASSERT_TRUE(Close(*manager_, 10).ok());
  ASSERT_TRUE(Closed(*manager_).has_value());
  EXPECT_EQ(Closed(*manager_)->counted_from, region_.clock.Now());
  EXPECT_EQ(Closed(*manager_)->keep_years, 10U);
  EXPECT_THAT(manager_->Sync().notices, SizeIs(0)) << "it knows";
  EXPECT_THAT(nurse_->Sync().notices, Contains(client::NoticeText(Said::kCaseClosed)));
  EXPECT_TRUE(Closed(*nurse_).has_value());
  ASSERT_TRUE((*manager_)->ReopenCase(case_).ok());
  EXPECT_THAT(nurse_->Sync().notices, Contains(client::NoticeText(Said::kCaseReopened)));
  EXPECT_FALSE(Closed(*nurse_).has_value());
  EXPECT_FALSE(Closed(*manager_).has_value());
}

TEST_F(Closing, G3_WhoIsNoStewardCannotSayIt) {
  EXPECT_EQ(Close(*nurse_).error().code(), Code::kDenied);
  // Nor by putting it into the thread past a relay that does not look.
  Insider inside(region_, *nurse_);
  const client::OpenCase open = inside.Open(case_);
  thread::ClosingNotice notice;
  notice.case_id = case_;
  notice.at = open.card->card.at;
  notice.sender_device = nurse_->device();
  notice.seen_seq = open.row.position.seq;
  notice.seen_hash = open.row.position.hash;
  const Bytes bytes = thread::MakeClosingNotice(notice, nurse_->Identity().signing_key).value();
  region_.relay.ForceEntry(case_, seal::v1::ENTRY_KIND_CLOSING, bytes);
  manager_->Sync();
  EXPECT_FALSE(Closed(*manager_).has_value());
  // In the steward's name, signed by another.
  notice.sender_device = manager_->device();
  region_.relay.ForceEntry(
      case_, seal::v1::ENTRY_KIND_CLOSING,
      thread::MakeClosingNotice(notice, nurse_->Identity().signing_key).value());
  manager_->Sync();
  EXPECT_FALSE(Closed(*manager_).has_value());
  Post(*nurse_, "続きます（架空）");
}

TEST_F(Closing, OldNoticeThatTheRelayShowsAgainDoesNotCount) {
  ASSERT_TRUE(Close(*manager_).ok());
  const std::string old = region_.relay.entries(case_).back().payload();
  ASSERT_TRUE((*manager_)->ReopenCase(case_).ok());
  region_.relay.ForceEntry(case_, seal::v1::ENTRY_KIND_CLOSING, AsBytes(old));
  nurse_->Sync();
  EXPECT_FALSE(Closed(*nurse_).has_value());
}

TEST_F(Closing, SaidTwiceIsTold) {
  EXPECT_EQ((*manager_)->ReopenCase(case_).error().code(), Code::kConflict);
  ASSERT_TRUE(Close(*manager_).ok());
  EXPECT_EQ(Close(*manager_).error().code(), Code::kConflict);
  EXPECT_EQ(Close(*manager_, 101).error().code(), Code::kMalformed);
}

TEST_F(Closing, WithoutRelayNothingChanges) {
  region_.relay.down = true;
  EXPECT_EQ(Close(*manager_).error().code(), Code::kUnavailable);
  region_.relay.down = false;
  manager_->Sync();
  EXPECT_FALSE(Closed(*manager_).has_value());
}

TEST_F(Closing, LostAnswerShowsAtTheNextSync) {
  region_.relay.lose_answer_of_write = region_.relay.writes + 1;
  EXPECT_EQ(Close(*manager_).error().code(), Code::kUnavailable);
  manager_->Sync();
  EXPECT_TRUE(Closed(*manager_).has_value());
}

TEST_F(Closing, RecordsComeAsEverAndAreCountedFrom) {
  ASSERT_TRUE(Close(*manager_).ok());
  nurse_->Sync();
  region_.clock.Advance(Days(2));
  Post(*nurse_, "後から届いた記録（架空）");
  manager_->Sync();
  EXPECT_THAT(Notes(*manager_), Contains("後から届いた記録（架空）"));
  EXPECT_EQ(Closed(*manager_)->counted_from, region_.clock.Now());
  EXPECT_EQ(Closed(*nurse_)->counted_from, region_.clock.Now());
}

TEST_F(Closing, DeletedCaseStaysHereWithTheCertificate) {
  Post(*nurse_, "最後の記録（架空）");
  manager_->Sync();
  ASSERT_TRUE(Close(*manager_).ok());
  nurse_->Sync();
  const auto certificate = Certificate();
  Delete(certificate, region_.relay_signing.key);
  EXPECT_THAT(nurse_->Sync().notices, Contains(client::NoticeText(Said::kCaseDeleted)));
  EXPECT_THAT(nurse_->Sync().notices, Not(Contains(client::NoticeText(Said::kCaseDeleted))));
  EXPECT_THAT(Notes(*nurse_), Contains("最後の記録（架空）"));
  const auto deleted = (*nurse_)->ShowCase(case_)->deleted;
  ASSERT_TRUE(deleted.has_value());
  EXPECT_EQ(deleted->at, certificate.deleted_at);
  EXPECT_EQ(deleted->years, 5U);
  EXPECT_FALSE(Warned(*nurse_, Warning::kDeletionFalse));
  manager_->Sync();
  EXPECT_EQ((*manager_)->ReopenCase(case_).error().code(), Code::kNotFound);
}

TEST_F(Closing, G5_CertificateThatDoesNotHoldIsAWarningAndTheCaseStays) {
  ASSERT_TRUE(Close(*manager_).ok());
  nurse_->Sync();
  SeededRandom random(9);
  Delete(Certificate(), SigningKey::Generate(random));
  nurse_->Sync();
  EXPECT_TRUE(Warned(*nurse_, Warning::kDeletionFalse));
  EXPECT_FALSE((*nurse_)->ShowCase(case_)->deleted.has_value());
  auto other = Certificate();
  other.head.hash[0] ^= 1U;
  Delete(other, region_.relay_signing.key);
  manager_->Sync();
  EXPECT_TRUE(Warned(*manager_, Warning::kDeletionFalse)) << "of another thread";
  EXPECT_FALSE((*manager_)->ShowCase(case_)->deleted.has_value());
}

TEST_F(Closing, G5_CertificateOfACaseThatGoesOnIsAWarning) {
  ASSERT_TRUE(Close(*manager_).ok());
  const auto early = Certificate();
  region_.clock.Advance(Days(1));
  Post(*nurse_, "まだ続いています（架空）");
  auto certificate = Certificate();
  certificate.counted_from = early.counted_from;
  Delete(certificate, region_.relay_signing.key);
  nurse_->Sync();
  EXPECT_TRUE(Warned(*nurse_, Warning::kDeletionFalse)) << "kept too short: a record came since";
  ASSERT_TRUE((*manager_)->ShowCase(case_)->closed.has_value());
}

}  // namespace
}  // namespace renkei::test
