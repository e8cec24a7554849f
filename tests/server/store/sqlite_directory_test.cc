// The directory and key packages: in every store, and what only SQLite can have.
#include "tests/server/store/damaged_rows.h"
#include "tests/server/store/store_fixture.h"

namespace renkei::test {
namespace {

using server::ReadTransaction;
using server::WriteTransaction;

class StoredDirectory : public EveryStore {
 protected:
  static server::CertificateRow Certificate(std::uint8_t n, std::uint8_t person,
                                            std::uint8_t device,
                                            pki::CertRole role = pki::CertRole::kDeviceSigning) {
    server::CertificateRow row;
    row.fingerprint = HashOf(n);
    row.role = role;
    row.person = PersonOf(person);
    row.device = DeviceOf(device);
    row.subject_key_id.fill(n);
    row.institution_key.fill(0xCA);
    row.der = Bytes(50, n);
    return row;
  }
  void Add(const server::CertificateRow& row) {
    ASSERT_TRUE(Write([&](WriteTransaction& t) -> Status {
                  RENKEI_TRY(t.AddCertificate(row));
                  return Ok();
                }).ok());
  }
};

TEST_P(StoredDirectory, CertificateIsFoundByEverythingThatNamesIt) {
  const auto row = Certificate(1, 2, 3);
  Add(row);
  const auto found =
      ReadFrom(*store, [](ReadTransaction& t) { return t.FindCertificate(HashOf(1)); });
  ASSERT_TRUE(found);
  EXPECT_EQ(found->person, row.person);
  EXPECT_EQ(found->device, row.device);
  EXPECT_EQ(found->role, row.role);
  EXPECT_EQ(found->institution_key, row.institution_key);
  EXPECT_EQ(found->der, row.der);
  EXPECT_EQ(ReadFrom(*store, [](ReadTransaction& t) { return t.DeviceOwner(DeviceOf(3)); }),
            PersonOf(2));
  EXPECT_FALSE(ReadFrom(*store, [](ReadTransaction& t) { return t.DeviceOwner(DeviceOf(4)); }));
  EXPECT_FALSE(ReadFrom(*store, [](ReadTransaction& t) { return t.FindCertificate(HashOf(9)); }));
}

TEST_P(StoredDirectory, CertificateThatIsThereKeepsItsPosition) {
  std::uint64_t first = 0;
  std::uint64_t again = 0;
  ASSERT_TRUE(Write([&](WriteTransaction& t) -> Status {
                RENKEI_ASSIGN(first, t.AddCertificate(Certificate(1, 2, 3)));
                RENKEI_TRY(t.AddCertificate(Certificate(2, 2, 3)));
                RENKEI_ASSIGN(again, t.AddCertificate(Certificate(1, 2, 3)));
                return Ok();
              }).ok());
  EXPECT_EQ(first, again);
  EXPECT_EQ(
      ReadFrom(*store, [](ReadTransaction& t) { return t.ReadDirectory(0, 10, 10000); }).size(),
      2U);
}

TEST_P(StoredDirectory, DevicesAreNamedWithTheirNewestCertificateOfTheRole) {
  Add(Certificate(1, 2, 3));
  Add(Certificate(2, 2, 3));
  Add(Certificate(3, 2, 3, pki::CertRole::kDeviceTls));
  Add(Certificate(4, 2, 4));
  Add(Certificate(5, 9, 5));
  const auto devices = ReadFrom(*store, [](ReadTransaction& t) {
    return t.DevicesOf(PersonOf(2), pki::CertRole::kDeviceSigning);
  });
  ASSERT_EQ(devices.size(), 2U);
  EXPECT_EQ(devices[0].device, DeviceOf(3));
  EXPECT_EQ(devices[0].fingerprint, HashOf(2));
  EXPECT_EQ(devices[1].fingerprint, HashOf(4));
}

TEST_P(StoredDirectory, OnlyCaCertificatesAreIssuers) {
  auto ca = Certificate(1, 2, 3, pki::CertRole::kInstitution);
  auto leaf = Certificate(2, 2, 3);
  leaf.subject_key_id = ca.subject_key_id;
  Add(ca);
  Add(leaf);
  const auto issuers =
      ReadFrom(*store, [&](ReadTransaction& t) { return t.FindIssuers(ca.subject_key_id); });
  ASSERT_EQ(issuers.size(), 1U);
  EXPECT_EQ(issuers[0].fingerprint, ca.fingerprint);
}

TEST_P(StoredDirectory, NewerRevocationListTakesThePlaceOfTheOlder) {
  pki::KeyId issuer{};
  issuer.fill(7);
  Add(Certificate(1, 2, 3));
  ASSERT_TRUE(Write([&](WriteTransaction& t) -> Status {
                RENKEI_TRY(t.AddRevocations({issuer, 1, Bytes{1}}));
                RENKEI_TRY(t.AddRevocations({issuer, 2, Bytes{2}}));
                return Ok();
              }).ok());
  const auto newest = ReadFrom(*store, [](ReadTransaction& t) { return t.NewestRevocations(); });
  ASSERT_EQ(newest.size(), 1U);
  EXPECT_EQ(newest[0].number, 2U);
  EXPECT_EQ(newest[0].der, Bytes{2});
  EXPECT_EQ(ReadFrom(*store, [&](ReadTransaction& t) { return t.FindRevocations(issuer); })->number,
            2U);
  const auto items =
      ReadFrom(*store, [](ReadTransaction& t) { return t.ReadDirectory(0, 10, 10000); });
  ASSERT_EQ(items.size(), 2U);
  EXPECT_FALSE(items[0].is_revocation_list);
  EXPECT_TRUE(items[1].is_revocation_list);
  EXPECT_EQ(ReadFrom(*store, [](ReadTransaction& t) { return t.DirectoryPosition(); }),
            items[1].position);
  EXPECT_EQ(
      ReadFrom(*store,
               [&](ReadTransaction& t) { return t.ReadDirectory(items[0].position, 10, 10000); })
          .size(),
      1U);
}

TEST_P(StoredDirectory, KeyPackagesComeOldestFirst) {
  ASSERT_TRUE(Write([](WriteTransaction& t) -> Status {
                RENKEI_TRY(t.AddKeyPackage(DeviceOf(1), AsBytes("old")));
                RENKEI_TRY(t.AddKeyPackage(DeviceOf(2), AsBytes("other")));
                return t.AddKeyPackage(DeviceOf(1), AsBytes("new"));
              }).ok());
  const auto oldest = [&] {
    return *ReadFrom(*store, [](ReadTransaction& t) { return t.OldestKeyPackage(DeviceOf(1)); });
  };
  const auto count = [&] {
    return ReadFrom(*store, [](ReadTransaction& t) { return t.CountKeyPackages(DeviceOf(1)); });
  };
  EXPECT_EQ(count(), 2U);
  EXPECT_EQ(oldest().key_package, ToBytes("old"));
  const std::uint64_t old = oldest().id;
  ASSERT_TRUE(Write([&](WriteTransaction& t) { return t.DeleteKeyPackage(old); }).ok());
  EXPECT_EQ(count(), 1U);
  const std::uint64_t last = oldest().id;
  EXPECT_FALSE(oldest().handed_out);
  ASSERT_TRUE(Write([&](WriteTransaction& t) { return t.MarkKeyPackageHandedOut(last); }).ok());
  EXPECT_TRUE(oldest().handed_out);
}

TEST_P(StoredDirectory, IsReadFromAPositionUpToItsLimits) {
  for (std::uint8_t n = 1; n <= 5; ++n) {
    Add(Certificate(n, 2, n));  // 50 bytes each
  }
  const auto read = [&](std::uint64_t after, std::size_t items, std::size_t bytes) {
    return ReadFrom(*store,
                    [&](ReadTransaction& t) { return t.ReadDirectory(after, items, bytes); });
  };
  const auto all = read(0, 10, 10000);
  ASSERT_EQ(all.size(), 5U);
  EXPECT_LT(all[0].position, all[1].position);
  EXPECT_EQ(all[4].der, Bytes(50, 5));
  EXPECT_EQ(read(0, 3, 10000).size(), 3U);
  EXPECT_EQ(read(0, 10, 120).size(), 2U);
  EXPECT_EQ(read(0, 10, 1).size(), 1U) << "the first comes whatever its size";
  EXPECT_EQ(read(all[2].position, 10, 10000).size(), 2U);
  EXPECT_EQ(read(UINT64_MAX, 10, 10000).size(), 0U);
}

TEST_P(StoredDirectory, SamePersonIdInAnotherInstitutionIsSomebodyElse) {
  Add(Certificate(1, 2, 3));
  server::PersonRef elsewhere = PersonOf(2);
  elsewhere.institution.bytes.fill(0xB0);
  EXPECT_TRUE(ReadFrom(*store, [&](ReadTransaction& t) {
                return t.DevicesOf(elsewhere, pki::CertRole::kDeviceSigning);
              }).empty());
}

TEST_P(StoredDirectory, RevocationListIsFoundByItsIssuerOnly) {
  pki::KeyId issuer{};
  issuer.fill(7);
  ASSERT_TRUE(Write([&](WriteTransaction& t) -> Status {
                RENKEI_TRY(t.AddRevocations({issuer, 1, Bytes{1}}));
                return Ok();
              }).ok());
  EXPECT_FALSE(ReadFrom(*store, [](ReadTransaction& t) { return t.FindRevocations({}); }));
  EXPECT_TRUE(ReadFrom(*store, [&](ReadTransaction& t) { return t.FindIssuers(issuer); }).empty())
      << "a list is no certificate";
}

TEST_P(StoredDirectory, PositionIsNeverUsedAgain) {
  pki::KeyId issuer{};
  issuer.fill(7);
  std::uint64_t first = 0;
  std::uint64_t second = 0;
  ASSERT_TRUE(Write([&](WriteTransaction& t) -> Status {
                RENKEI_ASSIGN(first, t.AddRevocations({issuer, 1, Bytes{1}}));
                RENKEI_ASSIGN(second, t.AddRevocations({issuer, 2, Bytes{2}}));
                return Ok();
              }).ok());
  EXPECT_GT(second, first) << "who has read up to the first would never get the second";
}

RENKEI_TEST_EVERY_STORE(StoredDirectory);

class DamagedDirectory : public DamagedRows {};

TEST_F(DamagedDirectory, OwnerOfADeviceHasItsLength) {
  ExpectDamageTold("UPDATE directory SET person = x'01' WHERE fingerprint IS NOT NULL",
                   [](ReadTransaction& t) { return t.DeviceOwner(DeviceOf(1)); });
}

TEST_F(DamagedDirectory, DeviceOfAPersonHasItsLength) {
  ExpectDamageTold(
      "UPDATE directory SET device = x'01' WHERE fingerprint IS NOT NULL",
      [](ReadTransaction& t) { return t.DevicesOf(PersonOf(1), pki::CertRole::kInstitution); });
}

TEST_F(DamagedDirectory, FingerprintHasItsLength) {
  ExpectDamageTold("UPDATE directory SET fingerprint = x'0101' WHERE fingerprint IS NOT NULL",
                   kFindIssuers);
}

TEST_F(DamagedDirectory, InstitutionOfACertificateHasItsLength) {
  ExpectDamageTold("UPDATE directory SET institution = x'01' WHERE fingerprint IS NOT NULL",
                   kFindCertificate);
}

TEST_F(DamagedDirectory, RoleThatDoesNotExistIsToldAndEndsNothing) {
  ExpectDamageTold("UPDATE directory SET role = 99 WHERE fingerprint IS NOT NULL", kFindIssuers);
}

TEST_F(DamagedDirectory, RoleOfZeroIsTold) {
  ExpectDamageTold("UPDATE directory SET role = 0 WHERE fingerprint IS NOT NULL", kFindCertificate);
}

TEST_F(DamagedDirectory, IssuerOfARevocationListHasItsLength) {
  ExpectDamageTold("UPDATE directory SET subject_key_id = x'01' WHERE fingerprint IS NULL",
                   [](ReadTransaction& t) { return t.NewestRevocations(); });
}

}  // namespace
}  // namespace renkei::test
