// Changing who can read, and the seal guard.
#include "client/core/commit.h"

#include "client/core/certify.h"
#include "tests/client/core/case_fixture.h"
#include "tests/support/insider.h"

namespace renkei::test {
namespace {

using client::Warning;
using testing::ElementsAre;
using testing::SizeIs;

class Commits : public CaseFixture {};

TEST_F(Commits, G6_ARevokedDeviceIsCommittedOutBeforeAnythingIsSealed) {
  const auto second = region_.AddDevice(*nurse_);
  second->Sync();
  manager_->Sync();
  EXPECT_EQ((*manager_)->ShowCase(case_)->members[1].devices, 2U);
  region_.clock.Advance(Minutes(1));
  region_.Revoke(*second);
  region_.clock.Advance(Minutes(1));
  manager_->Sync();
  Post(*manager_, "盗難の後");
  const auto members = (*manager_)->ShowCase(case_)->members;
  ASSERT_THAT(members, SizeIs(2));
  EXPECT_EQ(members[1].devices, 1U);
  // The record is sealed in an epoch that the revoked device is not in.
  const auto open = Insider(region_, *manager_).Open(case_);
  EXPECT_EQ(thread::FindMember(open.card->card, second->device()), nullptr);
  nurse_->Sync();
  EXPECT_THAT(Notes(*nurse_), ElementsAre("盗難の後"));
}

TEST_F(Commits, AMemberWhoIsNoStewardMayCommitOutARevokedDevice) {
  const auto second = region_.AddDevice(*manager_);
  second->Sync();
  nurse_->Sync();
  region_.clock.Advance(Minutes(1));
  region_.Revoke(*second);
  region_.clock.Advance(Minutes(1));
  nurse_->Sync();
  Post(*nurse_, "看護から");
  const auto open = Insider(region_, *nurse_).Open(case_);
  EXPECT_EQ(thread::FindMember(open.card->card, second->device()), nullptr);
  manager_->Sync();
  EXPECT_THAT(Notes(*manager_), ElementsAre("看護から"));
}

TEST_F(Commits, AnOldLeafIsRenewedBeforeAnythingIsSealed) {
  const std::uint64_t before = Epoch(*manager_);
  region_.clock.Advance(Days(91));
  Post(*manager_, "三か月後");
  EXPECT_EQ(Epoch(*manager_), before + 1);
  Post(*manager_, "すぐ後");
  EXPECT_EQ(Epoch(*manager_), before + 1);
}

TEST_F(Commits, WhoHasNoDeviceReadyCannotBeAdded) {
  const auto third = region_.AddPerson("架空薬局", pki::InstitutionKind::kPharmacy, "架空 かおる",
                                       pki::Profession::kPharmacist);
  manager_->Sync();
  const Status added = (*manager_)->AddMember(case_, third->person().person);
  EXPECT_EQ(added.error().code(), Code::kNotFound);
  EXPECT_THAT((*manager_)->ShowCase(case_)->members, SizeIs(2));
}

TEST_F(Commits, AddingAMemberAgainChangesNothing) {
  const std::uint64_t before = Epoch(*manager_);
  EXPECT_TRUE((*manager_)->AddMember(case_, nurse_->person().person).ok());
  EXPECT_EQ(Epoch(*manager_), before);
}

TEST_F(Commits, AllDevicesOfAPersonAreAddedAndRemovedTogether) {
  const auto third = region_.AddPerson("架空薬局", pki::InstitutionKind::kPharmacy, "架空 かおる",
                                       pki::Profession::kPharmacist);
  const auto fourth = region_.AddDevice(*third);
  third->Sync();
  fourth->Sync();
  manager_->Sync();
  ASSERT_TRUE((*manager_)->AddMember(case_, third->person().person).ok());
  third->Sync();
  fourth->Sync();
  Post(*third, "一台目");
  Post(*fourth, "二台目");
  manager_->Sync();
  ASSERT_TRUE((*manager_)->RemoveMember(case_, third->person().person).ok());
  EXPECT_THAT((*manager_)->ShowCase(case_)->members, SizeIs(2));
  EXPECT_THAT((*manager_)->ShowCase(case_)->readers, SizeIs(4));
  fourth->Sync();
  EXPECT_FALSE((*fourth)->ShowCase(case_)->member);
}

TEST_F(Commits, TheRelayCannotSlipInAnotherPersonsKeyPackage) {
  const auto third = region_.AddPerson("架空薬局", pki::InstitutionKind::kPharmacy, "架空 かおる",
                                       pki::Profession::kPharmacist);
  const auto intruder = region_.AddPerson("架空薬局", pki::InstitutionKind::kPharmacy, "架空 他人",
                                          pki::Profession::kPharmacist);
  intruder->Sync();
  region_.relay.MoveKeyPackages(intruder->device(), third->person());
  manager_->Sync();
  EXPECT_EQ((*manager_)->AddMember(case_, third->person().person).error().code(), Code::kNotFound);
  EXPECT_THAT((*manager_)->ShowCase(case_)->members, SizeIs(2));
}

TEST_F(Commits, NobodyIsAskedToRemoveThemselves) {
  EXPECT_EQ((*manager_)->RemoveMember(case_, manager_->person().person).error().code(),
            Code::kDenied);
}

TEST_F(Commits, WithoutRelayNothingIsFoundedAndNothingIsLeftBehind) {
  region_.relay.down = true;
  EXPECT_EQ((*manager_)->NewCase(PatientForm("架空 花子")).error().code(), Code::kUnavailable);
  EXPECT_THAT(*(*manager_)->ListCases(), SizeIs(1));
}

TEST_F(Commits, G5_ACaseWhoseFoundingAnswerIsLostIsFinishedLater) {
  region_.relay.lose_answer_of_write = region_.relay.writes + 1;
  const auto id = (*manager_)->NewCase(PatientForm("架空 花子"));
  ASSERT_TRUE(id.ok());
  manager_->Sync();
  const auto view = (*manager_)->ShowCase(*id);
  EXPECT_TRUE(view->can_send);
  EXPECT_EQ(view->waiting, 0U);
  EXPECT_EQ(view->patient, PatientForm("架空 花子"));
}

}  // namespace
}  // namespace renkei::test
