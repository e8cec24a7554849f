// Each rule that one card must satisfy by itself, broken alone.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "crypto/thread/card.h"
#include "crypto/thread/leave.h"
#include "crypto/thread/link.h"
#include "tests/crypto/thread/support/example.h"

namespace renkei::thread {
namespace {

class CardRules : public testing::Test {
 protected:
  CardRules() {
    const SignedCard first = test::MakeCommit(example_.FirstCard(nurse_a_), nurse_a_, {}).card;
    card_ = example_.NextCard(first, nurse_a_, {&nurse_a_, &nurse_b_, &doctor_});
    card_.commit_hash = Sha256(AsBytes("commit"));
    EXPECT_TRUE(ValidateCard(card_).ok());
  }

  void ExpectRefused(Code code, const std::string& where) const {
    const Status status = ValidateCard(card_);
    ASSERT_FALSE(status.ok()) << where;
    EXPECT_EQ(CodeName(status.error().code()), std::string(CodeName(code)));
    EXPECT_EQ(status.error().where(), where);
    EXPECT_FALSE(SerializeCard(card_).ok());
  }
  CardRecipient& RecipientOf(const PersonRef& person) {
    return *std::find_if(card_.recipients.begin(), card_.recipients.end(),
                         [&](const CardRecipient& r) {
                           return r.institution == person.institution && r.person == person.person;
                         });
  }

