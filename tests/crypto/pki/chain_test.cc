#include "crypto/pki/chain.h"

#include <gtest/gtest.h>
#include <openssl/x509.h>
#include <sodium.h>

#include "crypto/pki/certificate_codec.h"
#include "crypto/pki/openssl_util.h"
#include "tests/crypto/pki/forge.h"
#include "tests/support/region.h"

namespace renkei::pki {
namespace {

constexpr Millis kNow = test::kRegionStart + Days(30);

class ChainTest : public testing::Test {
 protected:
  // Both ways to verify a leaf of institution_, which must agree.
  bool Verifies(const Certificate& leaf, CertRole expected, Millis at = kNow,
                const RevocationSet* revoked = nullptr) const {
    const auto slow = verifier_.Verify(leaf, region_.Above(institution_), at, expected, revoked);
    const auto fast = issuer_.Verify(leaf, at, expected, revoked);
    EXPECT_EQ(slow.ok(), fast.ok());
    for (const auto* result : {&slow, &fast}) {
      if (!result->ok()) {
        EXPECT_EQ(result->error().code(), Code::kAuthFailed);
        EXPECT_STREQ(result->error().where(), "authentication failed");
      }
    }
    return slow.ok() && fast.ok();
  }
  bool Verifies(const Certificate& leaf, const std::vector<Certificate>& between,
                CertRole expected) const {
    return verifier_.Verify(leaf, between, kNow, expected).ok();
  }

