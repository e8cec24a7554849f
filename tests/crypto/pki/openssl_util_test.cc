#include "crypto/pki/openssl_util.h"

#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/x509.h>

#include "crypto/pki/revocation.h"
#include "tests/support/region.h"

namespace renkei::pki {
namespace {

Bytes Hex(std::string_view text) {
  return FromHex(text).value();
}

TEST(RawSignature, IsTheEd25519OfRfc8032) {
  // RFC 8032 §7.1, test 3.
  const SigningKey key =
      SigningKey::FromSeed(Hex("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7"))
          .value();
  const Signature signature = SignRaw(key, Hex("af82"));
  EXPECT_EQ(
      ToHex(signature),
      "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f76"
      "0984dc6594a7c15e9716ed28dc027beceea1ec40a");
  EXPECT_TRUE(VerifyRaw(key.public_key(), Hex("af82"), signature));
  EXPECT_FALSE(VerifyRaw(key.public_key(), Hex("af83"), signature));
  EXPECT_FALSE(VerifyRaw(key.public_key(), Hex("af82"), ByteView(signature).first(63)));
}

TEST(Wrapping, SplitsWhatItWrappedAtEveryLengthOfHeader) {
  const Signature signature = {1, 2, 3};
  for (const std::size_t size : {1U, 53U, 54U, 181U, 182U, 300U, 70000U}) {
    const Bytes body(size, 0xAB);
    const Bytes der = WrapSigned(body, signature);
    const auto parts = SplitSigned(der);
    ASSERT_TRUE(parts.ok()) << size;
    EXPECT_EQ(ToBytes(parts->to_be_signed), body);
    EXPECT_TRUE(Equal(parts->signature, signature));
  }
}

TEST(Wrapping, RefusesOtherLengthsAndAlgorithms) {
  const Bytes good = WrapSigned(Bytes(100, 0xAB), Signature{});
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(SplitSigned(ByteView(good).first(size)).ok());
  }
  for (const std::size_t at : {std::size_t{0}, std::size_t{1}, std::size_t{2}, good.size() - 65,
                               good.size() - 67, good.size() - 70}) {
    Bytes bad = good;
    bad[at] ^= 1;
    EXPECT_FALSE(SplitSigned(bad).ok()) << at;
  }
}

TEST(Time, CutsToSecondsAndKnowsItsRange) {
  EXPECT_EQ(WholeSeconds(Millis{1999}), Seconds(1));
  EXPECT_EQ(WholeSeconds(Millis{0}), Millis{0});
  EXPECT_TRUE(TimeInRange(Millis{0}));
  EXPECT_FALSE(TimeInRange(Millis{-1}));
  EXPECT_TRUE(TimeInRange(Seconds(253402300799)));
  EXPECT_FALSE(TimeInRange(Seconds(253402300800)));
  EXPECT_FALSE(TimeInRange(Millis{INT64_MAX}));
}

TEST(Time, ReadsBothKindsOfDerTime) {
  const auto read = [](int type, std::string_view text) {
    const Owned<ASN1_STRING, ASN1_STRING_free> value(NewString(type, AsBytes(text)));
    return ReadTime(value.get());
  };
  EXPECT_EQ(read(V_ASN1_UTCTIME, "240603000000Z").value(), test::kRegionStart);
  EXPECT_EQ(read(V_ASN1_GENERALIZEDTIME, "20240603000000Z").value(), test::kRegionStart);
  EXPECT_EQ(read(V_ASN1_GENERALIZEDTIME, "20240229235959Z").value(), Seconds(1709251199));
  EXPECT_EQ(read(V_ASN1_GENERALIZEDTIME, "99991231235959Z").value(), Seconds(253402300799));
  for (const std::string_view bad : {"", "20240230000000Z", "19691231235959Z", "2024", "now",
                                     "20241303000000Z", "00000101000000Z"}) {
    EXPECT_FALSE(read(V_ASN1_GENERALIZEDTIME, bad).ok()) << bad;
  }
  EXPECT_FALSE(ReadTime(nullptr).ok());
}

TEST(Names, BuildAndReadAreInverse) {
  const DistinguishedName name = {"架空 花子", "架空病院", "Registered Nurse", "Hospital", "00ff"};
  EXPECT_EQ(ReadName(BuildName(name).get()).value(), name);
  EXPECT_EQ(ReadName(BuildName({}).get()).value(), DistinguishedName{});
}

TEST(ErrorQueue, KeepsOlderErrorsAndDropsOurs) {
  ERR_clear_error();
  ERR_raise(ERR_LIB_USER, 1);
  {
    const ErrorQueueScope scope;
    EXPECT_FALSE(DecodeX509(Bytes{0x30, 0x01, 0x02}).ok());
    EXPECT_FALSE(DecodeCrl(Bytes{0x30, 0x01, 0x02}).ok());
  }
  EXPECT_EQ(ERR_GET_LIB(ERR_get_error()), ERR_LIB_USER);
  EXPECT_EQ(ERR_get_error(), 0U);
}

TEST(ErrorQueue, NothingOfParsingVerifyingOrRevokingStaysInIt) {
  ERR_clear_error();
  test::Region region(12);
  const Issuer ca = region.AddInstitution("架空病院", InstitutionKind::kHospital);
  const auto device = region.AddDevice(ca, test::SomeNurse(region.random()));
  Bytes bad = device.tls.certificate.der();
  bad[4] ^= 0xFF;
  EXPECT_FALSE(Certificate::Parse(bad).ok());
  EXPECT_FALSE(RevocationList::Parse(device.tls.certificate.der()).ok());
  EXPECT_FALSE(
      region.Verifier()
          .Verify(device.tls.certificate, region.Above(ca), Seconds(1), CertRole::kDeviceTls)
          .ok());
  const Certificate resigned =
      Certificate::Parse(
          WrapSigned(SplitSigned(device.tls.certificate.der())->to_be_signed, Signature{}))
          .value();
  EXPECT_FALSE(
      region.Verifier()
          .Verify(resigned, region.Above(ca), test::kRegionStart + Days(1), CertRole::kDeviceTls)
          .ok());
  EXPECT_EQ(ERR_peek_error(), 0U);
}

}  // namespace
}  // namespace renkei::pki
