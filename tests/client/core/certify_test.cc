#include "client/core/certify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/support/region.h"

namespace renkei::client {
namespace {

using test::kRegionStart;
using testing::SizeIs;

class Certifying : public testing::Test {
 protected:
  Result<pki::VerifiedIdentity> Verify(const pki::Certificate& leaf, pki::CertRole role,
                                       Millis at) {
    return region_.Verifier().Verify(leaf, region_.Above(institution_), at, role);
  }

  test::Region region_{1};
  pki::Issuer institution_ =
      region_.AddInstitution("架空訪看", pki::InstitutionKind::kVisitingNurseStation);
  const Millis now_ = kRegionStart + Days(10);
  const pki::PersonSubject nurse_ = test::SomeNurse(region_.random());
};

TEST_F(Certifying, ADeviceGetsThreeCertificatesAndItsPersonAnArchiveKey) {
  const NewKeys keys = GenerateKeys(true, region_.random());
  const DevicePublicKeys wanted = keys.Public();
  const auto made = CertifyDevice(institution_, nurse_, wanted, now_, region_.random()).value();
  EXPECT_THAT(made.All(), SizeIs(4));
  const struct {
    const pki::Certificate& leaf;
    pki::CertRole role;
    const PublicKey& key;
  } rows[] = {{made.signing, pki::CertRole::kDeviceSigning, wanted.signing},
              {made.key, pki::CertRole::kDeviceKey, wanted.key},
              {made.tls, pki::CertRole::kDeviceTls, wanted.tls},
              {*made.person_archive, pki::CertRole::kPersonArchive, *wanted.person_archive}};
  for (const auto& row : rows) {
    const auto verified = Verify(row.leaf, row.role, now_);
    ASSERT_TRUE(verified.ok());
    EXPECT_EQ(verified->public_key, row.key);
    EXPECT_EQ(verified->person, nurse_.person);
    EXPECT_EQ(verified->institution, institution_.certificate().ids().institution);
  }
  EXPECT_EQ(made.person_archive->ids().archive_version, 1U);
}

TEST_F(Certifying, AFurtherDeviceGetsNoSecondArchiveKey) {
  const NewKeys keys = GenerateKeys(false, region_.random());
  EXPECT_TRUE(keys.person_archive.empty());
  const auto made =
      CertifyDevice(institution_, nurse_, keys.Public(), now_, region_.random()).value();
  EXPECT_FALSE(made.person_archive.has_value());
  EXPECT_THAT(made.All(), SizeIs(3));
}

TEST_F(Certifying, BeginsAnHourEarlyBecauseClocksDiffer) {
  const NewKeys keys = GenerateKeys(true, region_.random());
  const auto made =
      CertifyDevice(institution_, nurse_, keys.Public(), now_, region_.random()).value();
  EXPECT_TRUE(Verify(made.signing, pki::CertRole::kDeviceSigning, now_ - Minutes(59)).ok());
  EXPECT_FALSE(Verify(made.signing, pki::CertRole::kDeviceSigning, now_ - Minutes(61)).ok());
}

TEST_F(Certifying, OnlyAnInstitutionsCaCertifiesDevices) {
  const NewKeys keys = GenerateKeys(true, region_.random());
  EXPECT_EQ(CertifyDevice(region_.issuing(), nurse_, keys.Public(), now_, region_.random())
                .error()
                .code(),
            Code::kDenied);
}

TEST_F(Certifying, ANameThatACertificateCannotHoldIsRefused) {
  const NewKeys keys = GenerateKeys(true, region_.random());
  pki::PersonSubject bad = nurse_;
  bad.name = "";
  EXPECT_EQ(CertifyDevice(institution_, bad, keys.Public(), now_, region_.random()).error().code(),
            Code::kMalformed);
}

TEST_F(Certifying, EveryNewKeyIsAnother) {
  const NewKeys a = GenerateKeys(true, region_.random());
  const NewKeys b = GenerateKeys(true, region_.random());
  const std::set<PublicKey> all = {a.Public().signing,         a.Public().key, a.Public().tls,
                                   *a.Public().person_archive, b.Public().key, b.Public().signing};
  EXPECT_THAT(all, SizeIs(6));
  EXPECT_NE(a.device, b.device);
}

TEST_F(Certifying, AnInstitutionsFirstPersonHoldsItsCaAndBothArchiveKeys) {
  FirstPerson person{.root_der = region_.root().certificate().der(),
                     .relay_address = "relay.invalid:443",
                     .chain = region_.Above(institution_),
                     .institution_key = institution_.key().Clone(),
                     .institution_archive = region_.random().NextSecret(32),
                     .keys = GenerateKeys(true, region_.random()),
                     .subject = nurse_};
  const Identity made = CertifyFirstPerson(std::move(person), now_, region_.random()).value();
  EXPECT_EQ(made.region, region_.id());
  EXPECT_EQ(made.person, nurse_.person);
  ASSERT_THAT(made.person_archive_keys, SizeIs(1));
  ASSERT_THAT(made.institution_archive_keys, SizeIs(1));
  const auto archive =
      pki::Certificate::Parse(made.institution_archive_keys[0].certificate).value();
  EXPECT_TRUE(Verify(archive, pki::CertRole::kInstitutionArchive, now_).ok());
  const auto issuer = OpenIssuer(*made.institution_issuer);
  ASSERT_TRUE(issuer.ok());
  EXPECT_EQ(issuer->certificate().fingerprint(), institution_.certificate().fingerprint());
}

TEST_F(Certifying, AnIssuerThatTheVaultLostOrMixedUpIsNotUsed) {
  EXPECT_EQ(OpenIssuer({institution_.key().Clone(), {}}).error().code(), Code::kCorrupt);
  EXPECT_EQ(OpenIssuer({institution_.key().Clone(), {ToBytes("x")}}).error().code(),
            Code::kCorrupt);
  EXPECT_EQ(OpenIssuer({region_.issuing().key().Clone(), {institution_.certificate().der()}})
                .error()
                .code(),
            Code::kDenied)
      << "another CA's key";
}

TEST_F(Certifying, APrivateKeyOfTheWrongLengthHasNoPublicOne) {
  EXPECT_FALSE(X25519Public(region_.random().NextSecret(31)).ok());
  EXPECT_TRUE(X25519Public(region_.random().NextSecret(32)).ok());
}

}  // namespace
}  // namespace renkei::client
