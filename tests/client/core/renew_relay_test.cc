#include "client/core/renew_relay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <map>

#include "client/core/identity.h"
#include "crypto/pki/chain.h"
#include "crypto/pki/pem.h"
#include "tests/support/fake_relay.h"
#include "tests/support/memory_vault.h"

namespace renkei::client {
namespace {

class Renewing : public testing::Test {
 protected:
  Environment Env() { return {vault_, connector_, clock_, random_, {}}; }
  void SetUp() override {
    const auto region = Enrolment(Env()).InitRegion("relay.example:443", "架空市医師会");
    ASSERT_TRUE(region.ok());
    for (const RelayFile& file : region->relay_files) {
      first_[file.name] = ToBytes(file.content.Expose());
    }
  }
  static std::vector<pki::Certificate> Chain(ByteView pem) {
    auto chain = pki::CertificatesFromPem(AsText(pem));
    EXPECT_TRUE(chain.ok());
    return chain.ok() ? std::move(*chain) : std::vector<pki::Certificate>();
  }

  ManualClock clock_{Millis{1773451800000}};
  SeededRandom random_{3};
  MemoryVault vault_;
  test::FakeRelay relay_{clock_, SigningKey::Generate(random_)};
  test::FakeConnector connector_{relay_};
  std::map<std::string, Bytes> first_;
};

TEST_F(Renewing, MakesANewKeyAndCertificateUnderTheSameRegion) {
  clock_.Advance(Days(700));
  const auto renewed = RenewRelayTls(Env());
  ASSERT_TRUE(renewed.ok()) << renewed.error().where();
  ASSERT_EQ(renewed->files.size(), 2U);
  EXPECT_EQ(renewed->files[0].name, "tls.key.pem");
  EXPECT_EQ(renewed->files[1].name, "tls.crt.pem");
  const auto before = Chain(first_.at("tls.crt.pem"));
  const auto after = Chain(renewed->files[1].content.Expose());
  ASSERT_EQ(after.size(), 3U);
  EXPECT_NE(after[0].public_key(), before[0].public_key());
  EXPECT_NE(ToBytes(renewed->files[0].content.Expose()), first_.at("tls.key.pem"));
  EXPECT_EQ(after[1], before[1]);
  EXPECT_EQ(after[2], before[2]);
  EXPECT_EQ(after[0].role(), pki::CertRole::kRelayTls);
  EXPECT_EQ(after[0].not_after(), renewed->not_after);
  EXPECT_GT(after[0].not_after(), before[0].not_after());
  const std::array intermediates = {after[1]};
  EXPECT_TRUE(
      pki::VerifyChain(after[0], intermediates, after[2], clock_.Now(), pki::CertRole::kRelayTls)
          .ok());
}

TEST_F(Renewing, ChangesNothingInTheVault) {
  const Identity before = LoadIdentity(vault_).value();
  const std::size_t writes = vault_.writes();
  ASSERT_TRUE(RenewRelayTls(Env()).ok());
  const Identity after = LoadIdentity(vault_).value();
  EXPECT_EQ(before.tls_certificate, after.tls_certificate);
  EXPECT_EQ(before.chain, after.chain);
  EXPECT_EQ(vault_.writes(), writes);
}

TEST_F(Renewing, IsTheOperatorsOnly) {
  Identity identity = LoadIdentity(vault_).value();
  identity.region_issuer.reset();
  ASSERT_TRUE(SaveIdentity(vault_, identity).ok());
  const auto renewed = RenewRelayTls(Env());
  ASSERT_FALSE(renewed.ok());
  EXPECT_EQ(renewed.error().code(), Code::kDenied);
  MemoryVault nobody;
  EXPECT_EQ(RenewRelayTls({nobody, connector_, clock_, random_, {}}).error().code(),
            Code::kNotFound);
}

// Nothing that lasts longer than the CA: it would be no certificate.
TEST_F(Renewing, DoesNotOutliveTheIssuingCa) {
  const Millis end = Chain(first_.at("tls.crt.pem"))[1].not_after();
  clock_.Advance(end - clock_.Now() - Days(10));
  const auto renewed = RenewRelayTls(Env());
  ASSERT_TRUE(renewed.ok()) << renewed.error().where();
  EXPECT_LE(renewed->not_after, end);
  clock_.Advance(Days(20));
  EXPECT_FALSE(RenewRelayTls(Env()).ok());
}

}  // namespace
}  // namespace renkei::client
