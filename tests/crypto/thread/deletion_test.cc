#include "crypto/thread/deletion.h"

#include <gtest/gtest.h>

#include "tests/crypto/thread/support/example.h"

namespace renkei::thread {
namespace {

class Deletions : public testing::Test {
 protected:
  Deletions() {
    ClosingNotice notice;
    notice.case_id = example_.case_id;
    notice.sender_device = manager_.id;
    notice.keep_years = 5;
    certificate_.case_id = example_.case_id;
    certificate_.head = {40, Sha256(AsBytes("last")), test::kExampleTime + Days(1)};
    certificate_.first_received = test::kExampleTime - Days(100);
    certificate_.bytes = 40'000;
    certificate_.closing = MakeClosingNotice(notice, manager_.key).value();
    certificate_.closing_seq = 38;
    certificate_.counted_from = test::kExampleTime;
    certificate_.years = 5;
    certificate_.deleted_at = KeptUntil(test::kExampleTime, 5);
    certificate_.announced_at = certificate_.deleted_at - kMinDeletionNotice;
  }
  std::optional<Code> Make(const DeletionCertificate& certificate) const {
    const auto made = MakeDeletionCertificate(certificate, relay_);
    return made.ok() ? std::nullopt : std::optional(made.error().code());
  }

  test::ExampleCase example_{31};
  test::ExampleDevice manager_ =
      example_.NewDevice(example_.NewPerson(example_.NewInstitution()), 0);
  SigningKey relay_ = SigningKey::Generate(example_.random());
  DeletionCertificate certificate_;
};

TEST_F(Deletions, ComeBackAsTheyWereMade) {
  const auto made = MakeDeletionCertificate(certificate_, relay_);
  ASSERT_TRUE(made.ok());
  EXPECT_LE(made->size(), kMaxSignedDeletionBytes);
  const auto read = VerifyDeletionCertificate(*made, relay_.public_key());
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(*read, certificate_);
}

TEST_F(Deletions, EveryChangedByteIsRefused) {
  const Bytes made = MakeDeletionCertificate(certificate_, relay_).value();
  const auto accepts = [&](ByteView bytes) {
    return VerifyDeletionCertificate(bytes, relay_.public_key()).ok();
  };
  EXPECT_EQ(test::CountAcceptedMutations(made, accepts), 0U);
}

TEST_F(Deletions, NeverBeforeTheirTime) {
  DeletionCertificate other = certificate_;
  other.deleted_at = other.deleted_at - Millis{1};
  EXPECT_EQ(Make(other), Code::kMalformed) << "kept a moment too short";
  other = certificate_;
  other.announced_at = other.announced_at + Millis{1};
  EXPECT_EQ(Make(other), Code::kMalformed) << "announced a moment too late";
  other = certificate_;
  other.years = 4;
  EXPECT_EQ(Make(other), Code::kMalformed) << "the notice asks for five years";
}

TEST_F(Deletions, OnlyOfACaseThatAStewardEnded) {
  ClosingNotice notice;
  notice.case_id = example_.case_id;
  notice.action = ClosingAction::kReopen;
  DeletionCertificate other = certificate_;
  other.closing = MakeClosingNotice(notice, manager_.key).value();
  EXPECT_EQ(Make(other), Code::kMalformed);
  notice = {};
  notice.case_id = CaseId::Generate(example_.random());
  other.closing = MakeClosingNotice(notice, manager_.key).value();
  EXPECT_EQ(Make(other), Code::kMalformed);
  other.closing.clear();
  EXPECT_EQ(Make(other), Code::kMalformed);
}

TEST_F(Deletions, AnotherRelaysWordDoesNotCount) {
  const Bytes made = MakeDeletionCertificate(certificate_, relay_).value();
  EXPECT_EQ(VerifyDeletionCertificate(made, manager_.key.public_key()).error().code(),
            Code::kAuthFailed);
}

}  // namespace
}  // namespace renkei::thread
