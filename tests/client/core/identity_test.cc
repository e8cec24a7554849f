#include "client/core/identity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/core/certify.h"
#include "crypto/pki/pem.h"
#include "tests/support/memory_vault.h"
#include "tests/support/region.h"

namespace renkei::client {
namespace {

using test::kRegionStart;
using test::Region;
using testing::SizeIs;

// An institution's administrator, as certified by themself.
Identity Administrator(Region& region) {
  Random& random = region.random();
  const pki::Issuer institution =
      region.AddInstitution("架空訪看", pki::InstitutionKind::kVisitingNurseStation);
  FirstPerson person{.root_der = region.root().certificate().der(),
                     .relay_address = "relay.invalid:443",
                     .chain = region.Above(institution),
                     .institution_key = institution.key().Clone(),
                     .institution_archive = random.NextSecret(32),
                     .keys = GenerateKeys(true, random),
                     .subject = test::SomeNurse(random)};
  return CertifyFirstPerson(std::move(person), kRegionStart + Days(1), random).value();
}

class StoredIdentity : public testing::Test {
 protected:
  void Save() {
    auto transaction = Transaction::Begin(vault_).value();
    ASSERT_TRUE(SaveIdentity(vault_, identity_).ok());
    ASSERT_TRUE(transaction.Commit().ok());
  }

  Region region_{1};
  Identity identity_ = Administrator(region_);
  MemoryVault vault_;
};

TEST_F(StoredIdentity, ComesBackWhole) {
  Save();
  const Identity read = LoadIdentity(vault_).value();
  EXPECT_EQ(read.region, identity_.region);
  EXPECT_EQ(read.root_der, identity_.root_der);
  EXPECT_EQ(read.relay_address, "relay.invalid:443");
  EXPECT_EQ(read.institution, identity_.institution);
  EXPECT_EQ(read.person, identity_.person);
  EXPECT_EQ(read.device, identity_.device);
  EXPECT_EQ(read.signing_certificate, identity_.signing_certificate);
  EXPECT_EQ(read.device_certificate, identity_.device_certificate);
  EXPECT_EQ(read.tls_certificate, identity_.tls_certificate);
  EXPECT_EQ(read.chain, identity_.chain);
  EXPECT_EQ(read.signing_key.public_key(), identity_.signing_key.public_key());
  EXPECT_EQ(read.tls_key.public_key(), identity_.tls_key.public_key());
  EXPECT_TRUE(Equal(read.device_key, identity_.device_key));
  ASSERT_THAT(read.person_archive_keys, SizeIs(1));
  EXPECT_TRUE(
      Equal(read.person_archive_keys[0].private_key, identity_.person_archive_keys[0].private_key));
  ASSERT_THAT(read.institution_archive_keys, SizeIs(1));
  ASSERT_TRUE(read.institution_issuer.has_value());
  EXPECT_EQ(read.institution_issuer->key.public_key(),
            identity_.institution_issuer->key.public_key());
  EXPECT_EQ(read.region_issuer.has_value(), false) << "she is no operator";
  EXPECT_EQ(read.region_root.has_value(), false);
}

TEST_F(StoredIdentity, OfAnEmptyVaultIsNone) {
  EXPECT_EQ(LoadIdentity(vault_).error().code(), Code::kNotFound);
}

TEST_F(StoredIdentity, IsSavedWholeOrNotAtAll) {
  const std::size_t before = vault_.writes();
  Save();
  const std::size_t writes = vault_.writes() - before;
  for (std::size_t nth = 1; nth <= writes; ++nth) {
    MemoryVault fresh;
    fresh.FailAtWrite(nth, MemoryVault::Fault::kFailOnce);
    {
      auto transaction = Transaction::Begin(fresh).value();
      EXPECT_FALSE(SaveIdentity(fresh, identity_).ok() && transaction.Commit().ok());
    }
    EXPECT_EQ(LoadIdentity(fresh).error().code(), Code::kNotFound) << nth;
  }
}

TEST_F(StoredIdentity, WithoutOneOfItsKeysIsDamaged) {
  Save();
  const auto keys = vault_.Scan(Table::kKeys, {}, {}).value();
  EXPECT_GE(keys.size(), 6U);
  for (const Row& row : keys) {
    ASSERT_TRUE(vault_.Erase(Table::kKeys, row.key).ok());
    EXPECT_EQ(LoadIdentity(vault_).error().code(), Code::kCorrupt) << ToString(row.key);
    ASSERT_TRUE(vault_.Put(Table::kKeys, row.key, Bytes(31, 1)).ok());
    EXPECT_EQ(LoadIdentity(vault_).error().code(), Code::kCorrupt) << "a short key";
    ASSERT_TRUE(vault_.Put(Table::kKeys, row.key, row.value).ok());
  }
  EXPECT_TRUE(LoadIdentity(vault_).ok());
}

TEST_F(StoredIdentity, OfALaterVersionOrGarbageIsDamaged) {
  Save();
  ASSERT_TRUE(vault_.Put(Table::kMeta, AsBytes("identity"), Bytes{0x08, 0x02}).ok());
  EXPECT_EQ(LoadIdentity(vault_).error().code(), Code::kCorrupt);
  ASSERT_TRUE(vault_.Put(Table::kMeta, AsBytes("identity"), Bytes{0xFF}).ok());
  EXPECT_EQ(LoadIdentity(vault_).error().code(), Code::kCorrupt);
}

TEST_F(StoredIdentity, TheEndpointHoldsTheTlsChainLeafFirst) {
  const RelayEndpoint endpoint = EndpointOf(identity_).value();
  EXPECT_EQ(endpoint.address, "relay.invalid:443");
  EXPECT_EQ(endpoint.region, region_.id());
  const auto chain = pki::CertificatesFromPem(endpoint.client_chain_pem).value();
  ASSERT_THAT(chain, SizeIs(3));
  EXPECT_EQ(chain[0].role(), pki::CertRole::kDeviceTls);
  EXPECT_EQ(chain[1].role(), pki::CertRole::kInstitution);
  EXPECT_EQ(chain[2].role(), pki::CertRole::kRegionIssuing);
  EXPECT_FALSE(endpoint.client_key_pem.empty());
}

TEST_F(StoredIdentity, AnEndpointOfDamagedCertificatesIsDamage) {
  identity_.tls_certificate.resize(10);
  EXPECT_EQ(EndpointOf(identity_).error().code(), Code::kCorrupt);
}

}  // namespace
}  // namespace renkei::client
