#include "client/core/certificates.h"

#include <gtest/gtest.h>

#include <map>

#include "tests/support/region.h"

namespace renkei::client {
namespace {

using pki::CertRole;
using test::kRegionStart;

// Knows what it was told, and counts how often it is asked.
class Known final : public CertificateSource {
 public:
  void Add(const pki::Certificate& leaf, std::vector<pki::Certificate> issuers) {
    known_.insert_or_assign(leaf.fingerprint(), KnownCertificate{leaf, std::move(issuers)});
  }
  Result<std::optional<KnownCertificate>> Find(const Hash32& fingerprint) const override {
    ++asked;
    const auto at = known_.find(fingerprint);
    return at == known_.end() ? std::optional<KnownCertificate>() : std::optional(at->second);
  }
  mutable int asked = 0;

 private:
  std::map<Hash32, KnownCertificate> known_;
};

class CertificatesTest : public testing::Test {
 protected:
  CertificatesTest() { source_.Add(nurse_.signing.certificate, region_.Above(station_)); }

  Code Refusal(const pki::Certificate& leaf, Millis at, CertRole role) {
    const auto verified = certificates_.Verify(leaf.fingerprint(), at, role);
    return verified.ok() ? Code::kInternal : verified.error().code();
  }
  std::vector<Bytes> Chain(const pki::Certificate& leaf) {
    std::vector<Bytes> out = {leaf.der()};
    for (const pki::Certificate& issuer : region_.Above(station_)) {
      out.push_back(issuer.der());
    }
    return out;
  }

