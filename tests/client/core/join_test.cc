// How devices come into a case (G7), what a lying relay offers them (G3), and how they come back
// (G8).
#include "client/core/join.h"

#include "client/core/link_state.h"
#include "tests/client/core/case_fixture.h"
#include "tests/support/insider.h"

namespace renkei::test {
namespace {

using client::Warning;
using testing::ElementsAre;
using testing::SizeIs;

class Joining : public CaseFixture {};

TEST_F(Joining, G7_ALateJoinerReadsEverythingThatCameBefore) {
  Post(*manager_, "一");
  nurse_->Sync();
  Post(*nurse_, "二");
  const auto third = region_.AddPerson("架空薬局", pki::InstitutionKind::kPharmacy, "架空 かおる",
                                       pki::Profession::kPharmacist);
  third->Sync();
  manager_->Sync();
  ASSERT_TRUE((*manager_)->AddMember(case_, third->person().person).ok());
  third->Sync();
  EXPECT_THAT(Notes(*third), ElementsAre("一", "二"));
  EXPECT_EQ((*third)->ShowCase(case_)->patient, PatientForm("架空 太郎"));
  EXPECT_THAT((*third)->ShowCase(case_)->warnings, SizeIs(0));
  // And so does the late joiner's own next device, with everybody else's off.
  const auto second = region_.AddDevice(*third);
  second->Sync();
  EXPECT_THAT(Notes(*second), ElementsAre("一", "二"));
  Post(*second, "三");
}

TEST_F(Joining, G7_ReadingDoesNotWaitForJoining) {
  Post(*manager_, "一");
  const auto second = region_.AddDevice(*nurse_);
  region_.relay.stale_group_info = 0;
  second->Sync();
  EXPECT_THAT(Notes(*second), ElementsAre("一"));
  EXPECT_FALSE((*second)->ShowCase(case_)->can_send);
  const auto posted = (*second)->Post(case_, NoteForm("後で"), {});
  ASSERT_TRUE(posted.ok());
  EXPECT_EQ(posted->state, client::RecordState::kWaiting);
  EXPECT_EQ((*second)->Outbox()->front().waiting_for, "this device has not joined the case yet");
  region_.relay.stale_group_info.reset();
  EXPECT_EQ(second->Sync().records_sent, 1U);
}

TEST_F(Joining, G3_AStaleGroupInfoIsRefusedAndSaid) {
  const auto second = region_.AddDevice(*nurse_);
  const std::uint64_t before = Epoch(*manager_);
  region_.relay.stale_group_info = 0;
  const auto report = second->Sync();
  EXPECT_THAT(report.notices, testing::Contains(client::WarningText(Warning::kStaleGroupInfo)));
  manager_->Sync();
  EXPECT_EQ(Epoch(*manager_), before);
  region_.relay.stale_group_info.reset();
  second->Sync();
  EXPECT_FALSE(Warned(*second, Warning::kStaleGroupInfo));
  EXPECT_TRUE((*second)->ShowCase(case_)->can_send);
}

TEST_F(Joining, G4_ALinkedDeviceJoinsNothingOlderThanItsLinkingDeviceKnew) {
  Post(*nurse_, "一");
  const std::uint64_t known = region_.relay.entries(case_).size();
  const auto second = region_.AddDevice(*nurse_);
  region_.relay.tamper = [known](const CaseId&, FakeRelay::Entries& entries) {
    std::erase_if(entries, [&](const auto& entry) { return entry.seq() >= known; });
  };
  second->Sync();
  EXPECT_TRUE(Warned(*second, Warning::kLinkedPositionMissing));
  EXPECT_FALSE((*second)->ShowCase(case_)->can_send);
  region_.relay.tamper = nullptr;
  second->Sync();
  EXPECT_FALSE(Warned(*second, Warning::kLinkedPositionMissing));
  EXPECT_TRUE((*second)->ShowCase(case_)->can_send);
}

TEST_F(Joining, ALostWelcomeIsReplacedByAnExternalCommit) {
  const auto third = region_.AddPerson("架空薬局", pki::InstitutionKind::kPharmacy, "架空 かおる",
                                       pki::Profession::kPharmacist);
  third->Sync();
  manager_->Sync();
  ASSERT_TRUE((*manager_)->AddMember(case_, third->person().person).ok());
  region_.relay.DropMailbox(third->device());
  EXPECT_EQ(third->Sync().cases_joined, 1U);
  Post(*third, "入れた");
}

TEST_F(Joining, AWelcomeToAnEpochThatIsPastIsFollowedUp) {
  const auto third = region_.AddPerson("架空薬局", pki::InstitutionKind::kPharmacy, "架空 かおる",
                                       pki::Profession::kPharmacist);
  const auto fourth = region_.AddPerson("架空医院", pki::InstitutionKind::kClinic, "架空 医師",
                                        pki::Profession::kDoctor);
  third->Sync();
  fourth->Sync();
  manager_->Sync();
  ASSERT_TRUE((*manager_)->AddMember(case_, third->person().person).ok());
  ASSERT_TRUE((*manager_)->AddMember(case_, fourth->person().person).ok());
  const std::uint64_t epoch = Epoch(*manager_);
  EXPECT_EQ(third->Sync().cases_joined, 1U);
  EXPECT_EQ(Epoch(*third), epoch);  // without a commit of its own
  Post(*third, "入れた");
}

TEST_F(Joining, ADeviceWithoutLinkWaitsToBeAdded) {
  const auto third = region_.AddDevice(*nurse_);
  ASSERT_TRUE(third->vault().Erase(client::Table::kMeta, AsBytes("link")).ok());
  third->Sync();
  EXPECT_FALSE((*third)->ShowCase(case_)->can_send);
  EXPECT_THAT((*third)->ShowCase(case_)->warnings, SizeIs(0));
}

TEST_F(Joining, G8_AVaultThatFindsItsOwnUnknownRecordJoinsAnew) {
  const auto copy = nurse_->vault().TakeSnapshot();
  Post(*nurse_, "写しの後");
  nurse_->vault().Restore(copy);
  // Nobody told the vault that it is an older copy: the thread does.
  ASSERT_TRUE(nurse_->vault().ClearOlderCopy().ok());
  nurse_->Restart();
  const auto report = nurse_->Sync();
  EXPECT_TRUE(Warned(*nurse_, Warning::kOlderCopy));
  EXPECT_EQ(report.cases_joined, 1U);
  Post(*nurse_, "戻った");
  manager_->Sync();
  EXPECT_THAT(Notes(*manager_), ElementsAre("写しの後", "戻った"));
}

TEST_F(Joining, G8_AVaultThatFindsItsOwnUnknownCommitJoinsAnew) {
  manager_->Sync();
  const auto copy = manager_->vault().TakeSnapshot();
  const auto third = region_.AddPerson("架空薬局", pki::InstitutionKind::kPharmacy, "架空 かおる",
                                       pki::Profession::kPharmacist);
  third->Sync();
  ASSERT_TRUE((*manager_)->AddMember(case_, third->person().person).ok());
  manager_->vault().Restore(copy);
  ASSERT_TRUE(manager_->vault().ClearOlderCopy().ok());
  manager_->Restart();
  manager_->Sync();
  EXPECT_TRUE(Warned(*manager_, Warning::kOlderCopy));
  Post(*manager_, "戻った");
  third->Sync();
  EXPECT_THAT(Notes(*third), ElementsAre("戻った"));
}

TEST_F(Joining, WhoComesBackAfterARemovalReadsOn) {
  Post(*manager_, "一");
  nurse_->Sync();
  ASSERT_TRUE((*manager_)->RemoveMember(case_, nurse_->person().person).ok());
  nurse_->Sync();
  Post(*manager_, "留守中");
  ASSERT_TRUE((*manager_)->AddMember(case_, nurse_->person().person).ok());
  nurse_->Sync();
  EXPECT_TRUE((*nurse_)->ShowCase(case_)->member);
  EXPECT_THAT(Notes(*nurse_), ElementsAre("一", "留守中"));
  Post(*nurse_, "戻りました");
}

}  // namespace
}  // namespace renkei::test
