#include "server/core/directory.h"

#include "tests/server/core/directory_fixture.h"

namespace renkei::test {
namespace {

using server::PublishOutcome;
using server::PublishRefusal;

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

TEST_F(TheDirectory, StoreThatDoesNotAnswerIsUnavailable) {
  store.FailWrites(true);
  EXPECT_EQ(Publish(nurse, world.CertificatesOf(station)).error().code(), Code::kUnavailable);
  store.FailWrites(false);
  store.FailReads(true);
  EXPECT_EQ(relay->directory().Sync(0, 10).error().code(), Code::kUnavailable);
}

}  // namespace
}  // namespace renkei::test