  test::Region region_{1};
  test::Region other_{2, "にし地区医師会"};
  pki::Issuer station_ =
      region_.AddInstitution("架空訪看", pki::InstitutionKind::kVisitingNurseStation);
  test::Device nurse_ = region_.AddDevice(station_, test::SomeNurse(region_.random()));
  Known source_;
  Certificates certificates_{region_.Verifier(), source_};
  const Millis now_ = kRegionStart + Days(10);
};

TEST_F(CertificatesTest, AKnownOneStandsForItsPersonAndDevice) {
  const auto signer =
      certificates_.SignerOf(nurse_.signing.certificate.fingerprint(), now_).value();
  EXPECT_EQ(signer.device, nurse_.id);
  EXPECT_EQ(signer.key, nurse_.signing.key.public_key());
  EXPECT_EQ(signer.person.institution, station_.certificate().ids().institution);
  EXPECT_EQ(signer.certificate_hash, nurse_.signing.certificate.fingerprint());
}

TEST_F(CertificatesTest, AnUnknownOneIsToBeFetchedNotRefused) {
  EXPECT_EQ(Refusal(nurse_.tls.certificate, now_, CertRole::kDeviceTls), Code::kNotFound);
}

TEST_F(CertificatesTest, AnotherRoleThanAskedForIsRefused) {
  source_.Add(nurse_.tls.certificate, region_.Above(station_));
  EXPECT_EQ(Refusal(nurse_.tls.certificate, now_, CertRole::kDeviceSigning), Code::kAuthFailed);
  // Also when the answer for the right role is remembered.
  EXPECT_TRUE(
      certificates_.Verify(nurse_.tls.certificate.fingerprint(), now_, CertRole::kDeviceTls).ok());
  EXPECT_EQ(Refusal(nurse_.tls.certificate, now_, CertRole::kDeviceSigning), Code::kAuthFailed);
}

TEST_F(CertificatesTest, OfAnotherRegionIsRefused) {
  const pki::Issuer foreign =
      other_.AddInstitution("よその訪看", pki::InstitutionKind::kVisitingNurseStation);
  const test::Device stranger = other_.AddDevice(foreign, test::SomeNurse(other_.random()));
  source_.Add(stranger.signing.certificate, other_.Above(foreign));
  EXPECT_EQ(Refusal(stranger.signing.certificate, now_, CertRole::kDeviceSigning),
            Code::kAuthFailed);
}

TEST_F(CertificatesTest, UnderAnotherInstitutionsCaIsRefused) {
  const pki::Issuer clinic = region_.AddInstitution("架空医院", pki::InstitutionKind::kClinic);
  source_.Add(nurse_.signing.certificate, region_.Above(clinic));
  EXPECT_EQ(Refusal(nurse_.signing.certificate, now_, CertRole::kDeviceSigning), Code::kAuthFailed);
}

TEST_F(CertificatesTest, WithoutItsChainIsRefused) {
  source_.Add(nurse_.signing.certificate, {});
  EXPECT_EQ(Refusal(nurse_.signing.certificate, now_, CertRole::kDeviceSigning), Code::kAuthFailed);
}

TEST_F(CertificatesTest, OutsideItsTimeIsRefusedEvenWhenRememberedAsGood) {
  const pki::Certificate& leaf = nurse_.signing.certificate;
  EXPECT_TRUE(certificates_.SignerOf(leaf.fingerprint(), now_).ok());
  EXPECT_EQ(Refusal(leaf, leaf.not_before() - Millis{1}, CertRole::kDeviceSigning),
            Code::kAuthFailed);
  EXPECT_EQ(Refusal(leaf, leaf.not_after() + Millis{1}, CertRole::kDeviceSigning),
            Code::kAuthFailed);
  EXPECT_TRUE(certificates_.SignerOf(leaf.fingerprint(), now_).ok());
}

TEST_F(CertificatesTest, AnAnswerIsRememberedInsteadOfAskedForAgain) {
  EXPECT_TRUE(certificates_.SignerOf(nurse_.signing.certificate.fingerprint(), now_).ok());
  const int asked = source_.asked;
  EXPECT_TRUE(
      certificates_.SignerOf(nurse_.signing.certificate.fingerprint(), now_ + Days(1)).ok());
  EXPECT_EQ(source_.asked, asked);
}

TEST_F(CertificatesTest, PresentedWithItsChainNeedsNoDirectory) {
  const auto verified = certificates_.VerifyPresented(Chain(nurse_.tls.certificate), now_,
                                                      CertRole::kDeviceTls, false);
  ASSERT_TRUE(verified.ok());
  EXPECT_EQ(verified->device, nurse_.id);
}

TEST_F(CertificatesTest, PresentedChainsOfTheWrongLengthOrGarbageAreMalformed) {
  const auto presented = [&](const std::vector<Bytes>& chain) {
    return certificates_.VerifyPresented(chain, now_, CertRole::kDeviceTls, false).error().code();
  };
  std::vector<Bytes> chain = Chain(nurse_.tls.certificate);
  EXPECT_EQ(presented({}), Code::kMalformed);
  chain.push_back(chain.back());
  EXPECT_EQ(presented(chain), Code::kMalformed) << "four";
  EXPECT_EQ(presented({ToBytes("no certificate")}), Code::kMalformed);
}

TEST_F(CertificatesTest, TimeIsForgivenOnlyWhenAskedAndNothingElseIs) {
  const Millis late = nurse_.tls.certificate.not_after() + Days(1);
  const auto presented = [&](const std::vector<Bytes>& chain, bool forgive) {
    return certificates_.VerifyPresented(chain, late, CertRole::kDeviceTls, forgive).ok();
  };
  EXPECT_FALSE(presented(Chain(nurse_.tls.certificate), false));
  EXPECT_TRUE(presented(Chain(nurse_.tls.certificate), true));
  const pki::Issuer foreign =
      other_.AddInstitution("よその訪看", pki::InstitutionKind::kVisitingNurseStation);
  const test::Device stranger = other_.AddDevice(foreign, test::SomeNurse(other_.random()));
  EXPECT_FALSE(presented(Chain(stranger.tls.certificate), true));
}

}  // namespace
}  // namespace renkei::client
