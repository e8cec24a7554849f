// Founding a region: the operator's vault and the relay's files belong together.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "client/core/enrolment.h"
#include "client/core/identity.h"
#include "crypto/pki/chain.h"
#include "crypto/pki/pem.h"
#include "tests/support/fake_relay.h"
#include "tests/support/memory_vault.h"

namespace renkei::client {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

class Founding : public testing::Test {
 protected:
  Result<Region> Found(const std::string& address = "relay.example:443",
                       const std::string& name = "架空市医師会") {
    return Enrolment({vault_, connector_, clock_, random_, {}}).InitRegion(address, name);
  }
  static std::map<std::string, Bytes> Files(const Region& region) {
    std::map<std::string, Bytes> out;
    for (const RelayFile& file : region.relay_files) {
      out[file.name] = ToBytes(file.content.Expose());
    }
    return out;
  }

  ManualClock clock_{Millis{1773451800000}};
  SeededRandom random_{3};
  MemoryVault vault_;
  test::FakeRelay relay_{clock_, SigningKey::Generate(random_)};
  test::FakeConnector connector_{relay_};
};

TEST_F(Founding, MakesTheOperatorWithRootIssuingCaAndAnInstitution) {
  const auto region = Found();
  ASSERT_TRUE(region.ok());
  const Identity identity = LoadIdentity(vault_).value();
  EXPECT_EQ(identity.region, region->id);
  EXPECT_TRUE(identity.region_root.has_value());
  EXPECT_TRUE(identity.region_issuer.has_value());
  EXPECT_TRUE(identity.institution_issuer.has_value());
  const auto root = pki::Certificate::Parse(identity.root_der).value();
  EXPECT_EQ(root.public_key(), identity.region_root->public_key());
}

TEST_F(Founding, TheRelaysFilesHoldItsKeysAndNoneOfTheRegions) {
  const auto region = Found();
  ASSERT_TRUE(region.ok());
  const auto files = Files(*region);
  EXPECT_THAT(files, SizeIs(7));
  EXPECT_EQ(region->relay_files.back().name, "region.json") << "last: the folder is complete then";
  const Identity identity = LoadIdentity(vault_).value();
  for (const auto& [name, content] : files) {
    for (const SigningKey* key : {&*identity.region_root, &identity.region_issuer->key,
                                  &identity.institution_issuer->key, &identity.signing_key}) {
      const SecretBytes seed = key->Seed();
      const ByteView secret = seed.Expose();
      EXPECT_EQ(std::search(content.begin(), content.end(), secret.begin(), secret.end()),
                content.end())
          << name;
    }
  }
  EXPECT_EQ(files.at("root.crt.der"), identity.root_der);
}

TEST_F(Founding, TheRelaysCertificatesHoldUnderTheRoot) {
  const auto region = Found();
  ASSERT_TRUE(region.ok());
  const auto files = Files(*region);
  const auto verifier =
      pki::ChainVerifier::Create(files.at("root.crt.der"), Sha256(files.at("root.crt.der")))
          .value();
  const auto issuing = pki::Certificate::Parse(files.at("issuing.crt.der")).value();
  const auto signing = pki::Certificate::Parse(files.at("signing.crt.der")).value();
  EXPECT_TRUE(
      verifier.Verify(signing, std::vector{issuing}, clock_.Now(), pki::CertRole::kRelaySigning)
          .ok());
  const auto chain = pki::CertificatesFromPem(ToString(files.at("tls.crt.pem"))).value();
  ASSERT_THAT(chain, SizeIs(3));
  EXPECT_TRUE(
      verifier.Verify(chain[0], std::vector{chain[1]}, clock_.Now(), pki::CertRole::kRelayTls)
          .ok());
}

TEST_F(Founding, WithABadAddressOrNameMakesNothing) {
  EXPECT_EQ(Found("no address").error().code(), Code::kMalformed);
  EXPECT_EQ(Found("h:1", "").error().code(), Code::kMalformed);
  EXPECT_THAT(vault_.Scan(Table::kKeys, {}, {}).value(), IsEmpty());
}

TEST_F(Founding, IntoAVaultOfSomebodyIsRefused) {
  ASSERT_TRUE(Found().ok());
  ASSERT_TRUE(Enrolment({vault_, connector_, clock_, random_, {}}).FinishRegion().ok());
  const Bytes before = LoadIdentity(vault_)->root_der;
  EXPECT_EQ(Found().error().code(), Code::kConflict);
  EXPECT_EQ(LoadIdentity(vault_)->root_der, before);
}

TEST_F(Founding, ThatWasInterruptedGoesOnWithTheSameRegionAndThenForgetsTheRelaysKeys) {
  const auto first = Found();
  ASSERT_TRUE(first.ok());
  const auto again = Found();
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->id, first->id);
  EXPECT_EQ(Files(*again), Files(*first));
  Enrolment enrolment({vault_, connector_, clock_, random_, {}});
  ASSERT_TRUE(enrolment.FinishRegion().ok());
  EXPECT_FALSE(enrolment.UnfinishedRegion().value().has_value());
  const Bytes relay_key = Files(*first).at("signing.key");
  const auto keys = vault_.Scan(Table::kKeys, {}, {}).value();
  for (const Row& row : keys) {
    EXPECT_NE(row.value, relay_key);
  }
}

TEST_F(Founding, WithAFullDiskMakesNothingAtAnyWrite) {
  for (std::size_t nth = 1; nth <= 18; ++nth) {
    MemoryVault vault;
    vault.FailAtWrite(nth, MemoryVault::Fault::kFailOnce);
    EXPECT_FALSE(Enrolment({vault, connector_, clock_, random_, {}})
                     .InitRegion("relay.example:443", "架空市")
                     .ok())
        << nth;
    EXPECT_EQ(LoadIdentity(vault).error().code(), Code::kNotFound) << nth;
    EXPECT_THAT(vault.Scan(Table::kKeys, {}, {}).value(), IsEmpty()) << nth;
  }
}

}  // namespace
}  // namespace renkei::client
