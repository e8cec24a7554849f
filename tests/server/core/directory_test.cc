#include "server/core/directory.h"

#include "tests/server/support/relay_fixture.h"

namespace renkei::test {
namespace {

using server::PublishOutcome;
using server::PublishRefusal;
using server::RevocationOutcome;
using server::RevocationRefusal;

class TheDirectory : public RelayFixture {
 protected:
  Result<PublishOutcome> Publish(const Handset& by, const std::vector<Bytes>& ders) {
    std::vector<ByteView> views(ders.begin(), ders.end());
    return Await<PublishOutcome>([&](const server::Reply<PublishOutcome>& reply) {
      relay->directory().Publish(by.Caller(), views, reply);
    });
  }
  Result<RevocationOutcome> Revoke(const Handset& by, ByteView list) {
    return Await<RevocationOutcome>([&](const server::Reply<RevocationOutcome>& reply) {
      relay->directory().PublishRevocations(by.Caller(), list, reply);
    });
  }
  Bytes ListOf(const pki::Issuer& issuer, const pki::Certificate& revoked, std::uint64_t number) {
    return pki::CreateCrl(issuer,
                          {{revoked.serial(), clock.Now(), pki::RevocationReason::kKeyCompromise}},
                          number, clock.Now(), clock.Now() + Days(7))
        .value()
        .der();
  }
  std::vector<server::DirectoryItem> Everything() {
    auto page = relay->directory().Sync(0, 1000);
    EXPECT_TRUE(page.ok());
    return page.ok() ? page->items : std::vector<server::DirectoryItem>();
  }
  static bool IsRefused(const Result<PublishOutcome>& outcome, PublishRefusal refusal) {
    return outcome.ok() && *outcome == PublishOutcome(refusal);
  }
  static bool IsRefused(const Result<RevocationOutcome>& outcome, RevocationRefusal refusal) {
    return outcome.ok() && *outcome == RevocationOutcome(refusal);
  }

