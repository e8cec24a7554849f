// Order, signer and policy; what evidence allows is succession_evidence_test.cc.
#include "crypto/thread/succession.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/crypto/thread/support/example.h"

namespace renkei::thread {
namespace {

// A nurse (steward, devices 0 and 1), a doctor (2) and a pharmacist of the nurse's institution (3).
class Succession : public testing::Test {
 protected:
  Succession() {
    Card card = example_.FirstCard(nurse_a_);
    card.policy.who_may_add = Rule::kStewards;
    card.policy.who_may_remove = Rule::kStewards;
    first_ = test::MakeCommit(card, nurse_a_, {}).card;
    current_ = Commit(example_.NextCard(first_, nurse_a_, everyone_), nurse_a_).card;
  }

  static CommitPayload Commit(const Card& card, const test::ExampleDevice& signer) {
    return test::MakeCommit(card, signer, signer.leaf);
  }
  Card Next(const test::ExampleDevice& committer, const test::Devices& members) {
    return example_.NextCard(current_, committer, members);
  }
  Status Judge(const CommitPayload& next, const test::ExampleDevice& signer) const {
    return JudgeSuccession(&current_, next, signer.Signer(), {});
  }
  Status Judge(const Card& card, const test::ExampleDevice& signer) const {
    return Judge(Commit(card, signer), signer);
  }
  static void ExpectRefused(const Status& status, Code code, const std::string& where) {
    ASSERT_FALSE(status.ok()) << "accepted, expected: " << where;
    EXPECT_EQ(CodeName(status.error().code()), std::string(CodeName(code)));
    EXPECT_EQ(status.error().where(), where);
  }

