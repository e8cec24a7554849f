// Revoking over the relay's own core: who may, what it names, and what the relay and members make
// of it.
#include "client/core/revoke.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/core/identity.h"
#include "tests/sim/sim_world.h"

namespace renkei::client {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class RevokingDevices : public testing::Test {
 protected:
  // Devices of a person, oldest first, as `seer` sees them.
  std::vector<DeviceView> DevicesOf(sim::Actor& seer, sim::Actor& whose) {
    EXPECT_TRUE(seer.Open().Sync().ok());
    std::vector<DeviceView> out;
    const auto all = Revoking(seer.Env()).Devices();
    for (const DeviceView& each : all.value()) {
      if (each.person.person_id == IdentityOf(whose).person) {
        out.push_back(each);
      }
    }
    return out;
  }
  Identity IdentityOf(sim::Actor& actor) { return LoadIdentity(actor.vault()).value(); }
  thread::PersonRef PersonOf(sim::Actor& actor) {
    const Identity identity = IdentityOf(actor);
    return {identity.institution, identity.person};
  }
  Result<std::vector<DeviceId>> Revoke(sim::Actor& by, sim::Actor& whose,
                                       const std::optional<DeviceId>& device = std::nullopt) {
    return Revoking(by.Env()).RevokeDevices(PersonOf(whose), device,
                                            pki::RevocationReason::kKeyCompromise);
  }
  // A new connection: a process that starts.
  bool IsTaken(sim::Actor& actor) {
    actor.Crash();
    return actor.Open().Sync().ok();
  }

