// The relay's signed heads against our own chain (G4).
#include "client/core/heads.h"

#include "client/core/keys.h"
#include "crypto/thread/head.h"
#include "tests/client/core/case_fixture.h"
#include "tests/support/insider.h"

namespace renkei::test {
namespace {

using client::Warning;
using testing::IsEmpty;
using testing::SizeIs;

class Heads : public CaseFixture {
 protected:
  thread::Head Here() {
    return {.case_id = case_,
            .seq = open_.row.position.seq,
            .hash = open_.row.position.hash,
            .received_at = open_.row.position.received_at,
            .incarnation = {}};
  }
  void Check(const thread::Head& head) {
    CheckBytes(thread::SignHead(head, region_.relay_signing.key));
  }
  void CheckBytes(ByteView bytes) {
    ASSERT_TRUE(client::CheckHead(inside_.core(), open_, bytes, changes_).ok());
  }
  void ExpectWarning(Warning warning) {
    EXPECT_TRUE(Warned(*manager_, warning));
    EXPECT_THAT(changes_.notices, SizeIs(1));
  }
  // Empty: none.
  std::optional<Bytes> Kept(const char* name) {
    return manager_->vault()
        .Get(client::Table::kTrust, client::RowKey(name).Add(case_.view()).bytes())
        .value();
  }

  Insider inside_{region_, *manager_};
  client::OpenCase open_ = inside_.Open(case_);
  client::Changes changes_;
};

TEST_F(Heads, AHeadOnOurChainIsKeptAsProofAndSaysNothing) {
  Check(Here());
  EXPECT_THAT(changes_.notices, IsEmpty());
  EXPECT_EQ(Kept("head/"), thread::SignHead(Here(), region_.relay_signing.key));
  EXPECT_EQ(Kept("proof/"), std::nullopt);
}

TEST_F(Heads, G4_ForgedOrOfAnotherCaseIsSaid) {
  Bytes forged = thread::SignHead(Here(), region_.relay_signing.key);
  forged.back() ^= 1;
  CheckBytes(forged);
  ExpectWarning(Warning::kHeadForged);
}

TEST_F(Heads, G4_SignedBySomebodyElseIsForged) {
  CheckBytes(thread::SignHead(Here(), nurse_->Identity().signing_key));
  ExpectWarning(Warning::kHeadForged);
}

TEST_F(Heads, G4_OfAnotherCaseIsForged) {
  thread::Head other = Here();
  other.case_id = CaseId{};
  Check(other);
  ExpectWarning(Warning::kHeadForged);
}

TEST_F(Heads, G4_AnotherHistoryIsKeptAsProof) {
  thread::Head other = Here();
  other.hash[0] ^= 1;
  Check(other);
  ExpectWarning(Warning::kHeadContradicts);
  EXPECT_EQ(Kept("proof/"), thread::SignHead(other, region_.relay_signing.key));
}

TEST_F(Heads, G4_AnotherHistoryEarlierOnIsNoticedToo) {
  thread::Head other = Here();
  other.seq = 1;  // with the hash of the end
  Check(other);
  ExpectWarning(Warning::kHeadContradicts);
}

TEST_F(Heads, BeyondWhatWasDeliveredMeansSomethingWasLeftOut) {
  thread::Head ahead = Here();
  ahead.seq += 1;
  Check(ahead);
  ExpectWarning(Warning::kEntryMissing);
}

TEST_F(Heads, BehindWhatWeHoldMeansTheRelayHasForgotten) {
  const auto newest = Kept("head/");
  thread::Head behind = Here();
  behind.seq = 1;
  behind.hash = inside_.core().cases.HashAt(case_, 1)->value();
  Check(behind);
  ExpectWarning(Warning::kRelayBehind);
  EXPECT_EQ(Kept("head/"), newest) << "it is not the newest good one";
}

TEST_F(Heads, GarbageIsForged) {
  CheckBytes(ToBytes("no head"));
  ExpectWarning(Warning::kHeadForged);
}

}  // namespace
}  // namespace renkei::test
