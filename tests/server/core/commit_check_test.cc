// The refusals that threads_commit_test.cc does not come to: shape, keys, evidence.
#include "server/core/commit_check.h"

#include "crypto/pki/revocation.h"
#include "crypto/thread/leave.h"
#include "tests/server/support/relay_fixture.h"

namespace renkei::test {
namespace {

class CheckedCommits : public RelayFixture {
 protected:
  void SetUp() override {
    RelayFixture::SetUp();
    PublishAll();
    first = world.NewCase(nurse);
    ASSERT_EQ(NameOf(Create(nurse, first)), "accepted");
    good = world.NextCommit(first.card, nurse, {&nurse, &doctor});
  }
  // Nothing before was let in if this one still is.
  void TearDown() override { EXPECT_EQ(NameOf(Commit(nurse, good)), "accepted"); }

  Code ErrorOf(const CommitParts& parts) {
    const auto outcome = Commit(nurse, parts);
    EXPECT_FALSE(outcome.ok()) << NameOf(outcome);
    return outcome.ok() ? Code::kInternal : outcome.error().code();
  }
  std::string AfterChange(const std::function<void(thread::Card&)>& change) {
    CommitParts changed = good;
    change(changed.card.card);
    for (std::size_t i = 0; i < changed.envelopes.size(); ++i) {
      changed.envelopes[i].key_id = changed.card.card.recipients[i].key_id;
      changed.envelopes[i].key_version = changed.card.card.recipients[i].key_version;
    }
    world.Resign(changed, nurse);
    return NameOf(Commit(nurse, changed));
  }
  // The recipient on the card that stands for the doctor.
  thread::CardRecipient& DoctorOn(thread::Card& card) const {
    for (thread::CardRecipient& recipient : card.recipients) {
      if (recipient.person == doctor.person->Ref().person) {
        return recipient;
      }
    }
    RENKEI_CHECK(false);
    return card.recipients.front();
  }

