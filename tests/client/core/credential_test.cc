// Certificates as MLS credentials: ours as others see it, theirs as the groups ask about it.
#include "client/core/credential.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "tests/support/region.h"

namespace renkei::client {
namespace {

using pki::CertRole;
using test::kRegionStart;

class KnowsNothing final : public CertificateSource {
 public:
  Result<std::optional<KnownCertificate>> Find(const Hash32&) const override {
    return std::optional<KnownCertificate>();
  }
};

class Credentials : public testing::Test {
 protected:
  mls::Credential Of(const pki::Certificate& leaf, const pki::Issuer& institution) const {
    mls::X509Credential x509;
    x509.certificates.push_back(leaf.der());
    for (const pki::Certificate& issuer : region_.Above(institution)) {
      x509.certificates.push_back(issuer.der());
    }
    return {.value = std::move(x509)};
  }
  mls::Credential Nurses() const { return Of(nurse_.signing.certificate, station_); }
  Bytes NursesKey() const { return ToBytes(nurse_.signing.key.public_key()); }
  Code Check(const mls::Credential& credential, ByteView key, Millis at) const {
    const Status status = policy_.Check(credential, key, at);
    return status.ok() ? Code::kInternal : status.error().code();
  }

  test::Region region_{1};
  pki::Issuer station_ =
      region_.AddInstitution("架空訪看", pki::InstitutionKind::kVisitingNurseStation);
  pki::PersonSubject person_ = test::SomeNurse(region_.random());
  test::Device nurse_ = region_.AddDevice(station_, person_);
  KnowsNothing source_;
  Certificates certificates_{region_.Verifier(), source_};
  CertificatePolicy policy_{certificates_};
  const Millis now_ = kRegionStart + Days(10);
};

TEST_F(Credentials, OfADeviceUnderTheRegionsRootAreAccepted) {
  EXPECT_EQ(Check(Nurses(), NursesKey(), now_), Code::kInternal);
}

TEST_F(Credentials, G3_WithAnotherSignatureKeyAreRefused) {
  Bytes key = NursesKey();
  key[0] ^= 1U;
  EXPECT_EQ(Check(Nurses(), key, now_), Code::kAuthFailed);
  EXPECT_EQ(policy_.CheckExisting(Nurses(), key, now_).error().code(), Code::kAuthFailed);
}

TEST_F(Credentials, G3_OfAnotherRoleOrRegionAreRefused) {
  EXPECT_EQ(Check(Of(nurse_.tls.certificate, station_), ToBytes(nurse_.tls.key.public_key()), now_),
            Code::kAuthFailed);
  test::Region other{2, "にし地区医師会"};
  Certificates certificates{other.Verifier(), source_};
  EXPECT_EQ(CertificatePolicy(certificates).Check(Nurses(), NursesKey(), now_).error().code(),
            Code::kAuthFailed);
}

TEST_F(Credentials, ThatAreNoCertificatesAreMalformed) {
  mls::Credential basic;
  basic.value = mls::BasicCredential{ToBytes("nurse")};
  EXPECT_EQ(Check(basic, NursesKey(), now_), Code::kMalformed);
  mls::Credential empty;
  empty.value = mls::X509Credential{};
  EXPECT_EQ(Check(empty, NursesKey(), now_), Code::kMalformed);
  mls::Credential garbage;
  garbage.value = mls::X509Credential{{ToBytes("nurse")}};
  EXPECT_EQ(Check(garbage, NursesKey(), now_), Code::kMalformed);
}

TEST_F(Credentials, OutsideTheirTimeAreRefusedForWhoComesAndForgivenForWhoIsThere) {
  const Millis late = nurse_.signing.certificate.not_after() + Days(1);
  EXPECT_EQ(Check(Nurses(), NursesKey(), late), Code::kAuthFailed);
  EXPECT_TRUE(policy_.CheckExisting(Nurses(), NursesKey(), late).ok());
}

TEST_F(Credentials, NameTheirInstitutionPersonAndDevice) {
  const Bytes id = policy_.ClientId(Nurses());
  EXPECT_EQ(id.size(), 3 * kIdBytes);
  const test::Device second = region_.AddDevice(station_, person_);
  EXPECT_NE(policy_.ClientId(Of(second.signing.certificate, station_)), id);
  const test::Leaf renewed =
      region_.AddDeviceLeaf(station_, CertRole::kDeviceSigning, person_, nurse_.id);
  EXPECT_EQ(policy_.ClientId(Of(renewed.certificate, station_)), id);
  mls::Credential basic;
  EXPECT_TRUE(policy_.ClientId(basic).empty());
}

TEST_F(Credentials, G3_ADeviceKeepsItsPerson) {
  const test::Leaf renewed =
      region_.AddDeviceLeaf(station_, CertRole::kDeviceSigning, person_, nurse_.id);
  EXPECT_TRUE(policy_.CheckSuccessor(Nurses(), Of(renewed.certificate, station_)).ok());
  EXPECT_TRUE(policy_.SameMember(Nurses(), Of(renewed.certificate, station_)));
  const test::Leaf anothers = region_.AddDeviceLeaf(station_, CertRole::kDeviceSigning,
                                                    test::SomeDoctor(region_.random()), nurse_.id);
  const test::Device second = region_.AddDevice(station_, person_);
  for (const pki::Certificate& other : {anothers.certificate, second.signing.certificate}) {
    EXPECT_EQ(policy_.CheckSuccessor(Nurses(), Of(other, station_)).error().code(),
              Code::kAuthFailed);
    EXPECT_FALSE(policy_.SameMember(Nurses(), Of(other, station_)));
  }
}

TEST_F(Credentials, ThatNameNobodyAreNobodysSuccessor) {
  mls::Credential basic;
  basic.value = mls::BasicCredential{{}};
  EXPECT_FALSE(policy_.SameMember(basic, basic));
  EXPECT_FALSE(policy_.CheckSuccessor(basic, basic).ok());
}

TEST_F(Credentials, OfOursCarryTheChainAndTheLeafCanHoldAPolicy) {
  Identity identity{.signing_key = nurse_.signing.key.Clone(), .tls_key = nurse_.tls.key.Clone()};
  identity.signing_certificate = nurse_.signing.certificate.der();
  for (const pki::Certificate& issuer : region_.Above(station_)) {
    identity.chain.push_back(issuer.der());
  }
  EXPECT_EQ(MakeCredential(identity), Nurses());
  const mls::OwnLeaf leaf = MakeOwnLeaf(identity);
  EXPECT_EQ(leaf.credential, Nurses());
  EXPECT_EQ(ToBytes(leaf.signing_key.public_key()), NursesKey());
  const auto& extensions = leaf.capabilities.extensions;
  EXPECT_NE(std::find(extensions.begin(), extensions.end(), kPolicyExtension), extensions.end());
}

}  // namespace
}  // namespace renkei::client
