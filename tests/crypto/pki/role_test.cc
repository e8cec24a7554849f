#include "crypto/pki/role.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace renkei::pki {
namespace {

TEST(Roles, EachHasItsRowItsNameAndItsOid) {
  std::set<std::string_view> oids = {kApplicationUseOid};
  std::set<std::string_view> names;
  int number = 0;
  for (const RoleProfile& row : AllRoles()) {
    ++number;
    EXPECT_EQ(static_cast<int>(row.role), number);
    EXPECT_EQ(&ProfileOf(row.role), &row);
    EXPECT_EQ(RoleFromOid(row.oid), row.role);
    EXPECT_TRUE(row.oid.ends_with(".1." + std::to_string(number)));
    EXPECT_TRUE(oids.insert(row.oid).second);
    EXPECT_TRUE(names.insert(row.name).second);
  }
  EXPECT_EQ(number, 10);
}

TEST(Roles, AnUnknownOidIsNone) {
  for (const std::string_view oid : {std::string_view(), std::string_view("2.5.29.32.0"),
                                     kApplicationUseOid, AllRoles()[0].oid.substr(1)}) {
    EXPECT_EQ(RoleFromOid(oid), std::nullopt);
  }
}

// A locked device's own certificate comes later; whoever adds another role takes another number.
TEST(Roles, ElevenIsKeptForTheWakeCertificate) {
  std::string oid(ProfileOf(CertRole::kRelaySigning).oid);
  ASSERT_TRUE(oid.ends_with(".10"));
  oid.back() = '1';
  EXPECT_EQ(RoleFromOid(oid), std::nullopt);
}

TEST(Roles, LeadUpToTheRootOneStepShorterEach) {
  for (const RoleProfile& row : AllRoles()) {
    const RoleProfile& issuer = ProfileOf(row.issuer);
    EXPECT_TRUE(issuer.is_ca()) << row.name;
    if (row.is_ca() && row.role != CertRole::kRegionRoot) {
      EXPECT_EQ(row.path_length, issuer.path_length - 1) << row.name;
    }
    EXPECT_LE(row.max_lifetime, issuer.max_lifetime) << row.name;
  }
  EXPECT_EQ(ProfileOf(CertRole::kInstitution).path_length, 0);
  EXPECT_EQ(ProfileOf(CertRole::kRegionRoot).issuer, CertRole::kRegionRoot);
}

TEST(Roles, OnlyCasSignCertificates) {
  for (const RoleProfile& row : AllRoles()) {
    EXPECT_EQ(row.is_ca(), row.use == KeyUse::kCertAndCrlSign) << row.name;
  }
}

TEST(Roles, SigningTlsAndEncryptionNeverShareAKeyType) {
  for (const RoleProfile& row : AllRoles()) {
    EXPECT_EQ(row.key == KeyType::kX25519, row.use == KeyUse::kKeyAgreement) << row.name;
  }
  EXPECT_EQ(ProfileOf(CertRole::kDeviceKey).key, KeyType::kX25519);
  EXPECT_EQ(ProfileOf(CertRole::kPersonArchive).key, KeyType::kX25519);
  EXPECT_EQ(ProfileOf(CertRole::kInstitutionArchive).key, KeyType::kX25519);
}

TEST(Roles, TlsIsForDevicesAndRelaysOnly) {
  for (const RoleProfile& row : AllRoles()) {
    EXPECT_EQ(row.extended == ExtendedUse::kTlsClient, row.role == CertRole::kDeviceTls);
    EXPECT_EQ(row.extended == ExtendedUse::kTlsServer, row.role == CertRole::kRelayTls);
    EXPECT_EQ(row.has_dns, row.role == CertRole::kRelayTls);
    EXPECT_EQ(row.extended == ExtendedUse::kInstitutionCa, row.role == CertRole::kInstitution);
  }
}

}  // namespace
}  // namespace renkei::pki
