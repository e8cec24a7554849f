#include "crypto/pki/certificate_codec.h"

#include <gtest/gtest.h>

#include "tests/crypto/pki/forge.h"
#include "tests/support/region.h"

namespace renkei::pki {
namespace {

class FieldsTest : public testing::Test {
 protected:
  bool Allowed() const { return CheckFields(fields_).ok(); }

  test::Region region_{3};
  Issuer institution_ = region_.AddInstitution("架空薬局", InstitutionKind::kPharmacy);
  CertificateFields fields_ = region_.AddDevice(institution_, test::SomeNurse(region_.random()))
                                  .signing.certificate.fields();
};

TEST_F(FieldsTest, TheEncodingIsWhatIssuingSigned) {
  for (const Certificate& c :
       {region_.root().certificate(), region_.issuing().certificate(), institution_.certificate(),
        region_.AddRelay(CertRole::kRelayTls).certificate,
        region_.AddRelay(CertRole::kRelaySigning).certificate}) {
    EXPECT_EQ(EncodeToBeSigned(c.fields()), test::ToBeSigned(c.der()));
    EXPECT_EQ(ReadFields(DecodeX509(c.der())->get()).value(), c.fields());
  }
}

TEST_F(FieldsTest, WhatWasIssuedIsAllowed) {
  EXPECT_TRUE(Allowed());
}

TEST_F(FieldsTest, IdsAreExactlyThoseOfTheForm) {
  const CertificateFields good = fields_;
  fields_.ids.device = {};
  EXPECT_FALSE(Allowed());
  fields_ = good;
  fields_.ids.archive_version = 1;
  EXPECT_FALSE(Allowed());
  fields_ = good;
  fields_.ids.region = region_.id();
  EXPECT_FALSE(Allowed());
}

TEST_F(FieldsTest, TimesAreWholeSecondsWithinRange) {
  const CertificateFields good = fields_;
  fields_.not_before = good.not_before + Millis{1};
  EXPECT_FALSE(Allowed());
  fields_ = good;
  fields_.not_before = Seconds(-1);
  fields_.not_after = Seconds(100);
  EXPECT_FALSE(Allowed());
  fields_.not_before = Seconds(253402300700);
  fields_.not_after = Seconds(253402300800);  // the year 10000
  EXPECT_FALSE(Allowed());
  fields_.not_after = Seconds(253402300799);
  EXPECT_TRUE(Allowed());
}

TEST_F(FieldsTest, ALeafCarriesItsInstitutionsName) {
  fields_.subject.organization = "架空薬局二号店";
  EXPECT_FALSE(Allowed());
  fields_.issuer.organization = fields_.subject.organization;
  EXPECT_FALSE(Allowed());  // the issuer's own two names must agree, too
  fields_.issuer.common_name = fields_.subject.organization;
  EXPECT_TRUE(Allowed());
}

TEST_F(FieldsTest, TheIssuersNameCarriesItsKeyId) {
  fields_.issuer_key_id[0] ^= 1;
  EXPECT_FALSE(Allowed());
}

TEST_F(FieldsTest, OnlyARootIsItsOwnIssuer) {
  fields_ = region_.root().certificate().fields();
  EXPECT_TRUE(Allowed());
  fields_.issuer_key_id = KeyIdOf(fields_.public_key);
  EXPECT_FALSE(Allowed());
  fields_ = region_.root().certificate().fields();
  fields_.issuer.common_name = "別";
  EXPECT_FALSE(Allowed());
}

}  // namespace
}  // namespace renkei::pki