  Office& station = world.AddOffice("訪問看護ステーション（架空）");
  Office& clinic = world.AddOffice("医院（架空）", pki::InstitutionKind::kClinic);
  Handset& nurse = world.AddMember(station);
  Handset& doctor = world.AddMember(clinic);
};

TEST_F(TheDirectory, HoldsTheRegionsOwnCertificatesFromTheStart) {
  const auto items = Everything();
  ASSERT_EQ(items.size(), 2U);
  EXPECT_EQ(items[0].der, world.region().issuing().certificate().der());
  EXPECT_EQ(items[1].der, world.Identity().signing_certificate.der());
}

TEST_F(TheDirectory, TakesWhatTheCallersInstitutionHasCertified) {
  const auto outcome = Publish(nurse, world.CertificatesOf(station));
  ASSERT_TRUE(outcome.ok());
  EXPECT_TRUE(std::holds_alternative<std::uint64_t>(*outcome));
  EXPECT_EQ(Everything().size(), 2 + world.CertificatesOf(station).size());
}

TEST_F(TheDirectory, TakesTheSameAgainWithoutChange) {
  ASSERT_TRUE(Publish(nurse, world.CertificatesOf(station)).ok());
  const std::size_t before = Everything().size();
  const auto again = Publish(nurse, world.CertificatesOf(station));
  EXPECT_EQ(*again, PublishOutcome(Everything().back().position));
  EXPECT_EQ(Everything().size(), before);
}

TEST_F(TheDirectory, RefusesAnotherInstitutionsCertificates) {
  EXPECT_TRUE(IsRefused(Publish(nurse, world.CertificatesOf(clinic)), PublishRefusal::kNotAllowed));
  EXPECT_TRUE(IsRefused(Publish(nurse, {world.region().issuing().certificate().der()}),
                        PublishRefusal::kNotAllowed));
}

TEST_F(TheDirectory, RefusesCertificatesOfAnotherRegion) {
  RelayWorld elsewhere(99);
  Office& office = elsewhere.AddOffice("よその事業所（架空）");
  EXPECT_TRUE(
      IsRefused(Publish(nurse, elsewhere.CertificatesOf(office)), PublishRefusal::kBadCertificate));
}

TEST_F(TheDirectory, RefusesALeafWhoseCaIsUnknown) {
  EXPECT_TRUE(IsRefused(Publish(nurse, {nurse.device.signing.certificate.der()}),
                        PublishRefusal::kBadCertificate));
}

TEST_F(TheDirectory, RefusesBytesThatAreNoCertificateAndTooMany) {
  EXPECT_TRUE(IsRefused(Publish(nurse, {ToBytes("no DER")}), PublishRefusal::kBadCertificate));
  EXPECT_EQ(Publish(nurse, {}).error().code(), Code::kMalformed);
  EXPECT_EQ(Publish(nurse, std::vector<Bytes>(17, Bytes{1})).error().code(), Code::kMalformed);
}

TEST_F(TheDirectory, RefusesExpiredCertificates) {
  clock.Set(nurse.device.signing.certificate.not_after());
  EXPECT_TRUE(
      IsRefused(Publish(nurse, world.CertificatesOf(station)), PublishRefusal::kBadCertificate));
}

// Mailboxes and key packages go by the device's id: nobody else may have it certified.
TEST_F(TheDirectory, G3_RefusesADeviceIdThatIsAnotherPersons) {
  PublishAll();
  const Leaf twin = world.region().AddDeviceLeaf(clinic.ca, pki::CertRole::kDeviceTls,
                                                 doctor.person->subject, nurse.device.id);
  EXPECT_TRUE(IsRefused(Publish(doctor, {twin.certificate.der()}), PublishRefusal::kNotAllowed));
}

TEST_F(TheDirectory, ComesPageByPage) {
  PublishAll();
  std::vector<server::DirectoryItem> all;
  for (bool complete = false; !complete;) {
    const auto page = relay->directory().Sync(all.empty() ? 0 : all.back().position, 3);
    ASSERT_TRUE(page.ok());
    ASSERT_LE(page->items.size(), 3U);
    all.insert(all.end(), page->items.begin(), page->items.end());
    complete = page->complete;
  }
  EXPECT_EQ(all.size(), Everything().size());
  EXPECT_FALSE(relay->directory().Sync(0, 0).ok());
  EXPECT_FALSE(relay->directory().Sync(0, 1001).ok());
}

TEST_F(TheDirectory, RevocationCountsFromTheListOnAndAfterARestart) {
  PublishAll();
  const pki::Certificate& revoked = nurse.device.tls.certificate;
  EXPECT_FALSE(relay->directory().IsRevoked(revoked));
  ASSERT_TRUE(
      std::holds_alternative<std::uint64_t>(*Revoke(nurse, ListOf(station.ca, revoked, 1))));
  EXPECT_TRUE(relay->directory().IsRevoked(revoked));
  EXPECT_FALSE(relay->directory().IsRevoked(doctor.device.tls.certificate));
  EXPECT_TRUE(Everything().back().is_revocation_list);
  Open();
  EXPECT_TRUE(relay->directory().IsRevoked(revoked));
}

TEST_F(TheDirectory, OlderListIsRefusedAndTheSameAccepted) {
  PublishAll();
  const Bytes second = ListOf(station.ca, nurse.device.tls.certificate, 2);
  ASSERT_TRUE(Revoke(nurse, second).ok());
  EXPECT_TRUE(std::holds_alternative<std::uint64_t>(*Revoke(nurse, second)));
  EXPECT_TRUE(IsRefused(Revoke(nurse, ListOf(station.ca, nurse.device.signing.certificate, 1)),
                        RevocationRefusal::kOlder));
  EXPECT_TRUE(IsRefused(Revoke(nurse, ListOf(station.ca, nurse.device.signing.certificate, 2)),
                        RevocationRefusal::kOlder));
}

TEST_F(TheDirectory, ListIsTheInstitutionsOwnToPublish) {
  PublishAll();
  const auto outcome = Revoke(doctor, ListOf(station.ca, nurse.device.tls.certificate, 1));
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code(), Code::kDenied);
  EXPECT_FALSE(relay->directory().IsRevoked(nurse.device.tls.certificate));
}

TEST_F(TheDirectory, ListSignedByNobodyKnownIsRefused) {
  PublishAll();
  RelayWorld elsewhere(98);
  const Office& office = elsewhere.AddOffice("よその事業所（架空）");
  EXPECT_TRUE(IsRefused(Revoke(nurse, ListOf(office.ca, nurse.device.tls.certificate, 1)),
                        RevocationRefusal::kBadList));
  EXPECT_TRUE(IsRefused(Revoke(nurse, AsBytes("no list")), RevocationRefusal::kBadList));
}

TEST_F(TheDirectory, RegionsListComesFromTheOperatorAndRevokesAnInstitution) {
  RelayWorld& w = world;
  Office& association = w.AddOffice("もう一つの医師会（架空）");
  Handset& other = w.AddMember(association);
  PublishAll();
  const Bytes list = ListOf(w.region().issuing(), clinic.ca.certificate(), 1);
  EXPECT_EQ(Revoke(other, list).error().code(), Code::kDenied);
  server::Caller operator_caller = nurse.Caller();
  operator_caller.person.institution = w.Identity().operator_institution;
  const auto outcome = Await<RevocationOutcome>([&](const server::Reply<RevocationOutcome>& reply) {
    relay->directory().PublishRevocations(operator_caller, list, reply);
  });
  ASSERT_TRUE(outcome.ok());
  const std::vector<ByteView> leaf = {doctor.device.signing.certificate.der()};
  EXPECT_FALSE(relay->directory().VerifyAll(leaf).ok());
}

TEST_F(TheDirectory, StoreThatDoesNotAnswerIsUnavailable) {
  store.FailWrites(true);
  EXPECT_EQ(Publish(nurse, world.CertificatesOf(station)).error().code(), Code::kUnavailable);
  store.FailWrites(false);
  store.FailReads(true);
  EXPECT_EQ(relay->directory().Sync(0, 10).error().code(), Code::kUnavailable);
}

}  // namespace
}  // namespace renkei::test