  test::ExampleCase example_{5};
  InstitutionId station_ = example_.NewInstitution();
  PersonRef nurse_ = example_.NewPerson(station_);
  test::ExampleDevice nurse_a_ = example_.NewDevice(nurse_, 0);
  test::ExampleDevice nurse_b_ = example_.NewDevice(nurse_, 1);
  test::ExampleDevice doctor_ =
      example_.NewDevice(example_.NewPerson(example_.NewInstitution()), 2);
  test::ExampleDevice pharmacist_ = example_.NewDevice(example_.NewPerson(station_), 3);
  test::Devices everyone_ = {&nurse_a_, &nurse_b_, &doctor_, &pharmacist_};
  SignedCard first_;
  SignedCard current_;
};

TEST_F(Succession, CaseBeginsWithItsCreatorAlone) {
  const CommitPayload first{first_, {}};
  EXPECT_TRUE(JudgeSuccession(nullptr, first, nurse_a_.Signer(), {}).ok());
}

TEST_F(Succession, G3_CaseBeginsWithOneDeviceThatIsSteward) {
  Card two = example_.FirstCard(nurse_a_);
  two.members.push_back(doctor_.Member(0));
  example_.FillReaders(two);
  ExpectRefused(
      JudgeSuccession(nullptr, test::MakeCommit(two, nurse_a_, {}), nurse_a_.Signer(), {}),
      Code::kMalformed, "succession: a case begins with one device");
  Card no_steward = example_.FirstCard(nurse_a_);
  no_steward.policy.stewards = {doctor_.person};
  ExpectRefused(
      JudgeSuccession(nullptr, test::MakeCommit(no_steward, nurse_a_, {}), nurse_a_.Signer(), {}),
      Code::kDenied, "succession: who opens a case is a steward of it");
}

TEST_F(Succession, G3_FirstCardIsSignedByItsOnlyMember) {
  const CommitPayload first{first_, {}};
  ExpectRefused(JudgeSuccession(nullptr, first, doctor_.Signer(), {}), Code::kDenied,
                "succession: the card is signed by another device or person");
  Signer other_certificate = nurse_a_.Signer();
  other_certificate.certificate_hash[0] ^= 1;
  ExpectRefused(JudgeSuccession(nullptr, first, other_certificate, {}), Code::kDenied,
                "succession: signed under another certificate than the card's");
}

TEST_F(Succession, LaterCardsNeedTheOneBefore) {
  const CommitPayload later{current_, test::CommitBytes(current_.card.mls_group_id, 0, 0)};
  ExpectRefused(JudgeSuccession(nullptr, later, nurse_a_.Signer(), {}), Code::kFutureEpoch,
                "succession: the cards before are missing");
}

TEST_F(Succession, RefoundingIsNotInThisVersion) {
  Card card = example_.FirstCard(nurse_a_);
  card.at.generation = 1;
  card.previous_card_hash = current_.hash;
  const CommitPayload refound = test::MakeCommit(card, nurse_a_, {});
  ExpectRefused(JudgeSuccession(nullptr, refound, nurse_a_.Signer(), {}), Code::kUnsupported,
                "succession: refounding is not in this version");
  ExpectRefused(Judge(refound, nurse_a_), Code::kUnsupported,
                "succession: refounding is not in this version");
}

TEST_F(Succession, UpdateOfTheOwnLeafIsAllowedToEverybody) {
  for (const test::ExampleDevice* device : everyone_) {
    EXPECT_TRUE(Judge(Next(*device, everyone_), *device).ok());
  }
}

TEST_F(Succession, EpochGoesUpByOne) {
  ExpectRefused(
      Judge(CommitPayload{current_, test::CommitBytes(current_.card.mls_group_id, 0, 0)}, nurse_a_),
      Code::kStaleEpoch, "succession: that epoch is in force or over");
  ExpectRefused(Judge(CommitPayload{first_, {}}, nurse_a_), Code::kStaleEpoch,
                "succession: that epoch is in force or over");
  Card card = Next(nurse_a_, everyone_);
  card.at.epoch += 1;
  ExpectRefused(Judge(card, nurse_a_), Code::kFutureEpoch, "succession: a card between is missing");
}

TEST_F(Succession, StaysWithCasePreviousCardAndGroup) {
  Card card = Next(nurse_a_, everyone_);
  card.case_id = CaseId::Generate(example_.random());
  ExpectRefused(Judge(card, nurse_a_), Code::kMalformed, "succession: another case");
  card = Next(nurse_a_, everyone_);
  card.previous_card_hash[5] ^= 1;
  ExpectRefused(Judge(card, nurse_a_), Code::kMalformed,
                "succession: follows another card than the one in force");
  card = Next(nurse_a_, everyone_);
  card.mls_group_id[0] ^= 1;
  ExpectRefused(Judge(card, nurse_a_), Code::kMalformed, "succession: another group id");
}

TEST_F(Succession, CommitIsOfTheCardsGroupAndEpoch) {
  const Card card = Next(nurse_a_, everyone_);
  const Bytes group = card.mls_group_id;
  const Bytes other_group(group.size(), 9);
  for (const Bytes& commit : {test::CommitBytes(group, 2, 0), test::CommitBytes(group, 0, 0),
                              test::CommitBytes(other_group, 1, 0)}) {
    Card named = card;
    named.commit_hash = Sha256(commit);
    const CommitPayload next{SignCard(named, nurse_a_.key).value(), commit};
    ExpectRefused(Judge(next, nurse_a_), Code::kMalformed,
                  "succession: the commit is of another group or epoch");
  }
}

TEST_F(Succession, G3_CommitComesFromTheCommittersLeaf) {
  const CommitPayload next = test::MakeCommit(Next(nurse_a_, everyone_), nurse_a_, doctor_.leaf);
  ExpectRefused(Judge(next, nurse_a_), Code::kDenied,
                "succession: the commit is sent from another leaf");
}

TEST_F(Succession, GarbageInsteadOfACommitIsRefused) {
  CommitPayload next = Commit(Next(nurse_a_, everyone_), nurse_a_);
  next.commit = ToBytes("garbage");
  EXPECT_FALSE(Judge(next, nurse_a_).ok());
}

TEST_F(Succession, G3_SignerIsTheCommitter) {
  const CommitPayload next = Commit(Next(nurse_a_, everyone_), nurse_a_);
  ExpectRefused(Judge(next, doctor_), Code::kDenied,
                "succession: the card is signed by another device or person");
  Signer impostor = nurse_a_.Signer();  // the same device id, certified by another institution
  impostor.person = doctor_.person;
  ExpectRefused(JudgeSuccession(&current_, next, impostor, {}), Code::kDenied,
                "succession: the card is signed by another device or person");
  Signer other_device = nurse_a_.Signer();
  other_device.device = doctor_.id;
  ExpectRefused(JudgeSuccession(&current_, next, other_device, {}), Code::kDenied,
                "succession: the card is signed by another device or person");
  Signer other_certificate = nurse_a_.Signer();
  other_certificate.certificate_hash[0] ^= 1;
  ExpectRefused(JudgeSuccession(&current_, next, other_certificate, {}), Code::kDenied,
                "succession: signed under another certificate than the card's");
}

TEST_F(Succession, RenewedCertificateIsVouchedForByTheOldKey) {
  test::ExampleDevice renewed = example_.NewDevice(doctor_.person, doctor_.leaf);
  renewed.id = doctor_.id;
  const Card card = Next(renewed, {&nurse_a_, &nurse_b_, &renewed, &pharmacist_});
  EXPECT_EQ(SignerCertificateHash(&current_.card, card), doctor_.Signer().certificate_hash);
  EXPECT_TRUE(Judge(Commit(card, doctor_), doctor_).ok());
  ExpectRefused(Judge(Commit(card, renewed), renewed), Code::kDenied,
                "succession: signed under another certificate than the card's");
}

TEST_F(Succession, G3_NobodyRenewsAnothersCertificate) {
  test::ExampleDevice forged = example_.NewDevice(nurse_, nurse_a_.leaf);
  forged.id = nurse_a_.id;
  const Card card = Next(doctor_, {&forged, &nurse_b_, &doctor_, &pharmacist_});
  ExpectRefused(Judge(card, doctor_), Code::kDenied,
                "succession: the policy does not let the committer remove");
}

TEST_F(Succession, G3_OnlyStewardsAddWhereThePolicySaysSo) {
  const test::ExampleDevice newcomer = example_.NewDevice(example_.NewPerson(station_), 4);
  test::Devices more = everyone_;
  more.push_back(&newcomer);
  EXPECT_TRUE(Judge(Next(nurse_a_, more), nurse_a_).ok());
  EXPECT_TRUE(Judge(Next(nurse_b_, more), nurse_b_).ok());
  ExpectRefused(Judge(Next(doctor_, more), doctor_), Code::kDenied,
                "succession: the policy does not let the committer add");
}

TEST_F(Succession, G3_OnlyStewardsRemoveWhereThePolicySaysSo) {
  const test::Devices fewer = {&nurse_a_, &nurse_b_, &doctor_};
  EXPECT_TRUE(Judge(Next(nurse_a_, fewer), nurse_a_).ok());
  ExpectRefused(Judge(Next(doctor_, fewer), doctor_), Code::kDenied,
                "succession: the policy does not let the committer remove");
}

TEST_F(Succession, AnyMemberAddsWhereThePolicySaysSo) {
  Card card = Next(nurse_a_, everyone_);
  card.policy.who_may_add = Rule::kAnyMember;
  current_ = Commit(card, nurse_a_).card;
  const test::ExampleDevice newcomer = example_.NewDevice(example_.NewPerson(station_), 4);
  test::Devices more = everyone_;
  more.push_back(&newcomer);
  EXPECT_TRUE(Judge(Next(doctor_, more), doctor_).ok());
}

// Judged by the policy before: a commit does not give itself the right.
TEST_F(Succession, G3_PolicyAsOfThePreviousCardCounts) {
  const test::ExampleDevice newcomer = example_.NewDevice(example_.NewPerson(station_), 4);
  test::Devices more = everyone_;
  more.push_back(&newcomer);
  Card card = Next(doctor_, more);
  card.policy.who_may_add = Rule::kAnyMember;
  ExpectRefused(Judge(card, doctor_), Code::kDenied,
                "succession: only a steward changes the policy");
}

TEST_F(Succession, StewardChangesThePolicyButLeavesASteward) {
  Card card = Next(nurse_a_, everyone_);
  card.policy.stewards = {doctor_.person};
  EXPECT_TRUE(Judge(card, nurse_a_).ok());
  card.policy.stewards = {example_.NewPerson(station_)};
  ExpectRefused(Judge(card, nurse_a_), Code::kDenied,
                "succession: the new policy leaves the case without steward");
}

TEST_F(Succession, G8_WithoutAnyStewardEveryMemberCountsAsOne) {
  const test::Devices others = {&nurse_a_, &doctor_, &pharmacist_};
  Card card = Next(nurse_a_, others);
  card.policy.stewards = {doctor_.person};
  current_ = Commit(card, nurse_a_).card;
  // The doctor's last device is revoked, and with it the last steward.
  JudgedEvidence evidence;
  evidence.revoked = {doctor_.id};
  const CommitPayload removal = Commit(Next(nurse_a_, {&nurse_a_, &pharmacist_}), nurse_a_);
  ASSERT_TRUE(JudgeSuccession(&current_, removal, nurse_a_.Signer(), evidence).ok());
  current_ = removal.card;
  card = Next(pharmacist_, {&nurse_a_, &pharmacist_});
  card.policy.stewards = {pharmacist_.person};
  EXPECT_TRUE(Judge(card, pharmacist_).ok());
}

TEST_F(Succession, PersonManagesTheirOwnDevices) {
  const test::ExampleDevice another = example_.NewDevice(doctor_.person, 4);
  test::Devices more = everyone_;
  more.push_back(&another);
  const CommitPayload added = Commit(Next(doctor_, more), doctor_);
  ASSERT_TRUE(Judge(added, doctor_).ok());
  current_ = added.card;
  EXPECT_TRUE(Judge(Next(another, {&nurse_a_, &nurse_b_, &pharmacist_, &another}), another).ok());
}

TEST_F(Succession, CommitterStaysInItsLeaf) {
  test::ExampleDevice moved = example_.NewDevice(doctor_.person, 7);
  moved.id = doctor_.id;
  moved.certificate = doctor_.certificate;
  const Card card = Next(doctor_, {&nurse_a_, &nurse_b_, &pharmacist_, &moved});
  ExpectRefused(Judge(card, doctor_), Code::kMalformed, "succession: the committer's leaf moved");
}

TEST_F(Succession, JoinedEpochIsTheOneTheyCameInAt) {
  Card card = Next(nurse_a_, everyone_);
  EXPECT_EQ(card.members[0].joined_epoch, 0U);
  EXPECT_EQ(card.members[2].joined_epoch, 1U);
  card.members[2].joined_epoch = 0;
  ExpectRefused(Judge(card, nurse_a_), Code::kMalformed,
                "succession: a member's joined epoch is wrong");
}

TEST_F(Succession, G3_DeviceKeepsItsPerson) {
  test::ExampleDevice taken = example_.NewDevice(example_.NewPerson(station_), doctor_.leaf);
  taken.id = doctor_.id;
  const Card card = Next(nurse_a_, {&nurse_a_, &nurse_b_, &taken, &pharmacist_});
  ExpectRefused(Judge(card, nurse_a_), Code::kMalformed, "succession: a device changed its person");
}

TEST_F(Succession, G3_InstitutionKeepsItsCaKey) {
  Card card = Next(nurse_a_, everyone_);
  card.institutions[1].ca_key[0] ^= 1;
  ExpectRefused(Judge(card, nurse_a_), Code::kDenied,
                "succession: an institution's CA key changed");
}

TEST_F(Succession, ArchiveKeysOnlyGoForward) {
  Card card = Next(nurse_a_, everyone_);
  card.recipients[0].key_version = 2;
  ExpectRefused(Judge(card, nurse_a_), Code::kDenied,
                "succession: an archive key changed without a new version");
  card.recipients[0].key_id = Sha256(AsBytes("rotated"));
  const CommitPayload rotated = Commit(card, nurse_a_);
  ASSERT_TRUE(Judge(rotated, nurse_a_).ok());
  Card back = example_.NextCard(rotated.card, nurse_a_, everyone_);
  current_ = rotated.card;
  ExpectRefused(Judge(back, nurse_a_), Code::kDenied,
                "succession: an archive key went back to an older version");
  card = Next(nurse_a_, everyone_);
  card.recipients = current_.card.recipients;
  card.recipients[1].key_id = Sha256(AsBytes("replaced"));
  ExpectRefused(Judge(card, nurse_a_), Code::kDenied,
                "succession: an archive key changed without a new version");
}

}  // namespace
}  // namespace renkei::thread
