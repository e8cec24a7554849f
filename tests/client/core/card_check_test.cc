// What a card may not say about a group and about the people on it (G3), rule by rule.
#include "client/core/card_check.h"

#include "client/core/certify.h"
#include "client/core/credential.h"
#include "crypto/thread/policy.h"
#include "tests/client/core/case_fixture.h"
#include "tests/support/insider.h"

namespace renkei::test {
namespace {

class CardCheck : public CaseFixture {
 protected:
  CardCheck() { card_ = open_.card->card; }

  // Why the group does not bear the card out; empty: it does.
  std::string AgainstGroup() {
    const Status checked = client::CheckCardAgainstGroup(card_, nullptr, *open_.group);
    return checked.ok() ? "" : checked.error().where();
  }
  Status Certificates(const thread::Card* previous = nullptr) {
    return client::CheckCardCertificates(card_, previous, region_.clock.Now(),
                                         manager_inside_.core().certificates());
  }
  thread::CardMember& NurseOnCard() {
    for (thread::CardMember& member : card_.members) {
      if (member.person == nurse_->person()) {
        return member;
      }
    }
    CheckFailed("the nurse is on the card", __FILE__, __LINE__);
  }
  thread::CardRecipient& NursesKey() {
    for (thread::CardRecipient& recipient : card_.recipients) {
      if (recipient.person == nurse_->person().person) {
        return recipient;
      }
    }
    CheckFailed("the nurse's key is on the card", __FILE__, __LINE__);
  }
  Hash32 Fingerprint(const Bytes& der) { return Sha256(der); }

  Insider manager_inside_{region_, *manager_};
  client::OpenCase open_ = manager_inside_.Open(case_);
  thread::Card card_;
};

TEST_F(CardCheck, TheCardInForceHolds) {
  // joined_epoch follows from the card before; that one is gone here, so it is taken as it is.
  EXPECT_TRUE(client::CheckJoinedGroup(card_, *open_.group).ok());
  EXPECT_TRUE(Certificates().ok());
}

TEST_F(CardCheck, G3_AnotherGroupOrEpochIsRefused) {
  card_.at.epoch += 1;
  EXPECT_EQ(AgainstGroup(), "card: names another group or epoch than the commit made");
  card_.at.epoch -= 1;
  card_.mls_group_id[0] ^= 1;
  EXPECT_EQ(AgainstGroup(), "card: names another group or epoch than the commit made");
}

TEST_F(CardCheck, G3_AnotherPolicyThanTheGroupsIsRefused) {
  card_.policy.stewards = {nurse_->person()};
  EXPECT_EQ(AgainstGroup(), "card: its policy is not the group's");
}

TEST_F(CardCheck, G3_AnotherSecretsEpochIdIsRefused) {
  card_.epoch_id[31] ^= 1;
  EXPECT_EQ(AgainstGroup(), "card: its epoch id is not that of the group's secret");
}

TEST_F(CardCheck, G3_AMemberTooManyTooFewOrExchangedIsRefused) {
  const thread::Card good = card_;
  const auto refused = [&] {
    const Status checked = client::CheckJoinedGroup(card_, *open_.group);
    return !checked.ok() && checked.error().code() == Code::kDenied &&
           std::string(checked.error().where()) == "card: its members are not the group's";
  };
  card_.members.pop_back();
  EXPECT_TRUE(refused()) << "one hidden";
  card_ = good;
  card_.members.push_back(card_.members.front());
  EXPECT_TRUE(refused()) << "one invented";
  card_ = good;
  std::swap(card_.members[0].device, card_.members[1].device);
  EXPECT_TRUE(refused()) << "devices exchanged";
  card_ = good;
  NurseOnCard().person.person = PersonId{};
  EXPECT_TRUE(refused()) << "another name on a device";
  card_ = good;
  NurseOnCard().leaf_index += 1;
  EXPECT_TRUE(refused()) << "another leaf";
  card_ = good;
  NurseOnCard().signing_certificate_hash[0] ^= 1;
  EXPECT_TRUE(refused()) << "another certificate";
}

TEST_F(CardCheck, JoinedEpochsMustFollowFromTheCardBefore) {
  thread::Card before = card_;
  before.members.pop_back();
  // Against a card without the nurse, she comes in with this very epoch.
  const auto members = client::MembersOf(*open_.group, &before).value();
  EXPECT_EQ(members.back().joined_epoch, open_.group->epoch().value);
  NurseOnCard().joined_epoch = 0;
  EXPECT_EQ(client::CheckCardAgainstGroup(card_, &before, *open_.group).error().code(),
            Code::kDenied);
}

TEST_F(CardCheck, TheArchiveSecretIsTheCasesAndNoOthers) {
  EXPECT_TRUE(Equal(client::ArchiveSecretOf(*open_.group, case_), *open_.secret));
  EXPECT_FALSE(Equal(client::ArchiveSecretOf(*open_.group, CaseId{}), *open_.secret));
}

TEST_F(CardCheck, G3_AMembersCertificateOfSomebodyElseIsRefused) {
  NurseOnCard().signing_certificate_hash = Fingerprint(manager_->Identity().signing_certificate);
  EXPECT_EQ(Certificates().error().code(), Code::kDenied);
}

TEST_F(CardCheck, G3_AMembersCertificateOfAnotherRoleIsRefused) {
  NurseOnCard().signing_certificate_hash = Fingerprint(nurse_->Identity().tls_certificate);
  EXPECT_EQ(Certificates().error().code(), Code::kDenied);
}

TEST_F(CardCheck, G3_AnInstitutionWithAnotherCaKeyIsRefused) {
  for (thread::CardInstitution& each : card_.institutions) {
    each.ca_key[0] ^= 1;
  }
  EXPECT_EQ(Certificates().error().code(), Code::kDenied);
}

TEST_F(CardCheck, G3_ARecipientKeyOfSomebodyElseIsRefused) {
  NursesKey().key_id = Fingerprint(manager_->Identity().person_archive_keys[0].certificate);
  EXPECT_EQ(Certificates().error().code(), Code::kDenied);
}

TEST_F(CardCheck, G3_ARecipientKeyOfAnotherVersionOrRoleIsRefused) {
  NursesKey().key_version = 2;
  EXPECT_EQ(Certificates().error().code(), Code::kDenied);
  NursesKey().key_version = 1;
  NursesKey().key_id = Fingerprint(nurse_->Identity().device_certificate);
  EXPECT_EQ(Certificates().error().code(), Code::kDenied);
}

TEST_F(CardCheck, ACertificateThatIsNotHereIsToBeFetched) {
  NursesKey().key_id[0] ^= 1;
  EXPECT_EQ(Certificates().error().code(), Code::kNotFound);
}

TEST_F(CardCheck, WhatTheCardBeforeHadIsNotJudgedAgain) {
  const thread::Card before = card_;
  region_.clock.Advance(Days(365 * 20));  // every certificate has expired
  EXPECT_TRUE(Certificates(&before).ok());
  EXPECT_EQ(Certificates().error().code(), Code::kDenied);
}

}  // namespace
}  // namespace renkei::test