  test::ExampleCase example_{2};
  PersonRef nurse_ = example_.NewPerson(example_.NewInstitution());
  test::ExampleDevice nurse_a_ = example_.NewDevice(nurse_, 0);
  test::ExampleDevice nurse_b_ = example_.NewDevice(nurse_, 1);
  test::ExampleDevice doctor_ =
      example_.NewDevice(example_.NewPerson(example_.NewInstitution()), 2);
  Card card_;
};

TEST_F(CardRules, NamesItsCase) {
  card_.case_id = {};
  ExpectRefused(Code::kMalformed, "card: no case id");
}

TEST_F(CardRules, GroupIdHas16To64Bytes) {
  for (const std::size_t size : {std::size_t{15}, std::size_t{65}, std::size_t{0}}) {
    card_.mls_group_id = Bytes(size, 1);
    ExpectRefused(Code::kMalformed, "card: length of the group id");
  }
  for (const std::size_t size : {std::size_t{16}, std::size_t{64}}) {
    card_.mls_group_id = Bytes(size, 1);
    EXPECT_TRUE(ValidateCard(card_).ok());
  }
}

TEST_F(CardRules, CommitHashIsThereExactlyFromEpoch1On) {
  card_.commit_hash = {};
  ExpectRefused(Code::kMalformed, "card: a commit hash exactly from epoch 1 on");
  Card first = example_.FirstCard(nurse_a_);
  first.commit_hash[0] = 1;
  card_ = first;
  ExpectRefused(Code::kMalformed, "card: a commit hash exactly from epoch 1 on");
}

TEST_F(CardRules, PreviousCardIsThereExactlyFromTheSecondCardOn) {
  card_.previous_card_hash = {};
  ExpectRefused(Code::kMalformed, "card: a previous card exactly from the second card on");
  card_ = example_.FirstCard(nurse_a_);
  card_.previous_card_hash[0] = 1;
  ExpectRefused(Code::kMalformed, "card: a previous card exactly from the second card on");
  card_.at.generation = 1;  // a later generation follows the last good card
  EXPECT_TRUE(ValidateCard(card_).ok());
}

TEST_F(CardRules, PolicyIsValid) {
  card_.policy.stewards.clear();
  ExpectRefused(Code::kMalformed, "policy: no steward");
}

TEST_F(CardRules, HasMembers) {
  card_.members.clear();
  ExpectRefused(Code::kMalformed, "card: no member");
}

TEST_F(CardRules, HasAtMost200Members) {
  card_.members.resize(kMaxMembers + 1);
  ExpectRefused(Code::kTooLarge, "card: too many members");
}

TEST_F(CardRules, MembersStandByLeafIndexOnce) {
  std::swap(card_.members[0], card_.members[1]);
  ExpectRefused(Code::kMalformed, "card: members not in order, or a leaf named twice");
  std::swap(card_.members[0], card_.members[1]);
  card_.members[1].leaf_index = 0;
  ExpectRefused(Code::kMalformed, "card: members not in order, or a leaf named twice");
}

TEST_F(CardRules, NobodyJoinedInTheFuture) {
  card_.members[1].joined_epoch = 2;
  ExpectRefused(Code::kMalformed, "card: a member joined in the future");
}

TEST_F(CardRules, DeviceStandsOnce) {
  card_.members[1].device = card_.members[0].device;
  ExpectRefused(Code::kMalformed, "card: a device named twice");
}

TEST_F(CardRules, CommitterIsAMember) {
  card_.committer_device = DeviceId::Generate(example_.random());
  ExpectRefused(Code::kMalformed, "card: the committer is no member");
}

TEST_F(CardRules, PersonIdStandsInOneInstitution) {
  card_.members[2].person.person = nurse_.person;
  example_.FillReaders(card_);
  ExpectRefused(Code::kMalformed, "card: one person id in two institutions");
}

TEST_F(CardRules, InstitutionsAreExactlyThoseOfTheMembers) {
  const Card good = card_;
  card_.institutions.pop_back();
  ExpectRefused(Code::kMalformed, "card: institutions are not exactly those of the members");
  card_ = good;
  std::swap(card_.institutions[0], card_.institutions[1]);
  ExpectRefused(Code::kMalformed, "card: institutions are not exactly those of the members");
  card_ = good;
  card_.institutions.push_back({example_.NewInstitution(), {}});
  ExpectRefused(Code::kMalformed, "card: institutions are not exactly those of the members");
}

// Nobody reads who is not named, and nobody is named who is no member.
TEST_F(CardRules, G3_RecipientTooManyIsRefused) {
  const PersonRef outsider = example_.NewPerson(nurse_.institution);
  card_.recipients.push_back(
      {outsider.institution, outsider.person, Sha256(outsider.person.view()), 1});
  std::sort(card_.recipients.begin(), card_.recipients.end(), [](const auto& a, const auto& b) {
    return std::pair(a.institution, a.person) < std::pair(b.institution, b.person);
  });
  ExpectRefused(Code::kDenied, "card: a recipient too many");
}

TEST_F(CardRules, G3_InstitutionWithoutMembersIsNoRecipient) {
  const InstitutionId outsider = example_.NewInstitution();
  card_.recipients.push_back({outsider, std::nullopt, Sha256(outsider.view()), 1});
  std::sort(card_.recipients.begin(), card_.recipients.end(), [](const auto& a, const auto& b) {
    return std::pair(a.institution, a.person) < std::pair(b.institution, b.person);
  });
  ExpectRefused(Code::kDenied, "card: a recipient too many");
}

// A member who cannot open the epoch would lose it with their devices.
TEST_F(CardRules, G7_RecipientTooFewIsRefused) {
  const Card good = card_;
  for (std::size_t i = 0; i < good.recipients.size(); ++i) {
    card_ = good;
    card_.recipients.erase(card_.recipients.begin() + static_cast<std::ptrdiff_t>(i));
    ExpectRefused(Code::kDenied, "card: a recipient too few");
  }
}

TEST_F(CardRules, RecipientsStandInOrderOnce) {
  const Card good = card_;
  std::swap(card_.recipients[0], card_.recipients[1]);
  ExpectRefused(Code::kMalformed, "card: recipients not in order or named twice");
  card_ = good;
  card_.recipients.insert(card_.recipients.begin(), card_.recipients[0]);
  ExpectRefused(Code::kMalformed, "card: recipients not in order or named twice");
}

TEST_F(CardRules, RecipientKeyHasAVersion) {
  RecipientOf(nurse_).key_version = 0;
  ExpectRefused(Code::kMalformed, "card: a key without version");
}

TEST_F(CardRules, OneKeyIsNotForTwoRecipients) {
  RecipientOf(nurse_).key_id = RecipientOf(doctor_.person).key_id;
  ExpectRefused(Code::kMalformed, "card: one key for two recipients");
}

TEST_F(CardRules, EvidenceIsBounded) {
  const Card good = card_;
  card_.evidence.leave_requests.assign(kMaxEvidenceItems + 1, Bytes(10));
  ExpectRefused(Code::kTooLarge, "card: too much evidence");
  card_.evidence.leave_requests.assign(1, Bytes(kMaxSignedLeaveBytes + 1));
  ExpectRefused(Code::kMalformed, "card: length of evidence");
  card_ = good;
  card_.evidence.revocation_lists.assign(kMaxEvidenceItems + 1, Bytes(10));
  ExpectRefused(Code::kTooLarge, "card: too much evidence");
  card_.evidence.revocation_lists.assign(1, Bytes());
  ExpectRefused(Code::kMalformed, "card: length of evidence");
  card_ = good;
  card_.evidence.link = Bytes(kMaxSignedLinkBytes + 1);
  ExpectRefused(Code::kMalformed, "card: length of evidence");
}

}  // namespace
}  // namespace renkei::thread
