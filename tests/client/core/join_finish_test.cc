// From an approval to an identity: what the relay hands over is believed only as far as the
// invitation's root, the institution's key and this device's own keys bear it out.
#include "client/core/join_finish.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "crypto/seal/link_package.h"
#include "crypto/thread/link.h"
#include "tests/support/region.h"

namespace renkei::client {
namespace {

using seal::InvitationPurpose;
using test::kRegionStart;
using testing::SizeIs;

class JoinFinish : public testing::Test {
 protected:
  PendingJoin Join(InvitationPurpose purpose) {
    const bool device = purpose == InvitationPurpose::kDevice;
    PendingJoin out{.keys = GenerateKeys(!device, random())};
    out.purpose = purpose;
    out.region = region_.id();
    out.root_der = region_.root().certificate().der();
    out.institution = station_.certificate().ids().institution;
    out.person = nurse_.person;
    out.institution_key_hash = Sha256(station_.certificate().public_key());
    out.name = nurse_.name;
    out.profession = "Registered Nurse";
    return out;
  }
  Approval Approve(const PendingJoin& join, const pki::Issuer& issuer,
                   const pki::PersonSubject& person) {
    const auto made = CertifyDevice(issuer, person, join.keys.Public(), now_, random()).value();
    Approval out;
    out.leaves = {made.signing, made.key, made.tls};
    out.chain = region_.Above(issuer);
    if (made.person_archive.has_value()) {
      out.leaves.push_back(*made.person_archive);
    }
    return out;
  }
  Result<FinishedJoin> Finish(PendingJoin join, const Approval& approval) {
    return FinishApproved(std::move(join), approval, now_, random());
  }
  Code Refusal(PendingJoin join, const Approval& approval) {
    const auto finished = Finish(std::move(join), approval);
    return finished.ok() ? Code::kInternal : finished.error().code();
  }
  Random& random() { return region_.random(); }