  Office& station = world.AddOffice("訪問看護ステーション（架空）");
  Office& clinic = world.AddOffice("医院（架空）", pki::InstitutionKind::kClinic);
  Handset& nurse = world.AddMember(station);
  Handset& doctor = world.AddMember(clinic);
  Handset& deputy = world.AddMember(clinic);
  CommitParts first;
  CommitParts good;
};

TEST_F(CheckedCommits, OversizedCommitOrWelcomeIsTold) {
  CommitParts bad = good;
  bad.commit.resize(server::kMaxCommitPartBytes + 1);
  EXPECT_EQ(ErrorOf(bad), Code::kTooLarge);
  bad = good;
  bad.welcomes[0].second.resize(server::kMaxWelcomeBytes + 1);
  EXPECT_EQ(ErrorOf(bad), Code::kTooLarge);
}

TEST_F(CheckedCommits, WhatIsMissingIsMalformed) {
  CommitParts bad = good;
  bad.group_info.clear();
  EXPECT_EQ(ErrorOf(bad), Code::kMalformed);
  bad = good;
  bad.welcomes[0].second.clear();
  EXPECT_EQ(ErrorOf(bad), Code::kMalformed);
  bad = good;
  bad.welcomes.push_back({{}, good.welcomes[0].second});
  EXPECT_EQ(ErrorOf(bad), Code::kMalformed) << "for nobody";
}

TEST_F(CheckedCommits, TooManyWelcomesOrDevicesAreMalformed) {
  CommitParts bad = good;
  bad.welcomes.resize(server::kMaxWelcomes + 1, good.welcomes[0]);
  EXPECT_EQ(ErrorOf(bad), Code::kMalformed);
  bad = good;
  bad.welcomes[0].first.resize(thread::kMaxMembers + 1, doctor.device.id);
  EXPECT_EQ(ErrorOf(bad), Code::kMalformed);
}

TEST_F(CheckedCommits, WelcomeTwiceForOneDeviceIsRefused) {
  CommitParts bad = good;
  bad.welcomes.push_back(bad.welcomes[0]);
  EXPECT_EQ(NameOf(Commit(nurse, bad)), "bad card");
}

TEST_F(CheckedCommits, CardWhoseBytesCannotBeReadIsRefused) {
  CommitParts bad = good;
  bad.card.card_bytes.pop_back();
  EXPECT_EQ(NameOf(Commit(nurse, bad)), "bad card");
}

TEST_F(CheckedCommits, G3_ArchiveKeyOfAnotherPersonIsRefused) {
  EXPECT_EQ(AfterChange([&](thread::Card& card) {
              DoctorOn(card).key_id = deputy.person->archive.fingerprint();
            }),
            "unknown certificate");
}

TEST_F(CheckedCommits, G3_CertificateOfAnotherRoleIsNoArchiveKey) {
  EXPECT_EQ(AfterChange([&](thread::Card& card) {
              DoctorOn(card).key_id = doctor.device.key.fingerprint();
            }),
            "unknown certificate");
}

TEST_F(CheckedCommits, G3_ArchiveKeyNobodyHasPublishedIsRefused) {
  EXPECT_EQ(AfterChange([&](thread::Card& card) { DoctorOn(card).key_id[0] ^= 1; }),
            "unknown certificate");
}

TEST_F(CheckedCommits, VersionOfAnArchiveKeyIsItsCertificates) {
  EXPECT_EQ(AfterChange([&](thread::Card& card) { DoctorOn(card).key_version = 2; }),
            "unknown certificate");
}

TEST_F(CheckedCommits, G3_MemberIsWhoItsCertificateSays) {
  const auto doctor_on = [&](thread::Card& card) -> thread::CardMember& { return card.members[1]; };
  ASSERT_EQ(doctor_on(good.card.card).device, doctor.device.id);
  // Another device's certificate of the same institution; then a certificate of another role.
  EXPECT_EQ(AfterChange([&](thread::Card& card) {
              doctor_on(card).signing_certificate_hash =
                  deputy.device.signing.certificate.fingerprint();
            }),
            "unknown certificate");
  EXPECT_EQ(AfterChange([&](thread::Card& card) {
              doctor_on(card).signing_certificate_hash =
                  doctor.device.tls.certificate.fingerprint();
            }),
            "unknown certificate");
}

TEST_F(CheckedCommits, G3_AnotherDeviceOfTheCommittersPersonDoesNotBringItsCommit) {
  Handset& tablet = world.AddHandset(*nurse.person);
  PublishAll();
  const auto outcome = Commit(tablet, good);
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code(), Code::kDenied);
}

TEST_F(CheckedCommits, G9_RevokedDeviceIsNotAddedAnyMore) {
  const auto list = pki::CreateCrl(clinic.ca,
                                   {{deputy.device.signing.certificate.serial(), clock.Now(),
                                     pki::RevocationReason::kKeyCompromise}},
                                   1, clock.Now(), clock.Now() + Days(7));
  ASSERT_TRUE((Await<server::RevocationOutcome>([&](const auto& reply) {
                 relay->directory().PublishRevocations(doctor.Caller(), list->der(), reply);
               }).ok()));
  EXPECT_EQ(NameOf(Commit(nurse, world.NextCommit(first.card, nurse, {&nurse, &deputy}))),
            "unknown certificate");
}

class Leaving : public CheckedCommits {
 protected:
  void SetUp() override {
    CheckedCommits::SetUp();
    second = world.NextCommit(first.card, nurse, {&nurse, &doctor, &deputy});
    ASSERT_EQ(NameOf(Commit(nurse, second)), "accepted");
    // Only stewards remove of themselves; the deputy is none.
    removal = world.NextCommit(second.card, deputy, {&nurse, &deputy});
    good = world.NextCommit(second.card, nurse, {&nurse, &deputy});
    request = {second.card.card.case_id, second.card.card.at, doctor.person->Ref(),
               doctor.device.id, clock.Now()};
  }
  std::string RemoveWith(Bytes signed_request) {
    CommitParts parts = removal;
    parts.card.card.evidence.leave_requests = {std::move(signed_request)};
    world.Resign(parts, deputy);
    return NameOf(Commit(deputy, parts));
  }
  void TearDown() override {}

  CommitParts second;
  CommitParts removal;
  thread::LeaveRequest request;
};

TEST_F(Leaving, MemberWhoAsksToLeaveIsRemovedByAnybody) {
  EXPECT_EQ(NameOf(Commit(deputy, removal)), "policy") << "nobody has asked";
  EXPECT_EQ(RemoveWith(thread::MakeLeaveRequest(request, doctor.device.signing.key)), "accepted");
}

TEST_F(Leaving, G3_RequestThatTheMemberHasNotSignedIsNone) {
  EXPECT_EQ(RemoveWith(thread::MakeLeaveRequest(request, deputy.device.signing.key)), "policy");
  EXPECT_EQ(NameOf(Commit(nurse, good)), "accepted");
}

TEST_F(Leaving, RevokedMemberIsRemovedByAnybodyWithTheList) {
  const auto list_by = [&](const pki::Issuer& issuer) {
    return pki::CreateCrl(issuer,
                          {{doctor.device.signing.certificate.serial(), clock.Now(),
                            pki::RevocationReason::kKeyCompromise}},
                          1, clock.Now(), clock.Now() + Days(7))
        ->der();
  };
  CommitParts parts = removal;
  parts.card.card.evidence.revocation_lists = {list_by(station.ca)};
  world.Resign(parts, deputy);
  EXPECT_EQ(NameOf(Commit(deputy, parts)), "policy") << "another institution's list";
  parts.card.card.evidence.revocation_lists = {list_by(clinic.ca)};
  world.Resign(parts, deputy);
  EXPECT_EQ(NameOf(Commit(deputy, parts)), "accepted");
}

}  // namespace
}  // namespace renkei::test
