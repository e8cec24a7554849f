// Bytes from anywhere: parsers must answer, within their limits, and what they accept must be the
// very bytes they were given. The fuzz targets go deeper (tests/fuzz).
#include <gtest/gtest.h>

#include <random>

#include "crypto/pki/pem.h"
#include "crypto/pki/revocation.h"
#include "tests/crypto/pki/forge.h"
#include "tests/support/region.h"

namespace renkei::pki {
namespace {

class HostileBytes : public testing::Test {
 protected:
  std::size_t Below(std::size_t limit) { return engine_() % limit; }

  Bytes Mutated(Bytes bytes) {
    for (std::size_t i = 0, rounds = 1 + Below(3); i < rounds && !bytes.empty(); ++i) {
      const std::size_t at = Below(bytes.size());
      const auto here = bytes.begin() + static_cast<std::ptrdiff_t>(at);
      switch (Below(4)) {
        case 0:
          *here = static_cast<std::uint8_t>(engine_());
          break;
        case 1:
          bytes.erase(here);
          break;
        case 2:
          bytes.insert(here, static_cast<std::uint8_t>(engine_()));
          break;
        default:
          bytes.resize(at);
          break;
      }
    }
    return bytes;
  }

  std::mt19937_64 engine_{20240603};
  test::Region region_{13};
  Issuer institution_ = region_.AddInstitution("架空病院", InstitutionKind::kHospital);
  test::Device device_ = region_.AddDevice(institution_, test::SomeNurse(region_.random()));
};

TEST_F(HostileBytes, MutatedCertificatesNeverPassForSigned) {
  const std::vector<Certificate> models = {device_.signing.certificate, device_.key,
                                           institution_.certificate(),
                                           region_.root().certificate()};
  for (int i = 0; i < 4000; ++i) {
    const Bytes& model = models[Below(models.size())].der();
    const Bytes bytes = Mutated(model);
    const auto read = Certificate::Parse(bytes);
    if (read.ok() && bytes != model) {
      ASSERT_EQ(read->der(), bytes);
      for (const Certificate& issuer : models) {
        ASSERT_FALSE(read->SignedBy(issuer));
      }
    }
  }
}

// Damage inside what is signed, signed again by the CA itself: nothing may break, and what is
// accepted is of the one encoding.
TEST_F(HostileBytes, ACasOwnNonsenseIsRefusedOrCanonical) {
  const Bytes model = test::ToBeSigned(device_.tls.certificate.der());
  for (int i = 0; i < 3000; ++i) {
    const Bytes bytes = test::SignBytes(Mutated(model), institution_.key());
    const auto read = Certificate::Parse(bytes);
    if (read.ok()) {
      ASSERT_EQ(read->der(), bytes);
      ASSERT_EQ(read->role(), CertRole::kDeviceTls);
    }
  }
}

TEST_F(HostileBytes, MutatedListsNeverPassForSigned) {
  const Millis now = test::kRegionStart + Days(1);
  const RevocationList list =
      CreateCrl(institution_, {{device_.tls.certificate.serial(), now, {}}}, 1, now, now + Days(1))
          .value();
  const Bytes inner = test::ToBeSigned(list.der());
  for (int i = 0; i < 3000; ++i) {
    const Bytes bytes = Mutated(list.der());
    const auto read = RevocationList::Parse(bytes);
    if (read.ok() && bytes != list.der()) {
      ASSERT_FALSE(VerifyCrl(*read, institution_.certificate()).ok());
    }
    (void)RevocationList::Parse(test::SignBytes(Mutated(inner), institution_.key())).ok();
  }
}

TEST_F(HostileBytes, RandomBytesAreNothing) {
  for (int i = 0; i < 2000; ++i) {
    const Bytes bytes = region_.random().NextBytes(Below(600));
    EXPECT_FALSE(Certificate::Parse(bytes).ok());
    EXPECT_FALSE(RevocationList::Parse(bytes).ok());
    EXPECT_FALSE(CertificatesFromPem(AsText(bytes)).ok());
  }
}

TEST_F(HostileBytes, DeepNestingAndHugeLengthsAreHarmless) {
  Bytes nested(kMaxCertificateBytes, 0x30);
  for (std::size_t i = 1; i < nested.size(); i += 2) {
    nested[i] = 0x80;
  }
  EXPECT_FALSE(Certificate::Parse(nested).ok());
  EXPECT_FALSE(RevocationList::Parse(nested).ok());
  EXPECT_FALSE(Certificate::Parse(test::SignBytes(nested, institution_.key())).ok());
  const Bytes huge = {0x30, 0x84, 0x7F, 0xFF, 0xFF, 0xFF, 0x30};
  EXPECT_FALSE(Certificate::Parse(huge).ok());
  EXPECT_FALSE(RevocationList::Parse(huge).ok());
}

TEST_F(HostileBytes, MutatedPemIsHarmless) {
  const Bytes model = ToBytes(ToPem(device_.tls.certificate));
  for (int i = 0; i < 1000; ++i) {
    const Bytes bytes = Mutated(model);
    const auto read = CertificatesFromPem(AsText(bytes));
    if (read.ok()) {
      ASSERT_EQ(read->size(), 1U);
    }
  }
}

}  // namespace
}  // namespace renkei::pki