  test::Region region_{1};
  pki::Issuer station_ =
      region_.AddInstitution("架空訪看", pki::InstitutionKind::kVisitingNurseStation);
  pki::Issuer clinic_ = region_.AddInstitution("架空医院", pki::InstitutionKind::kClinic);
  const pki::PersonSubject nurse_ = test::SomeNurse(region_.random());
  const Millis now_ = kRegionStart + Days(10);
};

class StaffJoin : public JoinFinish {
 protected:
  PendingJoin join_ = Join(InvitationPurpose::kStaff);
  Approval approval_ = Approve(join_, station_, nurse_);
};

TEST_F(StaffJoin, ThatIsApprovedBecomesAnIdentity) {
  const DeviceId device = join_.keys.device;
  const auto finished = Finish(std::move(join_), approval_);
  ASSERT_TRUE(finished.ok()) << finished.error().where();
  EXPECT_EQ(finished->identity.person, nurse_.person);
  EXPECT_EQ(finished->identity.device, device);
  EXPECT_THAT(finished->identity.person_archive_keys, SizeIs(1));
  EXPECT_THAT(finished->identity.chain, SizeIs(2));
  EXPECT_FALSE(finished->identity.institution_issuer.has_value());
  EXPECT_THAT(finished->positions, SizeIs(0));
}

TEST_F(StaffJoin, WithoutAnyOneOfItsCertificatesIsRefused) {
  for (std::size_t i = 0; i < approval_.leaves.size(); ++i) {
    PendingJoin join = Join(InvitationPurpose::kStaff);
    Approval less = Approve(join, station_, nurse_);
    less.leaves.erase(less.leaves.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_EQ(Refusal(std::move(join), less), Code::kAuthFailed) << i;
  }
}

TEST_F(StaffJoin, WithAnotherDevicesCertificatesIsRefused) {
  const PendingJoin other = Join(InvitationPurpose::kStaff);
  EXPECT_EQ(Refusal(std::move(join_), Approve(other, station_, nurse_)), Code::kAuthFailed);
}

TEST_F(StaffJoin, AsAnotherPersonThanInvitedIsRefused) {
  const Approval approval = Approve(join_, station_, test::SomeDoctor(random()));
  EXPECT_EQ(Refusal(std::move(join_), approval), Code::kAuthFailed);
}

TEST_F(StaffJoin, CertifiedByAnotherInstitutionIsRefused) {
  const Approval approval = Approve(join_, clinic_, nurse_);
  EXPECT_EQ(Refusal(std::move(join_), approval), Code::kAuthFailed);
}

TEST_F(StaffJoin, UnderAnotherKeyOfTheSameInstitutionIsRefused) {
  // The invitation names the CA's key: an operator who certifies a second CA of that name gains
  // nothing.
  join_.institution_key_hash[0] ^= 1;
  EXPECT_EQ(Refusal(std::move(join_), approval_), Code::kAuthFailed);
}

TEST_F(StaffJoin, UnderAnotherRegionsRootIsRefused) {
  const test::Region other(2);
  join_.root_der = other.root().certificate().der();
  EXPECT_EQ(Refusal(std::move(join_), approval_), Code::kAuthFailed);
}

TEST_F(StaffJoin, WithoutItsChainIsRefused) {
  approval_.chain.clear();
  EXPECT_EQ(Refusal(std::move(join_), approval_), Code::kAuthFailed);
}

class InstitutionJoin : public JoinFinish {
 protected:
  InstitutionJoin() {
    join_.institution_key = station_.key().Clone();
    join_.institution_archive = random().NextSecret(32);
    approval_.leaves = {station_.certificate()};
    approval_.chain = {region_.issuing().certificate()};
  }
  PendingJoin join_ = Join(InvitationPurpose::kInstitution);
  Approval approval_;
};

TEST_F(InstitutionJoin, MakesTheFirstPersonTheAdministrator) {
  const auto finished = Finish(std::move(join_), approval_);
  ASSERT_TRUE(finished.ok()) << finished.error().where();
  EXPECT_TRUE(finished->identity.institution_issuer.has_value());
  EXPECT_THAT(finished->identity.institution_archive_keys, SizeIs(1));
}

TEST_F(InstitutionJoin, WithACertificateForAnotherKeyOrInstitutionIsRefused) {
  approval_.leaves = {clinic_.certificate()};
  EXPECT_EQ(Refusal(std::move(join_), approval_), Code::kAuthFailed);
}

TEST_F(InstitutionJoin, WithoutTheIssuingCaIsRefused) {
  approval_.chain.clear();
  EXPECT_EQ(Refusal(std::move(join_), approval_), Code::kAuthFailed);
}

class DeviceJoin : public JoinFinish {
 protected:
  DeviceJoin() {
    first_ = region_.AddDevice(station_, nurse_);
    archive_key_ = random().NextSecret(32);
    archive_ = Archive(nurse_);
    approval_ = Approve(join_, station_, nurse_);
    Link(first_, station_, nurse_);
  }
  Bytes Archive(const pki::PersonSubject& person) {
    return station_
        .IssuePersonArchive(
            X25519Public(archive_key_).value(), person, 1,
            station_.Clip(pki::CertRole::kPersonArchive, {now_ - Days(1), now_ + Days(90)}),
            random())
        .value()
        .der();
  }
  // That device vouches for these keys and hands over the archive key.
  void Link(const test::Device& by, const pki::Issuer& issuer, const pki::PersonSubject& person) {
    const DevicePublicKeys keys = join_.keys.Public();
    seal::LinkPackage package;
    package.person_archive_keys.push_back({1, archive_key_.Clone(), archive_});
    package.threads.push_back({.case_id = {}, .seq = 7, .hash = {}, .at = {0, 3}, .card_hash = {}});
    approval_.sealed_package =
        seal::SealLinkPackage(package, {by.id, keys.device, keys.key}, random()).value();
    link_ = {.person = {issuer.certificate().ids().institution, person.person},
             .new_device = keys.device,
             .signing_key = keys.signing,
             .device_key = keys.key,
             .tls_key = keys.tls,
             .linking_device = by.id,
             .created_at = now_,
             .package_hash = Sha256(approval_.sealed_package)};
    Sign(by);
  }
  void Sign(const test::Device& by) {
    approval_.signed_link =
        thread::MakeLink(link_, by.signing.key, by.signing.certificate.der()).value();
  }

  PendingJoin join_ = Join(InvitationPurpose::kDevice);
  test::Device first_ = region_.AddDevice(station_, nurse_);
  SecretBytes archive_key_;
  Bytes archive_;
  Approval approval_;
  thread::Link link_;
};

TEST_F(DeviceJoin, G7_ThatIsLinkedHoldsTheArchiveKeyAndKnowsWhereThingsStood) {
  const auto finished = Finish(std::move(join_), approval_);
  ASSERT_TRUE(finished.ok()) << finished.error().where();
  ASSERT_THAT(finished->identity.person_archive_keys, SizeIs(1));
  EXPECT_TRUE(Equal(finished->identity.person_archive_keys[0].private_key, archive_key_));
  ASSERT_THAT(finished->positions, SizeIs(1));
  EXPECT_EQ(finished->positions[0].seq, 7U);
}

TEST_F(DeviceJoin, LinkedByAnotherPersonsDeviceIsRefused) {
  const pki::PersonSubject doctor = test::SomeDoctor(random());
  Link(region_.AddDevice(station_, doctor), station_, doctor);
  EXPECT_EQ(Refusal(std::move(join_), approval_), Code::kAuthFailed);
}

TEST_F(DeviceJoin, LinkedByADeviceThatOnlyClaimsThePersonIsRefused) {
  Link(region_.AddDevice(station_, test::SomeDoctor(random())), station_, nurse_);
  EXPECT_EQ(Refusal(std::move(join_), approval_), Code::kAuthFailed);
}

TEST_F(DeviceJoin, LinkedOverOtherKeysIsRefused) {
  for (PublicKey* key : {&link_.signing_key, &link_.device_key, &link_.tls_key}) {
    const PublicKey good = *key;
    (*key)[0] ^= 1;
    Sign(first_);
    PendingJoin same = Join(InvitationPurpose::kDevice);
    same.keys = {join_.keys.device, join_.keys.signing.Clone(), join_.keys.tls.Clone(),
                 join_.keys.device_key.Clone(), SecretBytes()};
    EXPECT_EQ(Refusal(std::move(same), approval_), Code::kAuthFailed);
    *key = good;
  }
}

TEST_F(DeviceJoin, WithAnotherPackageThanTheLinkNamesIsRefused) {
  const Bytes link = approval_.signed_link;
  Link(first_, station_, nurse_);  // sealed anew: other bytes
  approval_.signed_link = link;
  EXPECT_FALSE(Finish(std::move(join_), approval_).ok());
}

TEST_F(DeviceJoin, WithAnotherPersonsArchiveKeyIsRefused) {
  archive_ = Archive(test::SomeDoctor(random()));
  Link(first_, station_, nurse_);
  EXPECT_EQ(Refusal(std::move(join_), approval_), Code::kAuthFailed);
}

TEST_F(DeviceJoin, WithAnArchiveKeyThatIsNotTheCertificatesIsRefused) {
  archive_key_ = random().NextSecret(32);
  Link(first_, station_, nurse_);
  EXPECT_EQ(Refusal(std::move(join_), approval_), Code::kAuthFailed);
}

TEST_F(DeviceJoin, WithoutALinkIsRefused) {
  approval_.signed_link.clear();
  EXPECT_FALSE(Finish(std::move(join_), approval_).ok());
}

}  // namespace
}  // namespace renkei::client
