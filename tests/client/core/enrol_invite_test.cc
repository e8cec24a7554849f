// Invitations: what a code holds, and that no ticket is left without its secret.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/core/enrolment.h"
#include "client/core/enrolment_store.h"
#include "client/core/identity.h"
#include "crypto/seal/invitation.h"
#include "tests/sim/sim_world.h"

namespace renkei::sim {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

class Inviting : public testing::Test {
 protected:
  SimWorld world_{1};
  Actor& nurse_ =
      world_.AddInstitution("架空訪問看護", "visiting-nurse-station", "江口 さくら", "nurse");
  client::Identity identity_ = client::LoadIdentity(nurse_.vault()).value();
};

TEST_F(Inviting, AStaffCodeNamesRegionInstitutionAndANewPerson) {
  const std::string text = nurse_.Enrol().InviteStaff("江本 二郎", "看護師").value();
  const seal::Invitation code = seal::ParseInvitation(text).value();
  EXPECT_EQ(code.purpose, seal::InvitationPurpose::kStaff);
  EXPECT_EQ(code.region, identity_.region);
  EXPECT_EQ(code.root_fingerprint, Sha256(identity_.root_der));
  EXPECT_EQ(code.institution, identity_.institution);
  EXPECT_NE(code.person, identity_.person);
  EXPECT_EQ(code.relay_address, identity_.relay_address);
  EXPECT_EQ(code.expires_at, world_.clock.Now() + seal::kInvitationLifetime);
  const auto made = client::LoadInvitation(nurse_.vault(), code.ticket).value();
  ASSERT_TRUE(made.has_value());
  EXPECT_TRUE(Equal(made->secret, code.secret));
  EXPECT_EQ(made->detail, "Registered Nurse") << "as certificates spell it";
}

TEST_F(Inviting, ADeviceCodeNamesTheSamePerson) {
  const seal::Invitation code =
      seal::ParseInvitation(nurse_.Enrol().InviteDevice().value()).value();
  EXPECT_EQ(code.purpose, seal::InvitationPurpose::kDevice);
  EXPECT_EQ(code.person, identity_.person);
}

TEST_F(Inviting, AnInstitutionCodeLeavesTheKeyToItsFirstPerson) {
  const std::string text = world_.Operator().Enrol().InviteInstitution("架空薬局", "薬局").value();
  const seal::Invitation code = seal::ParseInvitation(text).value();
  EXPECT_EQ(code.purpose, seal::InvitationPurpose::kInstitution);
  EXPECT_EQ(code.institution_key_hash, Hash32{});
}

TEST_F(Inviting, TwoCodesShareNothing) {
  const auto a = seal::ParseInvitation(nurse_.Enrol().InviteDevice().value()).value();
  const auto b = seal::ParseInvitation(nurse_.Enrol().InviteDevice().value()).value();
  EXPECT_NE(a.ticket, b.ticket);
  EXPECT_FALSE(Equal(a.secret, b.secret));
}

TEST_F(Inviting, WhatIsNoProfessionKindOrNameIsRefused) {
  EXPECT_EQ(nurse_.Enrol().InviteStaff("江本", "astrologer").error().code(), Code::kMalformed);
  EXPECT_EQ(nurse_.Enrol().InviteStaff("", "nurse").error().code(), Code::kMalformed);
  EXPECT_EQ(world_.Operator().Enrol().InviteInstitution("架空", "circus").error().code(),
            Code::kMalformed);
}

TEST_F(Inviting, AVaultOfNobodyInvitesNobody) {
  EXPECT_EQ(world_.New("nobody").Enrol().InviteDevice().error().code(), Code::kNotFound);
}

TEST_F(Inviting, WithTheRelayDownNothingIsLeftBehind) {
  world_.connector.faults.down = true;
  EXPECT_EQ(nurse_.Enrol().InviteDevice().error().code(), Code::kUnavailable);
  EXPECT_THAT(nurse_.vault().Scan(client::Table::kEnrolment, {}, {}).value(), IsEmpty());
}

TEST_F(Inviting, WithAFullDiskNothingIsLeftBehindAtAnyWrite) {
  const auto keys = nurse_.vault().Scan(client::Table::kKeys, {}, {}).value().size();
  for (std::size_t nth = 1; nth <= 3; ++nth) {
    nurse_.vault().FailAtWrite(nth, client::MemoryVault::Fault::kFailOnce);
    EXPECT_EQ(nurse_.Enrol().InviteDevice().error().code(), Code::kUnavailable) << nth;
    EXPECT_THAT(nurse_.vault().Scan(client::Table::kEnrolment, {}, {}).value(), IsEmpty());
    EXPECT_THAT(nurse_.vault().Scan(client::Table::kKeys, {}, {}).value(), SizeIs(keys));
  }
}

}  // namespace
}  // namespace renkei::sim