  sim::SimWorld world_{7};
  sim::Actor& nurse_ =
      world_.AddInstitution("架空訪問看護", "visiting-nurse-station", "江口 花子", "nurse");
  sim::Actor& doctor_ = world_.AddInstitution("架空医院", "clinic", "伊藤 一郎", "doctor");
  sim::Actor& colleague_ = world_.AddStaff(nurse_, "江本 二郎", "nurse");
  sim::Actor& tablet_ = world_.AddDevice(colleague_, nurse_);
};

TEST_F(RevokingDevices, ALostDeviceIsCutOffAndItsOwnersOtherOneIsNot) {
  ASSERT_THAT(DevicesOf(doctor_, colleague_), SizeIs(2));
  world_.clock.Advance(Minutes(5));
  const DeviceId lost = IdentityOf(tablet_).device;
  const auto revoked = Revoke(nurse_, colleague_, lost);
  ASSERT_TRUE(revoked.ok()) << revoked.error().where();
  EXPECT_THAT(*revoked, ElementsAre(lost));
  EXPECT_FALSE(IsTaken(tablet_));
  EXPECT_TRUE(IsTaken(colleague_));
  for (const DeviceView& each : DevicesOf(doctor_, colleague_)) {
    EXPECT_EQ(each.revoked_at.has_value(), each.device == lost);
  }
  EXPECT_EQ(Revoke(nurse_, colleague_, lost).error().code(), Code::kConflict) << "is already";
}

// It says "published" and throws the list away.
TEST_F(RevokingDevices, ARelayThatThrowsTheListAwayIsNotBelieved) {
  const DeviceId lost = IdentityOf(tablet_).device;
  world_.connector.faults.drops_lists = true;
  const auto revoked = Revoke(nurse_, colleague_, lost);
  ASSERT_FALSE(revoked.ok());
  EXPECT_STREQ(revoked.error().where(), "revocation: the relay does not pass the list on");
  const auto held_by = [&](sim::Actor& seer) {
    const std::vector<DeviceView> devices = DevicesOf(seer, colleague_);
    return std::any_of(devices.begin(), devices.end(),
                       [](const DeviceView& each) { return each.revoked_at.has_value(); });
  };
  EXPECT_TRUE(held_by(nurse_)) << "its own device knows all the same";
  EXPECT_FALSE(held_by(doctor_));
  // Again, when it has become honest: offered once more, and then everybody knows.
  world_.connector.faults.drops_lists = false;
  EXPECT_EQ(Revoke(nurse_, colleague_, lost).error().code(), Code::kConflict);
  EXPECT_TRUE(held_by(doctor_));
}

TEST_F(RevokingDevices, WhoLeftLosesEveryDeviceAlsoWhereOneWasRevokedBefore) {
  ASSERT_TRUE(Revoke(nurse_, colleague_, IdentityOf(tablet_).device).ok());
  world_.clock.Advance(Days(1));
  const auto revoked = Revoke(nurse_, colleague_);
  ASSERT_TRUE(revoked.ok()) << revoked.error().where();
  EXPECT_THAT(*revoked, ElementsAre(IdentityOf(colleague_).device));
  EXPECT_FALSE(IsTaken(colleague_));
  EXPECT_FALSE(IsTaken(tablet_));
  EXPECT_TRUE(IsTaken(nurse_));
}

// The next list goes on from the newest one, also where this vault never saw it.
TEST_F(RevokingDevices, AVaultThatLacksTheNewestListAddsToIt) {
  const auto before = nurse_.vault().TakeSnapshot();
  ASSERT_TRUE(Revoke(nurse_, colleague_, IdentityOf(tablet_).device).ok());
  nurse_.Restore(before);
  const auto revoked = Revoke(nurse_, colleague_, IdentityOf(colleague_).device);
  ASSERT_TRUE(revoked.ok()) << revoked.error().where();
  EXPECT_FALSE(IsTaken(tablet_));
  EXPECT_FALSE(IsTaken(colleague_));
}

TEST_F(RevokingDevices, OnlyTheInstitutionsAdministratorRevokesAndNotTheDeviceItself) {
  EXPECT_EQ(Revoke(doctor_, colleague_).error().code(), Code::kDenied) << "of another institution";
  EXPECT_EQ(Revoke(colleague_, tablet_).error().code(), Code::kDenied) << "no administrator";
  EXPECT_EQ(Revoke(nurse_, nurse_).error().code(), Code::kMalformed) << "it would lock itself out";
  EXPECT_EQ(Revoke(nurse_, colleague_, IdentityOf(doctor_).device).error().code(), Code::kNotFound);
  EXPECT_TRUE(IsTaken(colleague_));
  EXPECT_TRUE(IsTaken(tablet_));
}

TEST_F(RevokingDevices, WithoutARelayNothingIsChanged) {
  world_.connector.faults.down = true;
  EXPECT_EQ(Revoke(nurse_, colleague_).error().code(), Code::kUnavailable);
  world_.connector.faults.down = false;
  EXPECT_TRUE(IsTaken(colleague_));
}

TEST_F(RevokingDevices, TheOperatorCutsOffAWholeInstitution) {
  const InstitutionId station = IdentityOf(nurse_).institution;
  Revoking doctors(doctor_.Env());
  EXPECT_EQ(doctors.RevokeInstitution(station).error().code(), Code::kDenied);
  Revoking operators(world_.Operator().Env());
  EXPECT_EQ(operators.RevokeInstitution(IdentityOf(world_.Operator()).institution).error().code(),
            Code::kMalformed);
  EXPECT_EQ(operators.RevokeInstitution(InstitutionId()).error().code(), Code::kNotFound);
  ASSERT_TRUE(operators.RevokeInstitution(station).ok());
  EXPECT_EQ(operators.RevokeInstitution(station).error().code(), Code::kConflict);
  EXPECT_FALSE(IsTaken(nurse_));
  EXPECT_FALSE(IsTaken(colleague_));
  EXPECT_TRUE(IsTaken(doctor_));
  for (const DeviceView& each : DevicesOf(doctor_, colleague_)) {
    EXPECT_TRUE(each.revoked_at.has_value());
  }
}

TEST_F(RevokingDevices, G9_NothingIsSealedForALostDeviceAnyMore) {
  const auto case_id = doctor_.Open().NewCase(sim::PatientContent());
  ASSERT_TRUE(case_id.ok());
  ASSERT_TRUE(doctor_.Open().AddMember(*case_id, IdentityOf(colleague_).person).ok());
  for (sim::Actor* actor : {&colleague_, &tablet_, &doctor_}) {
    ASSERT_TRUE(actor->Open().Sync().ok());
  }
  const auto devices = [&] {
    const auto view = doctor_.Open().ShowCase(*case_id);
    for (const MemberView& member : view->members) {
      if (member.person.person_id == IdentityOf(colleague_).person) {
        return member.devices;
      }
    }
    return std::size_t{0};
  };
  ASSERT_EQ(devices(), 2U);
  world_.clock.Advance(Minutes(1));
  ASSERT_TRUE(Revoke(nurse_, colleague_, IdentityOf(tablet_).device).ok());
  world_.clock.Advance(Minutes(1));
  ASSERT_TRUE(doctor_.Open().Sync().ok());
  ASSERT_TRUE(doctor_.Open().Post(*case_id, sim::NoteContent("盗難の後（架空）"), {}).ok());
  EXPECT_EQ(devices(), 1U);
  ASSERT_TRUE(IsTaken(colleague_));
  EXPECT_THAT(colleague_.Open().Records(*case_id).value(), testing::Not(IsEmpty()));
}

}  // namespace
}  // namespace renkei::client
