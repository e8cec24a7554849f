// Enrolment from end to end over the relay's own core: founding, inviting, joining, approving,
// linking, and what is refused on the way.
#include <gtest/gtest.h>

#include <atomic>

#include "client/core/identity.h"
#include "crypto/seal/invitation.h"
#include "renkei/relay/v1/threads.pb.h"
#include "tests/sim/sim_world.h"

namespace renkei::sim {
namespace {

using client::JoinState;

class EnrolmentTest : public testing::Test {
 protected:
  std::string StaffCode() { return nurse.Enrol().InviteStaff("江本 二郎", "nurse").value(); }

  SimWorld world{1};
  Actor& nurse =
      world.AddInstitution("架空訪問看護", "visiting-nurse-station", "江口 さくら", "nurse");
};

TEST_F(EnrolmentTest, AFirstPersonAndAColleagueJoin) {
  Actor& colleague = world.AddStaff(nurse, "江本 二郎", "nurse");
  const auto self = colleague.Open().Self();
  EXPECT_EQ(self.name, "江本 二郎");
  EXPECT_EQ(self.profession, "Registered Nurse");
  EXPECT_EQ(self.institution, "架空訪問看護");
}

TEST_F(EnrolmentTest, AnAlteredCodeIsRefusedBeforeAnythingHappens) {
  std::string code = StaffCode();
  code.back() = code.back() == '0' ? '1' : '0';
  Actor& stranger = world.New("x");
  EXPECT_EQ(stranger.Enrol().Join(code, "江本 二郎", "nurse").error().code(), Code::kMalformed);
  EXPECT_EQ(stranger.Enrol().PendingState(), JoinState::kNone);
}

TEST_F(EnrolmentTest, ACodeWorksOnceAndTheSecondVaultStaysEmpty) {
  const std::string code = StaffCode();
  ASSERT_TRUE(world.New("first").Enrol().Join(code, "江本 二郎", "nurse").ok());
  Actor& second = world.New("second");
  EXPECT_EQ(second.Enrol().Join(code, "江本 二郎", "nurse").error().code(), Code::kConflict);
  EXPECT_EQ(second.Enrol().PendingState(), JoinState::kNone);
}

TEST_F(EnrolmentTest, AnExpiredCodeIsRefused) {
  const std::string code = StaffCode();
  world.clock.Advance(seal::kInvitationLifetime + Seconds(1));
  EXPECT_EQ(client::CheckCode(code, world.clock.Now()).error().code(), Code::kStaleEpoch);
  Actor& late = world.New("late");
  EXPECT_EQ(late.Enrol().Join(code, "江本 二郎", "nurse").error().code(), Code::kStaleEpoch);
  EXPECT_EQ(late.Enrol().PendingState(), JoinState::kNone);
}

TEST_F(EnrolmentTest, AnotherProfessionThanInvitedIsNotApproved) {
  Actor& impostor = world.New("impostor");
  ASSERT_TRUE(impostor.Enrol().Join(StaffCode(), "江本 二郎", "doctor").ok());
  const auto report = nurse.Enrol().ApproveWaiting({});
  ASSERT_TRUE(report.ok());
  ASSERT_EQ(report->items.size(), 1U);
  EXPECT_FALSE(report->items[0].approved);
  EXPECT_EQ(impostor.Enrol().FinishJoin().value(), JoinState::kWaitingForApproval);
}

TEST_F(EnrolmentTest, OnlyTheOperatorInvitesInstitutionsAndOnlyAnAdministratorStaff) {
  EXPECT_EQ(nurse.Enrol().InviteInstitution("偽の病院", "hospital").error().code(), Code::kDenied);
  Actor& colleague = world.AddStaff(nurse, "江本 二郎", "nurse");
  EXPECT_EQ(colleague.Enrol().InviteStaff("某", "nurse").error().code(), Code::kDenied);
}

TEST_F(EnrolmentTest, WithTheRelayDownTheRequestIsKeptAndSentLater) {
  const std::string code = StaffCode();
  Actor& colleague = world.New("colleague");
  // The root is learnt, then the answer to the request is lost.
  world.connector.faults.lost_answer = 100;
  EXPECT_EQ(colleague.Enrol().Join(code, "江本 二郎", "nurse").error().code(), Code::kUnavailable);
  EXPECT_EQ(colleague.Enrol().PendingState(), JoinState::kWaitingForApproval);
  world.connector.faults = {};
  EXPECT_EQ(colleague.Enrol().FinishJoin().value(), JoinState::kWaitingForApproval);
  ASSERT_TRUE(nurse.Enrol().ApproveWaiting({}).ok());
  EXPECT_EQ(colleague.Enrol().FinishJoin().value(), JoinState::kJoined);
}

TEST_F(EnrolmentTest, AnInterruptedJoinGoesOnWithTheSameCodeNameAndProfession) {
  const std::string code = StaffCode();
  Actor& colleague = world.New("colleague");
  world.connector.faults.lost_answer = 100;
  EXPECT_EQ(colleague.Enrol().Join(code, "江本 二郎", "nurse").error().code(), Code::kUnavailable);
  world.connector.faults = {};
  EXPECT_EQ(colleague.Enrol().Join(code, "江本 三郎", "nurse").error().code(), Code::kConflict);
  EXPECT_EQ(colleague.Enrol().Join(code, "江本 二郎", "doctor").error().code(), Code::kConflict);
  EXPECT_EQ(colleague.Enrol().Join(StaffCode(), "江本 二郎", "nurse").error().code(),
            Code::kConflict);
  EXPECT_TRUE(colleague.Enrol().Join(code, "江本 二郎", "nurse").ok());
  ASSERT_EQ(nurse.Enrol().ApproveWaiting({})->items.size(), 1U);
  EXPECT_EQ(colleague.Enrol().FinishJoin().value(), JoinState::kJoined);
}

TEST_F(EnrolmentTest, AnInterruptedFoundingGoesOnWithTheSameRegion) {
  Actor& founder = world.New("founder");
  const auto first = founder.Enrol().InitRegion("relay.example:443", "二つめ");
  ASSERT_TRUE(first.ok());
  const auto again = founder.Enrol().InitRegion("relay.example:443", "二つめ");
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->id, first->id);
  ASSERT_EQ(again->relay_files.size(), first->relay_files.size());
  for (std::size_t i = 0; i < first->relay_files.size(); ++i) {
    EXPECT_EQ(again->relay_files[i].name, first->relay_files[i].name);
    EXPECT_TRUE(Equal(again->relay_files[i].content, first->relay_files[i].content));
  }
  ASSERT_TRUE(founder.Enrol().FinishRegion().ok());
  EXPECT_FALSE(founder.Enrol().UnfinishedRegion()->has_value()) << "the relay's keys are gone";
  EXPECT_EQ(founder.Enrol().InitRegion("relay.example:443", "二つめ").error().code(),
            Code::kConflict);
}

TEST_F(EnrolmentTest, ARelayOfAnotherRegionIsNotJoined) {
  SimWorld other(2);
  const std::string code = StaffCode();
  Actor& lost = other.New("lost");
  EXPECT_EQ(lost.Enrol().Join(code, "江本 二郎", "nurse").error().code(), Code::kAuthFailed);
}

TEST_F(EnrolmentTest, AVaultServesOnePerson) {
  EXPECT_EQ(nurse.Enrol().Join(StaffCode(), "江本 二郎", "nurse").error().code(), Code::kConflict);
  EXPECT_EQ(nurse.Enrol().InitRegion("relay.example:443", "二つめ").error().code(),
            Code::kConflict);
}

TEST_F(EnrolmentTest, G7_ALinkedDeviceTakesOverTheArchiveKeys) {
  Actor& tablet = world.AddDevice(nurse, nurse);
  const auto first = client::LoadIdentity(nurse.vault());
  const auto second = client::LoadIdentity(tablet.vault());
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(first->person, second->person);
  EXPECT_NE(first->device, second->device);
  ASSERT_EQ(second->person_archive_keys.size(), 1U);
  EXPECT_TRUE(
      Equal(first->person_archive_keys[0].private_key, second->person_archive_keys[0].private_key));
  EXPECT_FALSE(second->institution_issuer.has_value()) << "the CA stays where it was";
}

TEST_F(EnrolmentTest, ADeviceIsNotCertifiedBeforeItIsLinked) {
  const std::string code = nurse.Enrol().InviteDevice().value();
  Actor& tablet = world.New("tablet");
  ASSERT_TRUE(tablet.Enrol().Join(code, "", "").ok());
  EXPECT_EQ(tablet.Enrol().FinishJoin().value(), JoinState::kWaitingForLink);
}

// A device asks while the first one watches: the relay's ping is enough.
TEST_F(EnrolmentTest, WatchingServesTheOwnNewDevice) {
  const std::string code = nurse.Enrol().InviteDevice().value();
  Actor& tablet = world.New("tablet");
  std::atomic<bool> going{true};
  world.connector.watch = [&](const SimConnector::OnEvent& on_event) {
    EXPECT_TRUE(tablet.Enrol().Join(code, "", "").ok());
    relay::v1::WatchEvent event;
    event.mutable_ping()->set_enrolment(true);
    going = on_event(event) && tablet.Enrol().FinishJoin().value() != JoinState::kJoined;
    EXPECT_FALSE(going) << "linked and certified within this one ping";
    going = false;
    return Ok();
  };
  const Status watched =
      nurse.Open().Watch([](const client::SyncReport&) {}, [&] { return going.load(); });
  EXPECT_TRUE(watched.ok());
  EXPECT_EQ(tablet.Enrol().PendingState(), JoinState::kJoined);
}

TEST_F(EnrolmentTest, AColleaguesDeviceIsCertifiedByTheAdministratorsSync) {
  Actor& colleague = world.AddStaff(nurse, "江本 二郎", "nurse");
  const std::string code = colleague.Enrol().InviteDevice().value();
  Actor& tablet = world.New("tablet");
  ASSERT_TRUE(tablet.Enrol().Join(code, "", "").ok());
  ASSERT_TRUE(nurse.Open().Sync().ok());
  EXPECT_EQ(tablet.Enrol().FinishJoin().value(), JoinState::kWaitingForLink)
      << "only its owner links";
  ASSERT_TRUE(colleague.Open().Sync().ok());
  EXPECT_EQ(tablet.Enrol().FinishJoin().value(), JoinState::kWaitingForApproval);
  ASSERT_TRUE(nurse.Open().Sync().ok());
  EXPECT_EQ(tablet.Enrol().FinishJoin().value(), JoinState::kJoined);
}

}  // namespace
}  // namespace renkei::sim
