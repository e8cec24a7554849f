#include "client/core/enrolment_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "renkei/vault/v1/enrolment.pb.h"
#include "tests/support/memory_vault.h"

namespace renkei::client {
namespace {

using testing::IsEmpty;

class EnrolmentStore : public testing::Test {
 protected:
  MadeInvitation Invitation() {
    MadeInvitation out;
    out.purpose = seal::InvitationPurpose::kStaff;
    out.ticket = TicketId::Generate(random_);
    out.institution = InstitutionId::Generate(random_);
    out.person = PersonId::Generate(random_);
    out.name = "架空 ゆき";
    out.detail = "Registered Nurse";
    out.expires_at = {1000};
    out.secret = random_.NextSecret(seal::kInvitationSecretBytes);
    return out;
  }
  PendingJoin Join(seal::InvitationPurpose purpose) {
    const bool device = purpose == seal::InvitationPurpose::kDevice;
    PendingJoin out{.keys = GenerateKeys(!device, random_)};
    out.purpose = purpose;
    out.ticket = TicketId::Generate(random_);
    out.region = RegionId::Generate(random_);
    out.root_der = ToBytes("root");
    out.relay_address = "relay.invalid:443";
    out.institution = InstitutionId::Generate(random_);
    out.person = PersonId::Generate(random_);
    out.institution_key_hash = Sha256(AsBytes("ca"));
    out.name = "架空 ゆき";
    out.profession = "Registered Nurse";
    out.signed_request = ToBytes("request");
    if (purpose == seal::InvitationPurpose::kInstitution) {
      out.institution_key = SigningKey::Generate(random_);
      out.institution_archive = random_.NextSecret(32);
    }
    return out;
  }
  std::size_t Keys() { return vault_.Scan(Table::kKeys, {}, {}).value().size(); }

  SeededRandom random_{1};
  MemoryVault vault_;
};

TEST_F(EnrolmentStore, AnInvitationComesBackWithItsSecret) {
  const MadeInvitation made = Invitation();
  ASSERT_TRUE(SaveInvitation(vault_, made).ok());
  const auto read = LoadInvitation(vault_, made.ticket).value();
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->purpose, made.purpose);
  EXPECT_EQ(read->ticket, made.ticket);
  EXPECT_EQ(read->institution, made.institution);
  EXPECT_EQ(read->person, made.person);
  EXPECT_EQ(read->name, made.name);
  EXPECT_EQ(read->detail, made.detail);
  EXPECT_EQ(read->expires_at, made.expires_at);
  EXPECT_TRUE(Equal(read->secret, made.secret));
}

TEST_F(EnrolmentStore, AnErasedInvitationLeavesNoSecret) {
  const MadeInvitation made = Invitation();
  const MadeInvitation other = Invitation();
  ASSERT_TRUE(SaveInvitation(vault_, made).ok() && SaveInvitation(vault_, other).ok());
  ASSERT_TRUE(EraseInvitation(vault_, made.ticket).ok());
  EXPECT_FALSE(LoadInvitation(vault_, made.ticket).value().has_value());
  EXPECT_EQ(Keys(), 1U);
  EXPECT_TRUE(LoadInvitation(vault_, other.ticket).value().has_value());
}

TEST_F(EnrolmentStore, AnInvitationOfNoKnownPurposeIsDamage) {
  const MadeInvitation made = Invitation();
  ASSERT_TRUE(SaveInvitation(vault_, made).ok());
  const auto rows = vault_.Scan(Table::kEnrolment, {}, {}).value();
  vault::v1::StoredInvitation row;
  ASSERT_TRUE(row.ParseFromString(ToString(rows[0].value)));
  row.set_purpose(4);
  ASSERT_TRUE(vault_.Put(Table::kEnrolment, rows[0].key, AsBytes(row.SerializeAsString())).ok());
  EXPECT_EQ(LoadInvitation(vault_, made.ticket).error().code(), Code::kCorrupt);
}

TEST_F(EnrolmentStore, AJoinComesBackWithItsKeys) {
  for (const auto purpose : {seal::InvitationPurpose::kInstitution, seal::InvitationPurpose::kStaff,
                             seal::InvitationPurpose::kDevice}) {
    const PendingJoin join = Join(purpose);
    ASSERT_TRUE(SavePendingJoin(vault_, join).ok());
    const auto read = LoadPendingJoin(vault_).value();
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->purpose, purpose);
    EXPECT_EQ(read->ticket, join.ticket);
    EXPECT_EQ(read->region, join.region);
    EXPECT_EQ(read->root_der, join.root_der);
    EXPECT_EQ(read->relay_address, join.relay_address);
    EXPECT_EQ(read->institution, join.institution);
    EXPECT_EQ(read->person, join.person);
    EXPECT_EQ(read->institution_key_hash, join.institution_key_hash);
    EXPECT_EQ(read->name, join.name);
    EXPECT_EQ(read->profession, join.profession);
    EXPECT_EQ(read->signed_request, join.signed_request);
    EXPECT_FALSE(read->submitted);
    EXPECT_EQ(read->keys.device, join.keys.device);
    EXPECT_EQ(read->keys.signing.public_key(), join.keys.signing.public_key());
    EXPECT_EQ(read->keys.tls.public_key(), join.keys.tls.public_key());
    EXPECT_TRUE(Equal(read->keys.device_key, join.keys.device_key));
    EXPECT_TRUE(Equal(read->keys.person_archive, join.keys.person_archive));
    EXPECT_EQ(read->institution_key.has_value(), join.institution_key.has_value());
    EXPECT_TRUE(Equal(read->institution_archive, join.institution_archive));
    ASSERT_TRUE(ErasePendingJoin(vault_).ok());
    EXPECT_EQ(Keys(), 0U) << "no key of a join that is over";
    EXPECT_FALSE(LoadPendingJoin(vault_).value().has_value());
  }
}

