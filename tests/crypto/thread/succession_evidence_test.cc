// What links, revocations and leave requests allow, and what not.
#include <gtest/gtest.h>

#include <string>

#include "crypto/thread/succession.h"
#include "tests/crypto/thread/support/example.h"

namespace renkei::thread {
namespace {

// A nurse (steward), a doctor with two devices and a pharmacist; only stewards add and remove.
class Evidence : public testing::Test {
 protected:
  Evidence() {
    Card card = example_.FirstCard(nurse_);
    card.policy.who_may_add = Rule::kStewards;
    const SignedCard first = test::MakeCommit(card, nurse_, {}).card;
    current_ = test::MakeCommit(example_.NextCard(first, nurse_, everyone_), nurse_, 0).card;
  }

  CommitPayload Member(const test::ExampleDevice& committer, const test::Devices& members) {
    return test::MakeCommit(example_.NextCard(current_, committer, members), committer,
                            committer.leaf);
  }
  CommitPayload External(const test::ExampleDevice& committer, const test::Devices& members) {
    return test::MakeCommit(example_.NextCard(current_, committer, members), committer, {});
  }
  Status Judge(const CommitPayload& next, const test::ExampleDevice& signer) const {
    return JudgeSuccession(&current_, next, signer.Signer(), evidence_);
  }
  static void ExpectRefused(const Status& status, Code code, const std::string& where) {
    ASSERT_FALSE(status.ok()) << "accepted, expected: " << where;
    EXPECT_EQ(CodeName(status.error().code()), std::string(CodeName(code)));
    EXPECT_EQ(status.error().where(), where);
  }
  test::Devices With(const test::ExampleDevice& device) const {
    test::Devices out = everyone_;
    out.push_back(&device);
    return out;
  }
  void Accept(const CommitPayload& next, const test::ExampleDevice& signer) {
    ASSERT_TRUE(Judge(next, signer).ok());
    current_ = next.card;
  }
  LeaveRequest Leave(const test::ExampleDevice& device) const {
    return {current_.card.case_id, current_.card.at, device.person, device.id, test::kExampleTime};
  }

