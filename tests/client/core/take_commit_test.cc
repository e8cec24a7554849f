// What a commit does to a case: card, group, secret, membership, what was under way.
#include "client/core/take_commit.h"

#include "client/core/notices.h"
#include "client/core/outbox_store.h"
#include "tests/client/core/case_fixture.h"
#include "tests/support/insider.h"

namespace renkei::test {
namespace {

using client::Warning;
using testing::Contains;
using testing::IsEmpty;
using testing::SizeIs;

class TakeCommit : public CaseFixture {
 protected:
  std::unique_ptr<Actor> AddPharmacist() {
    auto out = region_.AddPerson("架空薬局", pki::InstitutionKind::kPharmacy, "架空 かおる",
                                 pki::Profession::kPharmacist);
    out->Sync();
    EXPECT_TRUE((*manager_)->AddMember(case_, out->person().person).ok());
    return out;
  }
};

TEST_F(TakeCommit, EveryoneStandsOnTheNewCardWithTheSameSecret) {
  const auto pharmacist = AddPharmacist();
  nurse_->Sync();
  pharmacist->Sync();
  const auto a = Insider(region_, *manager_).Open(case_);
  const auto b = Insider(region_, *nurse_).Open(case_);
  const auto c = Insider(region_, *pharmacist).Open(case_);
  EXPECT_EQ(a.card->hash, b.card->hash);
  EXPECT_EQ(a.card->hash, c.card->hash);
  EXPECT_TRUE(Equal(*a.secret, *b.secret));
  EXPECT_TRUE(Equal(*a.secret, *c.secret));
  EXPECT_FALSE(a.sent.has_value()) << "what was under way is done";
}

TEST_F(TakeCommit, WhoIsRemovedIsToldOnceKeepsReadingAndLosesTheGroup) {
  Post(*manager_, "まだいたとき");
  nurse_->Sync();
  ASSERT_TRUE((*manager_)->RemoveMember(case_, nurse_->person().person).ok());
  Post(*manager_, "去った後");
  EXPECT_THAT(nurse_->Sync().notices, Contains(client::NoticeText(client::Said::kRemoved)));
  EXPECT_THAT(nurse_->Sync().notices, IsEmpty());
  const auto open = Insider(region_, *nurse_).Open(case_);
  EXPECT_TRUE(open.row.removed);
  EXPECT_FALSE(open.group.has_value());
  EXPECT_FALSE(open.row.has_group);
  EXPECT_THAT(Notes(*nurse_), testing::ElementsAre("まだいたとき"));
}

TEST_F(TakeCommit, WhoComesBackIsAMemberAgain) {
  ASSERT_TRUE((*manager_)->RemoveMember(case_, nurse_->person().person).ok());
  nurse_->Sync();
  ASSERT_TRUE((*manager_)->AddMember(case_, nurse_->person().person).ok());
  nurse_->Sync();
  EXPECT_FALSE(Insider(region_, *nurse_).Open(case_).row.removed);
  Post(*nurse_, "戻りました");
}

TEST_F(TakeCommit, ANewcomerIsOwedTheEarlierSecretsInTheSameTransaction) {
  const auto before = manager_->vault().writes();
  const auto pharmacist = AddPharmacist();
  EXPECT_GT(manager_->vault().writes(), before);
  // Sent already: the newcomer reads what came before.
  Post(*manager_, "後");
  pharmacist->Sync();
  EXPECT_TRUE((*pharmacist)->ShowCase(case_)->warnings.empty());
  EXPECT_EQ((*pharmacist)->ShowCase(case_)->patient, PatientForm("架空 太郎"));
}

TEST_F(TakeCommit, AJoinedGroupThatTheCardDoesNotDescribeIsNotTaken) {
  Insider nurse(region_, *nurse_);
  auto open = nurse.Open(case_);
  const auto own = Insider(region_, *manager_).Open(case_);
  // A group of another case, put where a welcome's group waits.
  const CaseId other = (*manager_)->NewCase(PatientForm("架空 次郎")).value();
  const auto foreign = Insider(region_, *manager_).Open(other);
  open.group.reset();
  ASSERT_TRUE(nurse.core().groups.SaveJoined(case_, open.row.at, *foreign.group).ok());
  client::Changes changes;
  ASSERT_TRUE(client::AdoptJoined(nurse.core(), open, changes).ok());
  EXPECT_FALSE(open.group.has_value());
  EXPECT_EQ(changes.cases_joined, 0U);
  EXPECT_TRUE(Warned(*nurse_, Warning::kGroupLost));
  EXPECT_FALSE(nurse.core().groups.FindJoined(case_, open.row.at).value().has_value());
  // The right one is.
  ASSERT_TRUE(nurse.core().groups.SaveJoined(case_, open.row.at, *own.group).ok());
  ASSERT_TRUE(client::AdoptJoined(nurse.core(), open, changes).ok());
  EXPECT_TRUE(open.group.has_value());
  EXPECT_EQ(changes.cases_joined, 1U);
}

TEST_F(TakeCommit, ACrashAtAnyWriteOfItLeavesTheOldStateOrTheNew) {
  const auto pharmacist = AddPharmacist();
  const std::uint64_t before = Epoch(*nurse_);
  const auto start = nurse_->vault().TakeSnapshot();
  for (std::size_t nth = 1; nth <= 12; ++nth) {
    nurse_->vault().FailAtWrite(nth, client::MemoryVault::Fault::kDieBefore);
    EXPECT_FALSE((*nurse_)->Sync().ok() && nurse_->vault().crashed());
    nurse_->Restart();
    const std::uint64_t now = Epoch(*nurse_);
    EXPECT_TRUE(now == before || now == before + 1) << nth;
    nurse_->Sync();
    EXPECT_EQ(Epoch(*nurse_), before + 1) << nth;
    EXPECT_TRUE((*nurse_)->ShowCase(case_)->can_send) << nth;
    nurse_->vault().Restore(start);
    ASSERT_TRUE(nurse_->vault().ClearOlderCopy().ok());  // the test's doing, not a backup
    nurse_->Restart();
  }
}

}  // namespace
}  // namespace renkei::test
