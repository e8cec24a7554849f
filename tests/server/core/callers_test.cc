#include "server/core/callers.h"

#include "crypto/pki/pem.h"
#include "tests/server/support/relay_fixture.h"

namespace renkei::test {
namespace {

class TheCallers : public RelayFixture {
 protected:
  Result<std::shared_ptr<const server::Credential>> Authenticate(
      const pki::Certificate& leaf, const std::vector<pki::Certificate>& chain) {
    return relay->callers().Authenticate(pki::ToPem(leaf), chain.empty() ? "" : pki::ToPem(chain));
  }
  Result<std::shared_ptr<const server::Credential>> Authenticate(const Handset& handset) {
    return Authenticate(handset.device.tls.certificate, handset.TlsChain(world.region()));
  }
  void Revoke(const pki::Issuer& issuer, const pki::Certificate& certificate,
              const server::Caller& by) {
    const auto list = pki::CreateCrl(
        issuer, {{certificate.serial(), clock.Now(), pki::RevocationReason::kKeyCompromise}}, 1,
        clock.Now(), clock.Now() + Days(7));
    ASSERT_TRUE((Await<server::RevocationOutcome>([&](const auto& reply) {
                   relay->directory().PublishRevocations(by, list->der(), reply);
                 }).ok()));
  }
  static void ExpectRefused(const Result<std::shared_ptr<const server::Credential>>& outcome) {
    ASSERT_FALSE(outcome.ok());
    EXPECT_EQ(outcome.error().code(), Code::kAuthFailed);
  }

  Office& station = world.AddOffice("訪問看護ステーション（架空）");
  Handset& nurse = world.AddMember(station);
};

TEST_F(TheCallers, DeviceIsWhoItsCertificateSays) {
  PublishAll();
  const auto credential = Authenticate(nurse);
  ASSERT_TRUE(credential.ok());
  EXPECT_EQ((*credential)->caller.person, nurse.person->Ref());
  EXPECT_EQ((*credential)->caller.device, nurse.device.id);
  EXPECT_TRUE((*credential)->caller.published);
}

TEST_F(TheCallers, WhatIsNotPublishedIsKnownAsSuchUntilItIs) {
  EXPECT_FALSE((*Authenticate(nurse))->caller.published);
  PublishAll();
  EXPECT_TRUE((*Authenticate(nurse))->caller.published);
}

TEST_F(TheCallers, ResumedSessionBringsTheLeafOnly) {
  PublishAll();
  EXPECT_TRUE(Authenticate(nurse.device.tls.certificate, {}).ok());
}

TEST_F(TheCallers, OtherRolesAndRegionsAreRefused) {
  PublishAll();
  ExpectRefused(Authenticate(nurse.device.signing.certificate, nurse.TlsChain(world.region())));
  ExpectRefused(Authenticate(world.Identity().signing_certificate, {}));
  RelayWorld elsewhere(97);
  const Handset& foreign = elsewhere.AddMember(elsewhere.AddOffice("よその事業所（架空）"));
  ExpectRefused(Authenticate(foreign.device.tls.certificate, foreign.TlsChain(elsewhere.region())));
  ExpectRefused(relay->callers().Authenticate("no PEM", ""));
}

TEST_F(TheCallers, CertificateCountsOnlyWithinItsTimeEvenWhenItIsKnown) {
  PublishAll();
  const auto credential = Authenticate(nurse);
  ASSERT_TRUE(credential.ok());
  clock.Set(nurse.device.tls.certificate.not_after());
  EXPECT_FALSE(relay->callers().StillValid(**credential));
  ExpectRefused(Authenticate(nurse));
  clock.Set(nurse.device.tls.certificate.not_before() - Seconds(1));
  ExpectRefused(Authenticate(nurse));
}

TEST_F(TheCallers, G9_RevokedDeviceIsRefusedThoughItWasKnown) {
  PublishAll();
  const auto credential = Authenticate(nurse);
  Revoke(station.ca, nurse.device.tls.certificate, nurse.Caller());
  EXPECT_FALSE(relay->callers().StillValid(**credential));
  ExpectRefused(Authenticate(nurse));
}

TEST_F(TheCallers, RevokedInstitutionTakesItsDevicesWithIt) {
  PublishAll();
  const auto credential = Authenticate(nurse);
  server::Caller operator_caller = nurse.Caller();
  operator_caller.person.institution = world.Identity().operator_institution;
  Revoke(world.region().issuing(), station.ca.certificate(), operator_caller);
  EXPECT_FALSE(relay->callers().StillValid(**credential));
  ExpectRefused(Authenticate(nurse));
}

TEST_F(TheCallers, StoreThatDoesNotAnswerIsNotTheCallersFault) {
  PublishAll();
  store.FailReads(true);
  EXPECT_EQ(Authenticate(nurse).error().code(), Code::kUnavailable);
}

}  // namespace
}  // namespace renkei::test