TEST_F(EnrolmentStore, WhatWasSubmittedIsRemembered) {
  EXPECT_EQ(MarkSubmitted(vault_).error().code(), Code::kNotFound);
  ASSERT_TRUE(SavePendingJoin(vault_, Join(seal::InvitationPurpose::kStaff)).ok());
  ASSERT_TRUE(MarkSubmitted(vault_).ok());
  EXPECT_TRUE(LoadPendingJoin(vault_).value()->submitted);
}

TEST_F(EnrolmentStore, AJoinIsSavedWholeOrNotAtAll) {
  const PendingJoin join = Join(seal::InvitationPurpose::kInstitution);
  for (std::size_t nth = 1; nth <= 8; ++nth) {
    MemoryVault vault;
    vault.FailAtWrite(nth, MemoryVault::Fault::kFailOnce);
    {
      auto transaction = Transaction::Begin(vault).value();
      EXPECT_FALSE(SavePendingJoin(vault, join).ok() && transaction.Commit().ok()) << nth;
    }
    EXPECT_FALSE(LoadPendingJoin(vault).value().has_value()) << nth;
    EXPECT_THAT(vault.Scan(Table::kKeys, {}, {}).value(), IsEmpty()) << nth;
  }
}

TEST_F(EnrolmentStore, AJoinWithoutItsKeyIsDamage) {
  ASSERT_TRUE(SavePendingJoin(vault_, Join(seal::InvitationPurpose::kStaff)).ok());
  ASSERT_TRUE(vault_.Erase(Table::kKeys, AsBytes("join/signing")).ok());
  EXPECT_EQ(LoadPendingJoin(vault_).error().code(), Code::kCorrupt);
}

TEST_F(EnrolmentStore, TheMarkOfUnpublishedCertificatesComesAndGoes) {
  EXPECT_FALSE(IsUnpublished(vault_).value());
  ASSERT_TRUE(MarkUnpublished(vault_, true).ok());
  EXPECT_TRUE(IsUnpublished(vault_).value());
  ASSERT_TRUE(MarkUnpublished(vault_, false).ok());
  EXPECT_FALSE(IsUnpublished(vault_).value());
}

}  // namespace
}  // namespace renkei::client
