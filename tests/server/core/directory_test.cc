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

// Inside the store's transaction: a refusal after a write would undo what others wrote in it.
TEST_F(TheDirectory, WhatIsRefusedForItsOwnerHasWrittenNothingBefore) {
  PublishAll();
  const auto leaf_of = [&](const Handset& person, const DeviceId& device) {
    return world.region()
        .AddDeviceLeaf(clinic.ca, pki::CertRole::kDeviceTls, person.person->subject, device)
        .certificate.der();
  };
  const Handset& colleague = world.AddMember(clinic);
  const DeviceId fresh = DeviceId::Generate(world.random());
  const DeviceId other = DeviceId::Generate(world.random());
  const std::vector<std::vector<Bytes>> refused = {
      {leaf_of(doctor, fresh), leaf_of(doctor, nurse.device.id)},
      {leaf_of(doctor, fresh), leaf_of(doctor, other), leaf_of(colleague, fresh)}};
  for (const std::vector<Bytes>& ders : refused) {
    const std::vector<ByteView> views(ders.begin(), ders.end());
    const auto rows = relay->directory().VerifyAll(views);
    ASSERT_TRUE(rows.ok());
    store.Write(
        [&](server::WriteTransaction& transaction) -> Status {
          const auto added = relay->directory().Add(transaction, *rows);
          EXPECT_EQ(added.ok() ? Code::kInternal : added.error().code(), Code::kDenied);
          for (const server::CertificateRow& row : *rows) {
            const auto found = transaction.FindCertificate(row.fingerprint);
            EXPECT_TRUE(found.ok() && !found->has_value());
          }
          return Ok();
        },
        [](const Status&) {});
  }
}

TEST_F(TheDirectory, OneDeviceMayHaveSeveralCertificatesOfOnePerson) {
  EXPECT_TRUE(
      std::holds_alternative<std::uint64_t>(*Publish(doctor, world.CertificatesOf(clinic))));
  const Leaf renewed = world.region().AddDeviceLeaf(clinic.ca, pki::CertRole::kDeviceTls,
                                                    doctor.person->subject, doctor.device.id);
  EXPECT_TRUE(std::holds_alternative<std::uint64_t>(*Publish(doctor, {renewed.certificate.der()})));
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
