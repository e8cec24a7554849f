// Joining: what is kept when it breaks off, and that a vault is nobody's or somebody's, never half.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/core/enrolment.h"
#include "client/core/enrolment_store.h"
#include "client/core/identity.h"
#include "tests/sim/sim_world.h"

namespace renkei::sim {
namespace {

using client::JoinState;
using testing::IsEmpty;
using Fault = client::MemoryVault::Fault;

class Joining : public testing::Test {
 protected:
  std::string NewCode() { return nurse_.Enrol().InviteStaff("江本 二郎", "nurse").value(); }
  Status Join(Actor& actor, const std::string& code) {
    return actor.Enrol().Join(code, "江本 二郎", "nurse");
  }

  SimWorld world_{1};
  Actor& nurse_ =
      world_.AddInstitution("架空訪問看護", "visiting-nurse-station", "江口 さくら", "nurse");
};

TEST_F(Joining, ACrashAtAnyWriteIsGoneOnFromOrBegunAgain) {
  for (std::size_t nth = 1; nth <= 8; ++nth) {
    for (const Fault fault : {Fault::kDieBefore, Fault::kDieAfter}) {
      Actor& actor = world_.New("colleague");
      const std::string code = NewCode();
      actor.vault().FailAtWrite(nth, fault);
      (void)Join(actor, code).ok();
      actor.Crash();
      if (actor.Enrol().PendingState() == JoinState::kNone) {
        EXPECT_THAT(actor.vault().Scan(client::Table::kKeys, {}, {}).value(), IsEmpty());
        ASSERT_TRUE(Join(actor, code).ok()) << nth;
      }
      EXPECT_EQ(actor.Enrol().FinishJoin().value(), JoinState::kWaitingForApproval) << nth;
      ASSERT_TRUE(nurse_.Enrol().ApproveWaiting({}).ok());
      EXPECT_EQ(actor.Enrol().FinishJoin().value(), JoinState::kJoined) << nth;
    }
  }
}

TEST_F(Joining, ACrashWhileTakingTheApprovalOverLeavesTheRequestOrThePerson) {
  Actor& actor = world_.New("colleague");
  ASSERT_TRUE(Join(actor, NewCode()).ok());
  ASSERT_TRUE(nurse_.Enrol().ApproveWaiting({}).ok());
  const auto requested = actor.vault().TakeSnapshot();
  for (std::size_t nth = 1; nth <= 16; ++nth) {
    actor.vault().FailAtWrite(nth, Fault::kDieBefore);
    (void)actor.Enrol().FinishJoin().ok();
    actor.Crash();
    const bool joined = client::LoadIdentity(actor.vault()).ok();
    EXPECT_NE(joined, client::LoadPendingJoin(actor.vault()).value().has_value()) << nth;
    EXPECT_EQ(actor.Enrol().FinishJoin().value(), JoinState::kJoined) << nth;
    EXPECT_TRUE(client::LoadIdentity(actor.vault()).ok());
    actor.vault().Restore(requested);
  }
}

TEST_F(Joining, AJoinedDeviceKeepsNoKeyOfTheJoin) {
  Actor& actor = world_.AddStaff(nurse_, "江本 二郎", "nurse");
  const auto keys = actor.vault().Scan(client::Table::kKeys, {}, {}).value();
  for (const client::Row& row : keys) {
    EXPECT_EQ(ToString(row.key).find("join/"), std::string::npos);
  }
  EXPECT_THAT(actor.vault().Scan(client::Table::kEnrolment, {}, {}).value(), IsEmpty());
}

TEST_F(Joining, AVaultThatCannotBeReadIsNotTakenForAnEmptyOne) {
  Actor& actor = world_.New("colleague");
  ASSERT_TRUE(Join(actor, NewCode()).ok());
  ASSERT_TRUE(actor.vault().Put(client::Table::kEnrolment, AsBytes("join"), Bytes{0xFF}).ok());
  EXPECT_NE(actor.Enrol().PendingState(), JoinState::kNone);
  EXPECT_EQ(Join(actor, NewCode()).error().code(), Code::kCorrupt) << "not written over";
  Actor& other = world_.New("other");
  ASSERT_TRUE(other.vault().Put(client::Table::kMeta, AsBytes("identity"), Bytes{0xFF}).ok());
  EXPECT_NE(other.Enrol().PendingState(), JoinState::kNone);
}

TEST_F(Joining, ARequestThatExpiredIsSaidAndKept) {
  Actor& actor = world_.New("colleague");
  ASSERT_TRUE(Join(actor, NewCode()).ok());
  world_.clock.Advance(Days(40));
  const auto finished = actor.Enrol().FinishJoin();
  ASSERT_FALSE(finished.ok());
  EXPECT_TRUE(finished.error().code() == Code::kStaleEpoch ||
              finished.error().code() == Code::kNotFound);
  EXPECT_EQ(actor.Enrol().PendingState(), JoinState::kWaitingForApproval);
}

TEST_F(Joining, WithTheRelayDownAWaitingJoinWaitsOn) {
  Actor& actor = world_.New("colleague");
  ASSERT_TRUE(Join(actor, NewCode()).ok());
  world_.connector.faults.down = true;
  EXPECT_EQ(actor.Enrol().FinishJoin().error().code(), Code::kUnavailable);
  world_.connector.faults.down = false;
  EXPECT_EQ(actor.Enrol().FinishJoin().value(), JoinState::kWaitingForApproval);
}

}  // namespace
}  // namespace renkei::sim
