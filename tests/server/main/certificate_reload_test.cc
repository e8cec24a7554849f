#include "server/certificate_reload.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "crypto/pki/pem.h"
#include "tests/support/relay_world.h"
#include "tests/support/temp_folder.h"

namespace renkei::test {
namespace {

using server::CertificateReload;
using testing::HasSubstr;

class CertificateReloadTest : public ::testing::Test {
 protected:
  void SetUp() override {
    world.WriteRelayFiles(folder);
    const auto loaded = server::LoadRegion(folder, now);
    ASSERT_TRUE(loaded.files) << loaded.problem;
    first_end = loaded.files->tls_not_after;
    reload.emplace(folder, *loaded.files, [this](const std::string& chain, const SecretBytes& key) {
      taken.push_back(chain);
      EXPECT_GT(key.size(), 0U);
    });
  }

  std::filesystem::path File(const char* name) const {
    return folder / server::kRelayFolder / name;
  }
  void Put(const char* name, std::string_view content) const {
    std::ofstream(File(name), std::ios::binary) << content;
  }
  void PutKey(const Leaf& leaf) const {
    Put(server::kTlsKeyFile, AsText(pki::PrivateKeyPem(leaf.key).Expose()));
  }
  std::string ChainOf(const Leaf& leaf) const {
    return pki::ToPem(leaf.certificate) + pki::ToPem(region.issuing().certificate()) +
           pki::ToPem(region.root().certificate());
  }
  CertificateReload::Found Look(bool is_asked = false) {
    last = reload->Look(now, is_asked);
    return last.found;
  }

  RelayWorld world{6};
  Region& region = world.region();
  Millis now = kRegionStart + Days(1);
  TempFolder temp{"renkei-tls"};
  const std::filesystem::path folder = temp.path();
  Millis first_end;
  std::vector<std::string> taken;
  std::optional<CertificateReload> reload;
  CertificateReload::Looked last;
};

using Found = CertificateReload::Found;

TEST_F(CertificateReloadTest, TheSameFilesAreNothingNew) {
  EXPECT_EQ(Look(), Found::kNothingNew);
  EXPECT_EQ(Look(true), Found::kNothingNew);
  EXPECT_TRUE(taken.empty());
}

TEST_F(CertificateReloadTest, ARenewedPairIsTakenOnce) {
  const Leaf renewed = region.AddRelay(pki::CertRole::kRelayTls);
  PutKey(renewed);
  Put(server::kTlsChainFile, ChainOf(renewed));
  EXPECT_EQ(Look(), Found::kTaken);
  ASSERT_EQ(taken.size(), 1U);
  EXPECT_EQ(taken[0], ChainOf(renewed));
  EXPECT_EQ(reload->not_after(), renewed.certificate.not_after());
  EXPECT_EQ(reload->taken(), 1U);
  EXPECT_EQ(Look(), Found::kNothingNew);
}

TEST_F(CertificateReloadTest, ABrokenFileIsToldOnceAndChangesNothing) {
  Put(server::kTlsChainFile, "-----BEGIN CERTIFICATE-----\nnonsense\n");
  EXPECT_EQ(Look(), Found::kNothingNew) << "somebody may be writing it";
  EXPECT_EQ(Look(), Found::kRefused);
  EXPECT_THAT(last.problem, HasSubstr(server::kTlsChainFile));
  EXPECT_EQ(Look(), Found::kNothingNew) << "told already";
  EXPECT_EQ(reload->refused(), 1U);
  EXPECT_EQ(reload->not_after(), first_end);
  EXPECT_TRUE(taken.empty());
  world.WriteRelayFiles(folder);
  EXPECT_EQ(Look(), Found::kNothingNew) << "good again, and the same as before";
  Put(server::kTlsChainFile, "nonsense");
  EXPECT_EQ(Look(), Found::kNothingNew);
  EXPECT_EQ(Look(), Found::kRefused) << "broken anew is told anew";
}

TEST_F(CertificateReloadTest, WhoAsksIsToldAtOnceAndEachTime) {
  Put(server::kTlsKeyFile, "nonsense");
  EXPECT_EQ(Look(true), Found::kRefused);
  EXPECT_EQ(Look(true), Found::kRefused);
  EXPECT_EQ(reload->refused(), 2U);
}

TEST_F(CertificateReloadTest, HalfARenewalIsNotTaken) {
  const Leaf renewed = region.AddRelay(pki::CertRole::kRelayTls);
  PutKey(renewed);
  EXPECT_EQ(Look(), Found::kNothingNew);
  EXPECT_TRUE(taken.empty());
  Put(server::kTlsChainFile, ChainOf(renewed));
  EXPECT_EQ(Look(), Found::kTaken);
  EXPECT_EQ(reload->refused(), 0U);
}

TEST_F(CertificateReloadTest, AnotherRegionsFilesAreRefusedThoughTheyBelongTogether) {
  RelayWorld elsewhere(7);
  elsewhere.WriteRelayFiles(folder);
  ASSERT_TRUE(server::LoadRegion(folder, now).files);
  EXPECT_EQ(Look(), Found::kNothingNew) << "somebody may be writing them";
  EXPECT_EQ(Look(), Found::kRefused);
  EXPECT_THAT(last.problem, HasSubstr(server::kRootFile));
  EXPECT_TRUE(taken.empty());
  world.WriteRelayFiles(folder);
  EXPECT_EQ(Look(true), Found::kNothingNew) << "its own are back";
  EXPECT_EQ(reload->refused(), 1U);
}

TEST_F(CertificateReloadTest, WhatARelayMayNotHaveIsRefused) {
  const Leaf signing = region.AddRelay(pki::CertRole::kRelaySigning);
  PutKey(signing);
  Put(server::kTlsChainFile, ChainOf(signing));
  EXPECT_EQ(Look(true), Found::kRefused) << "another role";

  Region other(7);
  const Leaf foreign = other.AddRelay(pki::CertRole::kRelayTls);
  PutKey(foreign);
  Put(server::kTlsChainFile, pki::ToPem(foreign.certificate) +
                                 pki::ToPem(other.issuing().certificate()) +
                                 pki::ToPem(other.root().certificate()));
  EXPECT_EQ(Look(true), Found::kRefused) << "another region";

  const Leaf renewed = region.AddRelay(pki::CertRole::kRelayTls);
  PutKey(renewed);
  Put(server::kTlsChainFile, ChainOf(renewed));
  chmod(File(server::kTlsKeyFile).c_str(), 0644);
  EXPECT_EQ(Look(true), Found::kRefused) << "a key that everybody may read";
  EXPECT_TRUE(taken.empty());
}

}  // namespace
}  // namespace renkei::test