  test::Region region_{5};
  Issuer institution_ =
      region_.AddInstitution("架空訪問看護ステーション", InstitutionKind::kVisitingNurseStation);
  Issuer other_ = region_.AddInstitution("架空病院", InstitutionKind::kHospital);
  PersonSubject nurse_ = test::SomeNurse(region_.random());
  test::Device device_ = region_.AddDevice(institution_, nurse_);
  ChainVerifier verifier_ = region_.Verifier();
  std::vector<Certificate> issuing_ = {region_.issuing().certificate()};
  VerifiedIssuer issuer_ =
      verifier_.VerifyIssuer(institution_.certificate(), issuing_, kNow).value();
};

TEST_F(ChainTest, TellsWhoADeviceBelongsTo) {
  const auto identity = verifier_.Verify(device_.signing.certificate, region_.Above(institution_),
                                         kNow, CertRole::kDeviceSigning);
  ASSERT_TRUE(identity.ok());
  EXPECT_EQ(identity->role, CertRole::kDeviceSigning);
  EXPECT_EQ(identity->region, region_.id());
  EXPECT_EQ(identity->institution, institution_.certificate().ids().institution);
  EXPECT_EQ(identity->person, nurse_.person);
  EXPECT_EQ(identity->device, device_.id);
  EXPECT_EQ(identity->name, nurse_.name);
  EXPECT_EQ(identity->institution_name, "架空訪問看護ステーション");
  EXPECT_EQ(identity->institution_kind, InstitutionKind::kVisitingNurseStation);
  EXPECT_EQ(identity->profession, Profession::kNurse);
  EXPECT_EQ(identity->public_key, device_.signing.key.public_key());
  EXPECT_EQ(identity->institution_key, institution_.key().public_key());
  EXPECT_EQ(identity->fingerprint, device_.signing.certificate.fingerprint());
}

TEST_F(ChainTest, BothWaysTellTheSame) {
  const Certificate& leaf = device_.key;
  const auto slow =
      verifier_.Verify(leaf, region_.Above(institution_), kNow, CertRole::kDeviceKey).value();
  const auto fast = issuer_.Verify(leaf, kNow, CertRole::kDeviceKey).value();
  EXPECT_EQ(slow.person, fast.person);
  EXPECT_EQ(slow.region, fast.region);
  EXPECT_EQ(slow.institution_key, fast.institution_key);
  EXPECT_EQ(slow.institution_name, fast.institution_name);
  EXPECT_EQ(slow.fingerprint, fast.fingerprint);
}

TEST_F(ChainTest, EveryRoleVerifiesAsItselfOnly) {
  const auto relay_tls = region_.AddRelay(CertRole::kRelayTls).certificate;
  const auto relay_signing = region_.AddRelay(CertRole::kRelaySigning).certificate;
  struct Case {
    Certificate leaf;
    std::vector<Certificate> between;
  };
  const Case cases[] = {
      {device_.signing.certificate, region_.Above(institution_)},
      {device_.tls.certificate, region_.Above(institution_)},
      {device_.key, region_.Above(institution_)},
      {institution_.certificate(), issuing_},
      {relay_tls, issuing_},
      {relay_signing, issuing_},
      {region_.issuing().certificate(), {}},
  };
  for (const Case& c : cases) {
    for (const RoleProfile& row : AllRoles()) {
      EXPECT_EQ(Verifies(c.leaf, c.between, row.role), row.role == c.leaf.role()) << row.name;
    }
  }
}

TEST_F(ChainTest, IntermediatesComeInAnyOrderButAllOfThem) {
  const Certificate& leaf = device_.signing.certificate;
  const Certificate& ca = institution_.certificate();
  const Certificate& issuing = region_.issuing().certificate();
  EXPECT_TRUE(Verifies(leaf, {issuing, ca}, CertRole::kDeviceSigning));
  EXPECT_FALSE(Verifies(leaf, {ca}, CertRole::kDeviceSigning));
  EXPECT_FALSE(Verifies(leaf, {issuing}, CertRole::kDeviceSigning));
  EXPECT_FALSE(Verifies(leaf, {}, CertRole::kDeviceSigning));
  EXPECT_FALSE(Verifies(leaf, {ca, ca}, CertRole::kDeviceSigning));
  EXPECT_FALSE(Verifies(leaf, {ca, issuing, issuing}, CertRole::kDeviceSigning));
  EXPECT_FALSE(Verifies(leaf, {ca, region_.root().certificate()}, CertRole::kDeviceSigning));
  EXPECT_FALSE(Verifies(leaf, {other_.certificate(), issuing}, CertRole::kDeviceSigning));
}

TEST_F(ChainTest, ARootIsNoLeaf) {
  EXPECT_FALSE(Verifies(region_.root().certificate(), {}, CertRole::kRegionRoot));
}

TEST_F(ChainTest, G2_AnotherRegionsDeviceIsRefused) {
  test::Region elsewhere(6);
  const Issuer stranger =
      elsewhere.AddInstitution("架空訪問看護ステーション", InstitutionKind::kVisitingNurseStation);
  const auto device = elsewhere.AddDevice(stranger, nurse_);
  EXPECT_FALSE(
      Verifies(device.signing.certificate, elsewhere.Above(stranger), CertRole::kDeviceSigning));
  EXPECT_TRUE(elsewhere.Verifier()
                  .Verify(device.signing.certificate, elsewhere.Above(stranger), kNow,
                          CertRole::kDeviceSigning)
                  .ok());
}

TEST_F(ChainTest, ARegionOfTheSameNameAndIdIsStillAnother) {
  // Somebody makes a root that calls itself the same, with the same region id.
  Random& random = region_.random();
  const SigningKey key = SigningKey::Generate(random);
  const Validity validity = {test::kRegionStart, test::kRegionStart + Days(3650)};
  const auto fake_root = Issuer::Create(
      CreateRoot(key, region_.id(), region_.root().certificate().name(), validity, random).value(),
      key);
  const auto fake_issuing = Issuer::Create(
      fake_root->IssueRegionIssuing(key.public_key(), validity, random).value(), key);
  const auto relay =
      fake_issuing->IssueRelay(CertRole::kRelayTls, key.public_key(),
                               {test::kRegionStart, test::kRegionStart + Days(100)}, random);
  EXPECT_FALSE(Verifies(*relay, {fake_issuing->certificate()}, CertRole::kRelayTls));
  EXPECT_FALSE(Verifies(*relay, issuing_, CertRole::kRelayTls));
}

TEST_F(ChainTest, AnIssuingCaOfAnotherRegionIdIsRefused) {
  // Signed by the root itself: the operator's slip, not a forgery.
  CertificateFields fields = region_.issuing().certificate().fields();
  fields.ids.region = RegionId::Generate(region_.random());
  const Certificate other =
      Certificate::Parse(test::SignBytes(EncodeToBeSigned(fields), region_.root().key())).value();
  ASSERT_TRUE(other.SignedBy(region_.root().certificate()));
  EXPECT_FALSE(Verifies(other, {}, CertRole::kRegionIssuing));
}

// A signature whose R is the neutral point (the signer chose the nonce zero). OpenSSL takes it,
// libsodium does not; a hostile CA must not be able to split the devices with one.
Signature SignWithZeroNonce(const SigningKey& key, ByteView message) {
  ByteArray<64> expanded{};
  crypto_hash_sha512(expanded.data(), key.Seed().Expose().data(), kSeedBytes);
  expanded[0] &= 0xF8U;
  expanded[31] = static_cast<std::uint8_t>((expanded[31] & 0x7FU) | 0x40U);
  Signature out{};
  out[0] = 1;
  Bytes hashed(out.begin(), out.begin() + 32);
  Append(hashed, key.public_key());
  Append(hashed, message);
  ByteArray<64> wide{};
  crypto_hash_sha512(wide.data(), hashed.data(), hashed.size());
  ByteArray<32> k{};
  crypto_core_ed25519_scalar_reduce(k.data(), wide.data());
  crypto_core_ed25519_scalar_mul(out.data() + 32, k.data(), expanded.data());
  return out;
}

TEST_F(ChainTest, ASignatureThatOnlyOpenSslTakesIsRefusedBothWays) {
  const Bytes to_be_signed = test::ToBeSigned(device_.signing.certificate.der());
  const Bytes der = WrapSigned(to_be_signed, SignWithZeroNonce(institution_.key(), to_be_signed));
  const X509Ptr leaf = DecodeX509(der).value();
  const X509Ptr ca = DecodeX509(institution_.certificate().der()).value();
  ASSERT_EQ(X509_verify(leaf.get(), X509_get0_pubkey(ca.get())), 1);
  EXPECT_FALSE(Verifies(Certificate::Parse(der).value(), CertRole::kDeviceSigning));
}

TEST_F(ChainTest, G2_ARecordIsJudgedAsOfWhenItWasReceived) {
  const Certificate& leaf = device_.signing.certificate;
  EXPECT_FALSE(Verifies(leaf, CertRole::kDeviceSigning, leaf.not_before() - Millis{1}));
  EXPECT_TRUE(Verifies(leaf, CertRole::kDeviceSigning, leaf.not_before()));
  EXPECT_TRUE(Verifies(leaf, CertRole::kDeviceSigning, leaf.not_after() - Millis{1}));
  EXPECT_FALSE(Verifies(leaf, CertRole::kDeviceSigning, leaf.not_after()));
  EXPECT_FALSE(Verifies(leaf, CertRole::kDeviceSigning, Millis{0}));
  EXPECT_FALSE(Verifies(leaf, CertRole::kDeviceSigning, Seconds(-1)));
}

TEST_F(ChainTest, TheWholePathMustBeValidAtThatMoment) {
  // A leaf forged to live longer than its institution's CA.
  const Millis end = institution_.certificate().not_after();
  const Certificate leaf =
      institution_
          .IssueDevice(CertRole::kDeviceSigning, device_.signing.key.public_key(), nurse_,
                       device_.id, {end - Days(2), end}, region_.random())
          .value();
  EXPECT_TRUE(Verifies(leaf, CertRole::kDeviceSigning, end - Days(1)));
  EXPECT_FALSE(Verifies(leaf, CertRole::kDeviceSigning, end));
}

TEST_F(ChainTest, ATamperedSignatureOnAnyStepIsRefused) {
  const auto tampered = [](const Certificate& c) {
    Bytes der = c.der();
    der[der.size() - 10] ^= 1;
    return Certificate::Parse(der).value();
  };
  const Certificate& leaf = device_.signing.certificate;
  const auto above = region_.Above(institution_);
  EXPECT_FALSE(Verifies(tampered(leaf), CertRole::kDeviceSigning));
  EXPECT_FALSE(Verifies(leaf, {tampered(above[0]), above[1]}, CertRole::kDeviceSigning));
  EXPECT_FALSE(Verifies(leaf, {above[0], tampered(above[1])}, CertRole::kDeviceSigning));
  EXPECT_FALSE(ChainVerifier::Create(tampered(region_.root().certificate())).ok());
}

TEST_F(ChainTest, G9_ARevokedDeviceIsRefusedFromThatMomentOn) {
  const Certificate& leaf = device_.signing.certificate;
  RevocationSet revoked;
  const auto list =
      CreateCrl(institution_, {{leaf.serial(), kNow, RevocationReason::kKeyCompromise}}, 1, kNow,
                kNow + Days(7));
  ASSERT_TRUE(revoked.Add(*list, institution_.certificate()).ok());
  EXPECT_TRUE(Verifies(leaf, CertRole::kDeviceSigning, kNow));
  EXPECT_TRUE(Verifies(leaf, CertRole::kDeviceSigning, kNow - Millis{1}, &revoked));
  EXPECT_FALSE(Verifies(leaf, CertRole::kDeviceSigning, kNow, &revoked));
  EXPECT_FALSE(Verifies(leaf, CertRole::kDeviceSigning, kNow + Days(1), &revoked));
  EXPECT_TRUE(Verifies(device_.tls.certificate, CertRole::kDeviceTls, kNow, &revoked));
}

TEST_F(ChainTest, ARevokedInstitutionTakesItsDevicesWithIt) {
  RevocationSet revoked;
  const auto list =
      CreateCrl(region_.issuing(),
                {{institution_.certificate().serial(), kNow, RevocationReason::kCessation}}, 1,
                kNow, kNow + Days(7));
  ASSERT_TRUE(revoked.Add(*list, region_.issuing().certificate()).ok());
  EXPECT_FALSE(Verifies(device_.signing.certificate, CertRole::kDeviceSigning, kNow, &revoked));
  EXPECT_FALSE(verifier_.VerifyIssuer(institution_.certificate(), issuing_, kNow, &revoked).ok());
  EXPECT_TRUE(verifier_.VerifyIssuer(other_.certificate(), issuing_, kNow, &revoked).ok());
}

TEST_F(ChainTest, ManyLeavesUnderOneIssuer) {
  for (int i = 0; i < 5; ++i) {
    const auto device = region_.AddDevice(institution_, test::SomeDoctor(region_.random()));
    EXPECT_TRUE(Verifies(device.signing.certificate, CertRole::kDeviceSigning));
    EXPECT_FALSE(Verifies(device.signing.certificate, CertRole::kDeviceTls));
  }
  const auto foreign = region_.AddDevice(other_, nurse_);
  EXPECT_FALSE(Verifies(foreign.signing.certificate, CertRole::kDeviceSigning));
}

TEST_F(ChainTest, VerifiedIssuerKnowsItsPath) {
  ASSERT_EQ(issuer_.path().size(), 3U);
  EXPECT_EQ(issuer_.certificate(), institution_.certificate());
  EXPECT_EQ(issuer_.path().back(), region_.root().certificate());
  EXPECT_FALSE(
      verifier_.VerifyIssuer(device_.signing.certificate, region_.Above(institution_), kNow).ok());
  EXPECT_FALSE(verifier_.VerifyIssuer(institution_.certificate(), {}, kNow).ok());
}

TEST_F(ChainTest, TheRootIsAnIssuerOfItsOwn) {
  const auto root = verifier_.VerifyIssuer(region_.root().certificate(), {}, kNow);
  ASSERT_TRUE(root.ok());
  EXPECT_TRUE(root->Verify(region_.issuing().certificate(), kNow, CertRole::kRegionIssuing).ok());
  EXPECT_FALSE(root->Verify(region_.root().certificate(), kNow, CertRole::kRegionRoot).ok());
  EXPECT_FALSE(verifier_.VerifyIssuer(test::Region(7).root().certificate(), {}, kNow).ok());
}

TEST_F(ChainTest, ATrustedRootIsASelfSignedRoot) {
  EXPECT_FALSE(ChainVerifier::Create(region_.issuing().certificate()).ok());
  EXPECT_FALSE(ChainVerifier::Create(device_.signing.certificate).ok());
  const Certificate& root = region_.root().certificate();
  const SigningKey other = SigningKey::Generate(region_.random());
  const auto resigned = Certificate::Parse(test::Forge(root, other, [](x509_st*) {}));
  ASSERT_TRUE(resigned.ok());
  EXPECT_EQ(ChainVerifier::Create(*resigned).error().code(), Code::kAuthFailed);
}

TEST_F(ChainTest, ARootFromTheNetworkNeedsItsFingerprint) {
  const Certificate& root = region_.root().certificate();
  EXPECT_TRUE(ChainVerifier::Create(root.der(), root.fingerprint()).ok());
  const test::Region elsewhere(8);
  EXPECT_EQ(ChainVerifier::Create(elsewhere.root().certificate().der(), root.fingerprint())
                .error()
                .code(),
            Code::kAuthFailed);
  EXPECT_EQ(ChainVerifier::Create(Bytes{1, 2}, root.fingerprint()).error().code(),
            Code::kMalformed);
}

TEST_F(ChainTest, OneCallDoesTheSame) {
  EXPECT_TRUE(VerifyChain(device_.tls.certificate, region_.Above(institution_),
                          region_.root().certificate(), kNow, CertRole::kDeviceTls)
                  .ok());
  EXPECT_FALSE(VerifyChain(device_.tls.certificate, region_.Above(institution_),
                           test::Region(9).root().certificate(), kNow, CertRole::kDeviceTls)
                   .ok());
}

// An institution's administrator holds its CA key and may sign anything. These are well-formed
// certificates of ours; the chain must refuse them.
class HostileInstitution : public ChainTest {
 protected:
  // What `model` says, claimed to be issued by institution_ and signed with its key.
  Certificate Claim(const Certificate& model, const std::string& organization = "") {
    CertificateFields fields = model.fields();
    fields.issuer = institution_.certificate().fields().subject;
    fields.issuer_key_id = institution_.certificate().subject_key_id();
    fields.subject.organization =
        organization.empty() ? institution_.certificate().name() : organization;
    return Signed(fields);
  }
  Certificate Signed(const CertificateFields& fields) {
    const Bytes to_be_signed = EncodeToBeSigned(fields);
    return Certificate::Parse(test::SignBytes(to_be_signed, institution_.key())).value();
  }
};

TEST_F(HostileInstitution, G2_CannotCertifyAnotherInstitutionsDevice) {
  const auto victim = region_.AddDevice(other_, test::SomeDoctor(region_.random()));
  const Certificate forged = Claim(victim.signing.certificate);
  ASSERT_TRUE(forged.SignedBy(institution_.certificate()));
  ASSERT_EQ(forged.ids().institution, other_.certificate().ids().institution);
  EXPECT_FALSE(Verifies(forged, CertRole::kDeviceSigning));
}

TEST_F(HostileInstitution, CannotWriteAnotherName) {
  // Its own device under another institution's name is not even well-formed.
  CertificateFields fields = device_.signing.certificate.fields();
  fields.subject.organization = other_.certificate().name();
  const Bytes der = test::SignBytes(EncodeToBeSigned(fields), institution_.key());
  EXPECT_EQ(Certificate::Parse(der).error().code(), Code::kMalformed);
}

TEST_F(HostileInstitution, CannotBeARelayOrAnotherCa) {
  for (const Certificate& model : {region_.AddRelay(CertRole::kRelayTls).certificate,
                                   region_.AddRelay(CertRole::kRelaySigning).certificate,
                                   other_.certificate(), region_.issuing().certificate()}) {
    CertificateFields fields = model.fields();
    fields.issuer = institution_.certificate().fields().subject;
    fields.issuer_key_id = institution_.certificate().subject_key_id();
    const Bytes der = test::SignBytes(EncodeToBeSigned(fields), institution_.key());
    // Already the issuer's name does not fit the role.
    EXPECT_EQ(Certificate::Parse(der).error().code(), Code::kMalformed) << model.profile().name;
    // And with the true issuer's name it is not signed by it.
    const Certificate forged =
        Certificate::Parse(test::SignBytes(EncodeToBeSigned(model.fields()), institution_.key()))
            .value();
    EXPECT_FALSE(Verifies(forged, issuing_, model.role()));
    EXPECT_FALSE(Verifies(forged, region_.Above(institution_), model.role()));
  }
}

}  // namespace
}  // namespace renkei::pki
