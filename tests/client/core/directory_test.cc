// The directory's cache: what is taken over from a relay that only delivers, and what is found in
// it.
#include "client/core/directory.h"

#include "client/core/keys.h"
#include "tests/client/core/case_fixture.h"

namespace renkei::test {
namespace {

using client::Directory;
using client::MemoryVault;
using client::Table;
using testing::IsEmpty;
using testing::SizeIs;

class DirectoryCache : public CaseFixture {
 protected:
  DirectoryCache() : relay_(region_.relay.ConnectionFor(nurse_->device(), nurse_->person())) {}

  std::unique_ptr<Directory> Open() {
    return Directory::Open(vault_, region_.authority.root().certificate().der()).value();
  }
  bool Sync(Directory& directory) {
    const auto synced = directory.Sync(*relay_, region_.clock.Now());
    EXPECT_TRUE(synced.ok());
    return synced.ok() && *synced;
  }
  Hash32 SigningCertificate(Actor& actor) { return Sha256(actor.Identity().signing_certificate); }
  bool Has(Directory& directory, const Hash32& fingerprint) {
    return directory.Find(fingerprint).value().has_value();
  }

  MemoryVault vault_;  // of somebody who has nothing yet
  std::unique_ptr<client::Relay> relay_;
};

TEST_F(DirectoryCache, WithoutARootDoesNotOpen) {
  EXPECT_EQ(Directory::Open(vault_, AsBytes("no certificate")).error().code(), Code::kCorrupt);
  // A certificate, but no root.
  const Bytes leaf = nurse_->Identity().signing_certificate;
  EXPECT_EQ(Directory::Open(vault_, leaf).error().code(), Code::kCorrupt);
}

TEST_F(DirectoryCache, TakesOverWhatIsNewOnceAndKeepsIt) {
  auto directory = Open();
  EXPECT_TRUE(Sync(*directory));
  EXPECT_TRUE(Has(*directory, SigningCertificate(*nurse_)));
  EXPECT_THAT(directory->People().value(), SizeIs(2));
  (void)Sync(*directory);
  EXPECT_FALSE(Sync(*directory));
  directory = Open();
  EXPECT_TRUE(Has(*directory, SigningCertificate(*nurse_)));
  const auto known = directory->Find(SigningCertificate(*nurse_)).value().value();
  EXPECT_THAT(known.issuers, SizeIs(2));  // institution, issuing CA
  EXPECT_EQ(known.certificate.fingerprint(), SigningCertificate(*nurse_));
}

TEST_F(DirectoryCache, OrderInWhichTheRelayNamesThemDoesNotMatter) {
  region_.relay.tamper_directory = [](relay::v1::DirectorySyncResponse& response) {
    auto* entries = response.mutable_entries();
    for (int i = 0, j = entries->size() - 1; i < j; ++i, --j) {
      std::string first = entries->Get(i).certificate();
      entries->Mutable(i)->set_certificate(entries->Get(j).certificate());
      entries->Mutable(j)->set_certificate(first);
    }
  };
  auto directory = Open();
  EXPECT_TRUE(Sync(*directory));
  EXPECT_THAT(directory->People().value(), SizeIs(2));
}

TEST_F(DirectoryCache, G2_OfAnotherRegionIsLeftOut) {
  TestRegion other(7);
  const auto stranger = other.AddPerson("架空病院", pki::InstitutionKind::kHospital, "架空 じろう",
                                        pki::Profession::kDoctor);
  const client::Identity theirs = stranger->Identity();
  for (const Bytes& der : {theirs.chain[1], theirs.chain[0], theirs.signing_certificate,
                           other.authority.root().certificate().der()}) {
    region_.relay.AddCertificate(der);
  }
  region_.relay.AddCertificate(AsBytes("no certificate"));
  auto directory = Open();
  EXPECT_TRUE(Sync(*directory));
  EXPECT_FALSE(Has(*directory, SigningCertificate(*stranger)));
  EXPECT_THAT(directory->People().value(), SizeIs(2));
}

TEST_F(DirectoryCache, G2_ThatItsIssuerDidNotSignIsLeftOut) {
  auto directory = Open();
  const client::Identity nurse = nurse_->Identity();
  Bytes forged = nurse.signing_certificate;
  forged.back() ^= 1U;
  ASSERT_TRUE(
      directory->Take({forged, nurse.chain[0], nurse.chain[1]}, {}, region_.clock.Now()).ok());
  EXPECT_FALSE(Has(*directory, Sha256(forged)));
  EXPECT_THAT(directory->People().value(), IsEmpty());
}

TEST_F(DirectoryCache, WithoutItsIssuerACertificateIsOfNoUse) {
  auto directory = Open();
  const client::Identity nurse = nurse_->Identity();
  ASSERT_TRUE(directory->Take({nurse.signing_certificate}, {}, region_.clock.Now()).ok());
  EXPECT_FALSE(Has(*directory, SigningCertificate(*nurse_)));
  // In any order, if all come together.
  ASSERT_TRUE(directory
                  ->Take({nurse.signing_certificate, nurse.chain[0], nurse.chain[1]}, {},
                         region_.clock.Now())
                  .ok());
  EXPECT_TRUE(Has(*directory, SigningCertificate(*nurse_)));
}

TEST_F(DirectoryCache, ARelayThatRepeatsItselfIsRefusedAndNothingTakenOver) {
  region_.relay.tamper_directory = [](relay::v1::DirectorySyncResponse& response) {
    *response.add_entries() = response.entries(0);
  };
  auto directory = Open();
  EXPECT_EQ(directory->Sync(*relay_, region_.clock.Now()).error().code(), Code::kMalformed);
  EXPECT_THAT(directory->People().value(), IsEmpty());
}

TEST_F(DirectoryCache, AFullDiskLeavesWhatWasThereAndTheNextSyncBringsAll) {
  auto directory = Open();
  vault_.FailAtWrite(6, MemoryVault::Fault::kFailOnce);
  EXPECT_EQ(directory->Sync(*relay_, region_.clock.Now()).error().code(), Code::kUnavailable);
  EXPECT_THAT(directory->People().value(), IsEmpty());
  EXPECT_TRUE(Sync(*directory));
  EXPECT_THAT(directory->People().value(), SizeIs(2));
}

TEST_F(DirectoryCache, PeopleAreFoundByIdByNameAndByInstitutionAndName) {
  auto directory = Open();
  Sync(*directory);
  const PersonId nurse = nurse_->person().person;
  EXPECT_EQ(directory->FindPerson(FormatUuid(nurse.bytes))->name, "架空 ゆき");
  EXPECT_EQ(directory->FindPerson("架空 ゆき")->person_id, nurse);
  EXPECT_EQ(directory->FindPerson("架空訪看/架空 ゆき")->institution, "架空訪看");
  EXPECT_EQ(directory->FindPerson("架空").error().code(), Code::kNotFound);
  EXPECT_EQ(directory->FindPerson(nurse_->person()).value()->profession, "Registered Nurse");
  EXPECT_FALSE(directory->FindPerson(thread::PersonRef{}).value().has_value());
  EXPECT_EQ(directory->InstitutionName(nurse_->person().institution).value(), "架空訪看");
  EXPECT_EQ(directory->InstitutionName(InstitutionId{}).value(), "");
  region_.AddPerson("架空薬局", pki::InstitutionKind::kPharmacy, "架空 ゆき",
                    pki::Profession::kPharmacist);
  Sync(*directory);
  EXPECT_EQ(directory->FindPerson("架空 ゆき").error().code(), Code::kConflict);
  EXPECT_TRUE(directory->FindPerson("架空薬局/架空 ゆき").ok());
  const auto people = directory->People().value();
  ASSERT_THAT(people, SizeIs(3));
  for (std::size_t i = 1; i < people.size(); ++i) {
    EXPECT_LE(people[i - 1].institution, people[i].institution);
  }
}

TEST_F(DirectoryCache, ArchiveKeysArePersonsAndInstitutions) {
  auto directory = Open();
  Sync(*directory);
  const auto& person = nurse_->person();
  const Millis now = region_.clock.Now();
  const auto own = directory->ArchiveKeyOf(person.institution, person.person, now);
  ASSERT_TRUE(own.ok());
  const Bytes certificate = nurse_->Identity().person_archive_keys.front().certificate;
  EXPECT_EQ(own->key_id, Sha256(certificate));
  EXPECT_EQ(own->version, 1U);
  EXPECT_EQ(directory->ArchiveKeyByHash(own->key_id)->public_key, own->public_key);
  const auto institutions = directory->ArchiveKeyOf(person.institution, std::nullopt, now);
  ASSERT_TRUE(institutions.ok());
  EXPECT_NE(institutions->key_id, own->key_id);
  EXPECT_EQ(directory->ArchiveKeyOf(InstitutionId{}, std::nullopt, now).error().code(),
            Code::kNotFound);
  EXPECT_EQ(directory->ArchiveKeyOf(person.institution, PersonId{}, now).error().code(),
            Code::kNotFound);
  EXPECT_EQ(directory->ArchiveKeyByHash(Hash32{}).error().code(), Code::kNotFound);
  EXPECT_EQ(
      directory->ArchiveKeyOf(person.institution, person.person, now + Days(4000)).error().code(),
      Code::kAuthFailed);
}

TEST_F(DirectoryCache, RelaysKeyIsThereOnceItsCertificateIsAndWhileThatHolds) {
  auto directory = Open();
  const Millis now = region_.clock.Now();
  EXPECT_FALSE(directory->RelayKey(now).value().has_value());
  Sync(*directory);
  EXPECT_EQ(directory->RelayKey(now).value(), region_.relay_signing.key.public_key());
  EXPECT_FALSE(directory->RelayKey(now + Days(4000)).value().has_value());
}

TEST_F(DirectoryCache, G6_RevocationListsAreKeptAndNamedAsEvidence) {
  auto directory = Open();
  Sync(*directory);
  EXPECT_FALSE(directory->AnyRevoked());
  const auto known = directory->Find(SigningCertificate(*nurse_)).value().value();
  EXPECT_THAT(directory->ListsAgainst(known), IsEmpty());
  region_.Revoke(*nurse_);
  Sync(*directory);
  for (int opened = 0; opened < 2; ++opened) {
    EXPECT_TRUE(directory->AnyRevoked());
    EXPECT_TRUE(directory->revoked().IsRevoked(known.certificate, region_.clock.Now()));
    EXPECT_THAT(directory->ListsAgainst(known), SizeIs(1));
    const auto other = directory->Find(SigningCertificate(*manager_)).value().value();
    EXPECT_THAT(directory->ListsAgainst(other), IsEmpty());
    directory = Open();  // and again from the vault
  }
}

TEST_F(DirectoryCache, G6_ListThatItsIssuerDidNotSignIsLeftOut) {
  auto directory = Open();
  Sync(*directory);
  region_.Revoke(*nurse_);
  region_.relay.tamper_directory = [](relay::v1::DirectorySyncResponse& response) {
    for (auto& entry : *response.mutable_entries()) {
      if (entry.has_revocation_list()) {
        entry.mutable_revocation_list()->back() ^= 1;
      }
    }
  };
  Sync(*directory);
  EXPECT_FALSE(directory->AnyRevoked());
  EXPECT_THAT(vault_.Scan(Table::kTrust, AsBytes("crl/"), {}).value(), IsEmpty());
}

TEST_F(DirectoryCache, DamagedRowsAreSaidNotTrusted) {
  auto directory = Open();
  Sync(*directory);
  const Hash32 nurse = SigningCertificate(*nurse_);
  const Bytes key = client::RowKey("c").Add(nurse).bytes();
  // Somebody else's certificate in the nurse's place.
  const Bytes managers = client::RowKey("c").Add(SigningCertificate(*manager_)).bytes();
  const Bytes row = vault_.Get(Table::kDirectory, key).value().value();
  ASSERT_TRUE(
      vault_.Put(Table::kDirectory, key, *vault_.Get(Table::kDirectory, managers).value()).ok());
  EXPECT_EQ(directory->Find(nurse).error().code(), Code::kCorrupt);
  // Its issuer is gone.
  ASSERT_TRUE(vault_.Put(Table::kDirectory, key, row).ok());
  const Bytes issuer = client::RowKey("c").Add(Sha256(nurse_->Identity().chain.front())).bytes();
  ASSERT_TRUE(vault_.Erase(Table::kDirectory, issuer).ok());
  EXPECT_EQ(directory->Find(nurse).error().code(), Code::kCorrupt);
  ASSERT_TRUE(vault_.Put(Table::kDirectory, AsBytes("pshort"), {}).ok());
  EXPECT_EQ(directory->People().error().code(), Code::kCorrupt);
}

}  // namespace
}  // namespace renkei::test
