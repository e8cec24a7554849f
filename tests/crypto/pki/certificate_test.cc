#include "crypto/pki/certificate.h"

#include <gtest/gtest.h>

#include "tests/crypto/pki/forge.h"
#include "tests/support/region.h"

namespace renkei::pki {
namespace {

class CertificateTest : public testing::Test {
 protected:
  static Code CodeOf(ByteView der) {
    const auto result = Certificate::Parse(der);
    return result.ok() ? Code::kInternal : result.error().code();
  }

  test::Region region_{1};
  Issuer institution_ =
      region_.AddInstitution("架空訪問看護ステーション", InstitutionKind::kVisitingNurseStation);
  PersonSubject nurse_ = test::SomeNurse(region_.random());
  test::Device device_ = region_.AddDevice(institution_, nurse_);
};

TEST_F(CertificateTest, ShowsWhatWasIssued) {
  const Certificate read = Certificate::Parse(device_.signing.certificate.der()).value();
  EXPECT_EQ(read, device_.signing.certificate);
  EXPECT_EQ(read.role(), CertRole::kDeviceSigning);
  EXPECT_EQ(read.key_type(), KeyType::kEd25519);
  EXPECT_EQ(read.public_key(), device_.signing.key.public_key());
  EXPECT_EQ(read.ids().institution, institution_.certificate().ids().institution);
  EXPECT_EQ(read.ids().person, nurse_.person);
  EXPECT_EQ(read.ids().device, device_.id);
  EXPECT_EQ(read.ids().archive_version, 0U);
  EXPECT_EQ(read.name(), nurse_.name);
  EXPECT_EQ(read.organization(), "架空訪問看護ステーション");
  EXPECT_EQ(read.profession(), Profession::kNurse);
  EXPECT_EQ(read.institution_kind(), InstitutionKind::kNone);
  EXPECT_EQ(read.not_before(), test::kRegionStart);
  EXPECT_EQ(read.fingerprint(), Sha256(read.der()));
  EXPECT_EQ(read.subject_key_id(), KeyIdOf(read.public_key()));
  EXPECT_EQ(read.issuer_key_id(), institution_.certificate().subject_key_id());
}

TEST_F(CertificateTest, AnInstitutionShowsItsKind) {
  const Certificate& ca = institution_.certificate();
  EXPECT_EQ(ca.role(), CertRole::kInstitution);
  EXPECT_EQ(ca.institution_kind(), InstitutionKind::kVisitingNurseStation);
  EXPECT_EQ(ca.profession(), Profession::kNone);
  EXPECT_TRUE(ca.ids().person.IsZero());
}

TEST_F(CertificateTest, KeyIdIsTheBeginningOfTheKeysHash) {
  const PublicKey key = device_.signing.key.public_key();
  const Hash32 hash = Sha256(key);
  EXPECT_TRUE(Equal(KeyIdOf(key), ByteView(hash).first(kKeyIdBytes)));
}

TEST_F(CertificateTest, IsValidFromItsFirstSecondUpToItsLast) {
  const Certificate& c = device_.signing.certificate;
  EXPECT_FALSE(c.ValidAt(c.not_before() - Millis{1}));
  EXPECT_TRUE(c.ValidAt(c.not_before()));
  EXPECT_TRUE(c.ValidAt(c.not_after() - Millis{1}));
  EXPECT_FALSE(c.ValidAt(c.not_after()));
}

TEST_F(CertificateTest, KnowsItsIssuer) {
  const Certificate& c = device_.signing.certificate;
  EXPECT_TRUE(c.SignedBy(institution_.certificate()));
  EXPECT_FALSE(c.SignedBy(region_.issuing().certificate()));
  EXPECT_FALSE(c.SignedBy(c));
  EXPECT_TRUE(region_.root().certificate().SignedBy(region_.root().certificate()));
  EXPECT_FALSE(region_.issuing().certificate().SignedBy(region_.issuing().certificate()));
}

TEST_F(CertificateTest, AnotherSignatureIsParsedButNotSignedBy) {
  Bytes der = device_.signing.certificate.der();
  der.back() ^= 1;
  const auto read = Certificate::Parse(der);
  ASSERT_TRUE(read.ok());
  EXPECT_FALSE(read->SignedBy(institution_.certificate()));
  EXPECT_NE(*read, device_.signing.certificate);
}

TEST_F(CertificateTest, RefusesSizesBeyondTheLimit) {
  EXPECT_EQ(CodeOf({}), Code::kMalformed);
  EXPECT_EQ(CodeOf(Bytes(kMaxCertificateBytes, 0x30)), Code::kMalformed);
  EXPECT_EQ(CodeOf(Bytes(kMaxCertificateBytes + 1, 0x30)), Code::kTooLarge);
}

TEST_F(CertificateTest, RefusesEveryTruncationAndTrailingByte) {
  const Bytes& der = device_.tls.certificate.der();
  for (std::size_t size = 0; size < der.size(); ++size) {
    EXPECT_EQ(CodeOf(ByteView(der).first(size)), Code::kMalformed) << size;
  }
  Bytes longer = der;
  longer.push_back(0);
  EXPECT_EQ(CodeOf(longer), Code::kMalformed);
}

// Strictness, shown on every byte: whatever bit is changed, the certificate is refused, or its
// signature is not valid any more. Nothing is read that the signature does not cover.
TEST_F(CertificateTest, NoBitCanChangeUnnoticed) {
  const Bytes der = device_.signing.certificate.der();
  int parsed = 0;
  for (std::size_t i = 0; i < der.size(); ++i) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      Bytes changed = der;
      changed[i] = static_cast<std::uint8_t>(changed[i] ^ (1U << bit));
      const auto read = Certificate::Parse(changed);
      if (read.ok()) {
        ++parsed;
        ASSERT_FALSE(read->SignedBy(institution_.certificate())) << i;
        ASSERT_EQ(read->der(), changed);
      } else {
        ASSERT_EQ(read.error().code(), Code::kMalformed);
      }
    }
  }
  EXPECT_GT(parsed, 64 * 8);  // the signature's own bits at least
}

TEST_F(CertificateTest, CopiesShareOneContent) {
  const Certificate copy = device_.signing.certificate;
  EXPECT_EQ(copy.der().data(), device_.signing.certificate.der().data());
}

}  // namespace
}  // namespace renkei::pki