  test::ExampleCase example_{6};
  test::ExampleDevice nurse_ = example_.NewDevice(example_.NewPerson(example_.NewInstitution()), 0);
  PersonRef doctor_ = example_.NewPerson(example_.NewInstitution());
  test::ExampleDevice doctor_a_ = example_.NewDevice(doctor_, 1);
  test::ExampleDevice doctor_b_ = example_.NewDevice(doctor_, 2);
  test::ExampleDevice pharmacist_ =
      example_.NewDevice(example_.NewPerson(example_.NewInstitution()), 3);
  test::Devices everyone_ = {&nurse_, &doctor_a_, &doctor_b_, &pharmacist_};
  test::ExampleDevice new_device_ = example_.NewDevice(doctor_, 4);
  SignedCard current_;
  JudgedEvidence evidence_;
};

TEST_F(Evidence, NewDeviceJoinsWithALinkOfAnOldOne) {
  evidence_.link = test::MakeExampleLink(doctor_a_, new_device_);
  EXPECT_TRUE(Judge(External(new_device_, With(new_device_)), new_device_).ok());
}

TEST_F(Evidence, G3_NewDeviceWithoutLinkIsRefused) {
  ExpectRefused(Judge(External(new_device_, With(new_device_)), new_device_), Code::kNotFound,
                "succession: external commit without link signature");
}

TEST_F(Evidence, G3_LinkIsForThisDevicePersonAndKey) {
  const Link good = test::MakeExampleLink(doctor_a_, new_device_);
  const CommitPayload next = External(new_device_, With(new_device_));
  const auto expect_refused = [&](const Link& link) {
    evidence_.link = link;
    ExpectRefused(Judge(next, new_device_), Code::kNotFound,
                  "succession: the link signature is not for this device");
  };
  Link link = good;
  link.new_device = DeviceId::Generate(example_.random());
  expect_refused(link);
  link = good;
  link.person = nurse_.person;
  expect_refused(link);
  link = good;
  link.signing_key[0] ^= 1;
  expect_refused(link);
}

// A device that was taken out of the case vouches for nobody any more, whatever date it writes.
TEST_F(Evidence, G6_LinkOfARemovedOrRevokedDeviceIsRefused) {
  evidence_.link = test::MakeExampleLink(example_.NewDevice(doctor_, 9), new_device_);
  ExpectRefused(Judge(External(new_device_, With(new_device_)), new_device_), Code::kNotFound,
                "succession: the link signature is not for this device");
  evidence_.link = test::MakeExampleLink(doctor_a_, new_device_);
  evidence_.link->linking_device = nurse_.id;  // of another person
  ExpectRefused(Judge(External(new_device_, With(new_device_)), new_device_), Code::kNotFound,
                "succession: the link signature is not for this device");
}

TEST_F(Evidence, G3_PersonOutsideDoesNotJoinByThemselves) {
  const test::ExampleDevice outsider =
      example_.NewDevice(example_.NewPerson(doctor_.institution), 4);
  evidence_.link = test::MakeExampleLink(outsider, outsider);
  ExpectRefused(Judge(External(outsider, With(outsider)), outsider), Code::kDenied,
                "succession: external commit of a person who is no member");
}

TEST_F(Evidence, G3_ExternalCommitTouchesItsOwnLeafOnly) {
  evidence_.link = test::MakeExampleLink(doctor_a_, new_device_);
  const std::string refusal = "succession: external commit changes more than its own leaf";
  // replaces another device of the same person
  ExpectRefused(
      Judge(External(new_device_, {&nurse_, &doctor_a_, &pharmacist_, &new_device_}), new_device_),
      Code::kDenied, refusal);
  // brings somebody along
  const test::ExampleDevice friend_of_theirs = example_.NewDevice(doctor_, 5);
  test::Devices two = With(new_device_);
  two.push_back(&friend_of_theirs);
  ExpectRefused(Judge(External(new_device_, two), new_device_), Code::kDenied, refusal);
  // changes the policy
  Card card = example_.NextCard(current_, new_device_, With(new_device_));
  card.policy.who_may_add = Rule::kAnyMember;
  ExpectRefused(Judge(test::MakeCommit(card, new_device_, {}), new_device_), Code::kDenied,
                refusal);
}

TEST_F(Evidence, LostDeviceReplacesItsOwnLeaf) {
  EXPECT_TRUE(Judge(External(pharmacist_, everyone_), pharmacist_).ok());
  test::ExampleDevice moved = example_.NewDevice(pharmacist_.person, 7);
  moved.id = pharmacist_.id;
  moved.certificate = pharmacist_.certificate;
  EXPECT_TRUE(
      Judge(External(pharmacist_, {&nurse_, &doctor_a_, &doctor_b_, &moved}), pharmacist_).ok());
}

// Whoever certifies devices could otherwise take the place of any of them.
TEST_F(Evidence, G3_ResyncUnderAnotherCertificateIsRefused) {
  test::ExampleDevice forged = example_.NewDevice(pharmacist_.person, pharmacist_.leaf);
  forged.id = pharmacist_.id;
  const CommitPayload next = External(forged, {&nurse_, &doctor_a_, &doctor_b_, &forged});
  ExpectRefused(Judge(next, forged), Code::kDenied,
                "succession: signed under another certificate than the card's");
  ExpectRefused(JudgeSuccession(&current_, next, pharmacist_.Signer(), evidence_), Code::kDenied,
                "succession: resync under another certificate");
}

TEST_F(Evidence, MemberCommitAddsALinkedDevice) {
  const CommitPayload next = Member(pharmacist_, With(new_device_));
  ExpectRefused(Judge(next, pharmacist_), Code::kDenied,
                "succession: the policy does not let the committer add");
  evidence_.link = test::MakeExampleLink(doctor_b_, new_device_);
  EXPECT_TRUE(Judge(next, pharmacist_).ok());
  evidence_.revoked = {doctor_b_.id};
  ExpectRefused(
      Judge(Member(pharmacist_, {&nurse_, &doctor_a_, &pharmacist_, &new_device_}), pharmacist_),
      Code::kDenied, "succession: the policy does not let the committer add");
}

TEST_F(Evidence, G6_AnyMemberRemovesARevokedDevice) {
  const CommitPayload next = Member(pharmacist_, {&nurse_, &doctor_b_, &pharmacist_});
  ExpectRefused(Judge(next, pharmacist_), Code::kDenied,
                "succession: the policy does not let the committer remove");
  evidence_.revoked = {doctor_a_.id};
  EXPECT_TRUE(Judge(next, pharmacist_).ok());
}

TEST_F(Evidence, G6_RevokedDeviceDoesNotStay) {
  evidence_.revoked = {doctor_a_.id};
  const std::string refusal = "succession: a device that the card shows revoked stays";
  ExpectRefused(Judge(Member(nurse_, everyone_), nurse_), Code::kDenied, refusal);
  ExpectRefused(Judge(Member(doctor_a_, everyone_), doctor_a_), Code::kDenied, refusal);
}

TEST_F(Evidence, AnyMemberCarriesOutALeaveRequest) {
  const CommitPayload next = Member(pharmacist_, {&nurse_, &pharmacist_});
  ExpectRefused(Judge(next, pharmacist_), Code::kDenied,
                "succession: the policy does not let the committer remove");
  evidence_.leaving = {Leave(doctor_b_)};
  EXPECT_TRUE(Judge(next, pharmacist_).ok());
}

TEST_F(Evidence, LeaveRequestIsForThePersonNotForOneDevice) {
  evidence_.leaving = {Leave(doctor_b_)};
  ExpectRefused(Judge(Member(pharmacist_, {&nurse_, &doctor_a_, &pharmacist_}), pharmacist_),
                Code::kDenied, "succession: the policy does not let the committer remove");
  ExpectRefused(Judge(Member(pharmacist_, {&doctor_a_, &doctor_b_, &pharmacist_}), pharmacist_),
                Code::kDenied, "succession: the policy does not let the committer remove");
}

TEST_F(Evidence, LeaveRequestOfAnotherCaseEpochOrStrangerCountsForNothing) {
  const CommitPayload next = Member(pharmacist_, {&nurse_, &pharmacist_});
  LeaveRequest other_case = Leave(doctor_b_);
  other_case.case_id = CaseId::Generate(example_.random());
  LeaveRequest future = Leave(doctor_b_);
  future.at.epoch += 1;
  LeaveRequest early = Leave(doctor_b_);  // they came in at epoch 1
  early.at.epoch = 0;
  LeaveRequest stranger = Leave(doctor_b_);
  stranger.device = DeviceId::Generate(example_.random());
  LeaveRequest generation = Leave(doctor_b_);
  generation.at = {1, 1};
  LeaveRequest another_person = Leave(doctor_b_);
  another_person.person = nurse_.person;
  LeaveRequest anothers_device = Leave(doctor_b_);
  anothers_device.device = nurse_.id;
  for (const LeaveRequest& request :
       {other_case, future, early, stranger, generation, another_person, anothers_device}) {
    evidence_.leaving = {request};
    ExpectRefused(Judge(next, pharmacist_), Code::kDenied,
                  "succession: the policy does not let the committer remove");
  }
}

// Gone, and added again: the old request must not throw them out a second time.
TEST_F(Evidence, LeaveRequestDoesNotOutliveTheMembership) {
  evidence_.leaving = {Leave(pharmacist_)};
  Accept(Member(doctor_a_, {&nurse_, &doctor_a_, &doctor_b_}), doctor_a_);
  const LeaveRequest old = evidence_.leaving[0];
  evidence_.leaving.clear();
  Accept(Member(nurse_, everyone_), nurse_);
  evidence_.leaving = {old};
  ExpectRefused(Judge(Member(doctor_a_, {&nurse_, &doctor_a_, &doctor_b_}), doctor_a_),
                Code::kDenied, "succession: the policy does not let the committer remove");
}

TEST_F(Evidence, G3_WhoWasNoMemberSendsFromNoLeaf) {
  evidence_.link = test::MakeExampleLink(doctor_a_, new_device_);
  ExpectRefused(Judge(Member(new_device_, With(new_device_)), new_device_), Code::kDenied,
                "succession: the commit is sent from another leaf");
}

}  // namespace
}  // namespace renkei::thread
