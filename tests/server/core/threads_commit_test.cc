#include "tests/server/support/relay_fixture.h"

namespace renkei::test {
namespace {

using server::Accepted;
using server::Duplicate;
using server::NotAMember;
using server::Stale;

class Commits : public RelayFixture {
 protected:
  void SetUp() override {
    RelayFixture::SetUp();
    PublishAll();
    first = world.NewCase(nurse);
    case_id = first.card.card.case_id;
  }
  void Begin() { ASSERT_EQ(NameOf(Create(nurse, first)), "accepted"); }
  // What the members would see of it: entries, mail, envelopes, GroupInfo.
  std::size_t EntryCount(const Handset& reader) {
    const auto page = relay->reader().Read(reader.Caller(), case_id, 0, 500);
    return page.ok() && *page ? (*page)->entries.size() : 0;
  }

  Office& station = world.AddOffice("訪問看護ステーション（架空）");
  Office& clinic = world.AddOffice("医院（架空）", pki::InstitutionKind::kClinic);
  Handset& nurse = world.AddMember(station);
  Handset& doctor = world.AddMember(clinic);
  Handset& deputy = world.AddMember(clinic);
  CommitParts first;
  CaseId case_id;
};

TEST_F(Commits, CaseBeginsAndItsRetryIsADuplicate) {
  Begin();
  EXPECT_NE(ArmOf<Duplicate>(Create(nurse, first)), nullptr);
  EXPECT_EQ(EntryCount(nurse), 1U);
}

TEST_F(Commits, CaseIdThatIsTakenIsRefused) {
  Begin();
  CommitParts other = world.NewCase(doctor);
  other.card.card.case_id = case_id;
  for (thread::Envelope& envelope : other.envelopes) {
    envelope.case_id = case_id;
  }
  world.Resign(other, doctor);
  EXPECT_EQ(NameOf(Create(doctor, other)), "thread exists");
}

TEST_F(Commits, CommitToAThreadThatDoesNotExistIsRefused) {
  const CommitParts next = world.NextCommit(first.card, nurse, {&nurse, &doctor});
  EXPECT_EQ(NameOf(Commit(nurse, next)), "unknown thread");
}

TEST_F(Commits, EverythingOfACommitIsStoredTogether) {
  Begin();
  const CommitParts next = world.NextCommit(first.card, nurse, {&nurse, &doctor});
  ASSERT_EQ(NameOf(Commit(nurse, next)), "accepted");
  const auto mail = relay->mailbox().Fetch(doctor.Caller(), 0);
  ASSERT_TRUE(mail.ok());
  ASSERT_EQ(mail->size(), 1U);
  EXPECT_EQ((*mail)[0].welcome, next.welcomes[0].second);
  EXPECT_EQ((*mail)[0].seq, 2U);
  const auto envelopes = relay->envelopes().Fetch(
      doctor.Caller(), case_id, doctor.person->archive.fingerprint(), std::nullopt);
  ASSERT_TRUE(envelopes.ok());
  ASSERT_EQ(envelopes->envelopes.size(), 1U);
  const auto group_info = relay->reader().GroupInfo(doctor.Caller(), case_id);
  ASSERT_TRUE(group_info.ok() && *group_info);
  EXPECT_EQ((*group_info)->group_info, next.group_info);
  EXPECT_EQ((*group_info)->card->signed_card.hash, next.card.hash);
}

TEST_F(Commits, OfTwoThatRaceOneIsStaleAndLeavesNothing) {
  Begin();
  ASSERT_NE(ArmOf<Accepted>(Commit(nurse, world.NextCommit(first.card, nurse, {&nurse, &doctor}))),
            nullptr);
  const auto outcome = Commit(nurse, world.NextCommit(first.card, nurse, {&nurse, &deputy}));
  ASSERT_NE(ArmOf<Stale>(outcome), nullptr) << NameOf(outcome);
  EXPECT_EQ(ArmOf<Stale>(outcome)->in_force, (thread::EpochRef{0, 1}));
  EXPECT_EQ(EntryCount(nurse), 2U);
  EXPECT_TRUE(relay->mailbox().Fetch(deputy.Caller(), 0)->empty());
}

TEST_F(Commits, FullDiskLeavesNothingOfACommit) {
  Begin();
  const CommitParts next = world.NextCommit(first.card, nurse, {&nurse, &doctor});
  store.FailWrites(true);
  const auto outcome = Commit(nurse, next);
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code(), Code::kUnavailable);
  store.FailWrites(false);
  EXPECT_EQ(EntryCount(nurse), 1U);
  EXPECT_EQ(EntryCount(doctor), 0U);
  EXPECT_TRUE(relay->mailbox().Fetch(doctor.Caller(), 0)->empty());
  EXPECT_EQ(NameOf(Commit(nurse, next)), "accepted");
}

TEST_F(Commits, G3_StrangerCannotCommit) {
  Begin();
  EXPECT_NE(
      ArmOf<NotAMember>(Commit(doctor, world.NextCommit(first.card, doctor, {&nurse, &doctor}))),
      nullptr);
}

TEST_F(Commits, G3_CommitterThatIsNotTheCallerIsDenied) {
  Begin();
  const CommitParts next = world.NextCommit(first.card, nurse, {&nurse, &doctor});
  const auto outcome = Commit(doctor, next);
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code(), Code::kDenied);
}

TEST_F(Commits, G3_CardSignedByAnotherKeyIsRefused) {
  Begin();
  CommitParts next = world.NextCommit(first.card, nurse, {&nurse, &doctor});
  world.Resign(next, doctor);
  EXPECT_EQ(NameOf(Commit(nurse, next)), "bad card");
}

TEST_F(Commits, G3_CardThatFollowsAnotherCardIsRefused) {
  Begin();
  CommitParts next = world.NextCommit(first.card, nurse, {&nurse, &doctor});
  next.card.card.previous_card_hash[0] ^= 1;
  world.Resign(next, nurse);
  EXPECT_EQ(NameOf(Commit(nurse, next)), "bad card");
}

TEST_F(Commits, G3_PolicyIsJudgedAsTheClientsDo) {
  Begin();
  const CommitParts second = world.NextCommit(first.card, nurse, {&nurse, &doctor, &deputy});
  ASSERT_EQ(NameOf(Commit(nurse, second)), "accepted");
  // Only stewards remove; the doctor is none.
  EXPECT_EQ(NameOf(Commit(doctor, world.NextCommit(second.card, doctor, {&nurse, &doctor}))),
            "policy");
  EXPECT_EQ(NameOf(Commit(nurse, world.NextCommit(second.card, nurse, {&nurse, &doctor}))),
            "accepted");
}

TEST_F(Commits, G3_NewDeviceOfAPersonNeedsTheLinkSignature) {
  Begin();
  Handset& second_device = world.AddHandset(*nurse.person);
  PublishAll();
  const CommitParts joining = world.NextCommit(first.card, second_device, {&nurse, &second_device});
  EXPECT_EQ(NameOf(Commit(second_device, joining)), "link missing");
  CommitParts linked = joining;
  thread::Link link;
  link.person = nurse.person->Ref();
  link.new_device = second_device.device.id;
  link.signing_key = second_device.device.signing.certificate.public_key();
  link.device_key = second_device.device.key.public_key();
  link.tls_key = second_device.device.tls.certificate.public_key();
  link.linking_device = nurse.device.id;
  link.created_at = clock.Now();
  linked.card.card.evidence.link =
      thread::MakeLink(link, nurse.device.signing.key, nurse.device.signing.certificate.der())
          .value();
  world.Resign(linked, second_device);
  EXPECT_EQ(NameOf(Commit(second_device, linked)), "accepted");
}

TEST_F(Commits, G3_EnvelopesAreExactlyTheCardsRecipients) {
  Begin();
  const CommitParts good = world.NextCommit(first.card, nurse, {&nurse, &doctor});
  CommitParts fewer = good;
  fewer.envelopes.pop_back();
  EXPECT_EQ(NameOf(Commit(nurse, fewer)), "recipients");
  CommitParts more = good;
  more.envelopes.push_back(more.envelopes.back());
  EXPECT_EQ(NameOf(Commit(nurse, more)), "recipients");
  CommitParts other = good;
  other.envelopes.back().key_id = deputy.person->archive.fingerprint();
  EXPECT_EQ(NameOf(Commit(nurse, other)), "recipients");
}

TEST_F(Commits, WelcomesAreForExactlyTheNewDevices) {
  Begin();
  const CommitParts good = world.NextCommit(first.card, nurse, {&nurse, &doctor});
  CommitParts none = good;
  none.welcomes.clear();
  EXPECT_EQ(NameOf(Commit(nurse, none)), "bad card");
  CommitParts more = good;
  more.welcomes[0].first.push_back(deputy.device.id);
  EXPECT_EQ(NameOf(Commit(nurse, more)), "bad card");
}

TEST_F(Commits, GroupInfoAndCommitAreTheOnesOnTheCard) {
  Begin();
  const CommitParts good = world.NextCommit(first.card, nurse, {&nurse, &doctor});
  CommitParts other = good;
  other.group_info[0] ^= 1;
  EXPECT_EQ(NameOf(Commit(nurse, other)), "bad card");
  other = good;
  other.commit.back() ^= 1;
  EXPECT_EQ(NameOf(Commit(nurse, other)), "bad card");
}

TEST_F(Commits, MemberWhoseCertificateIsNotInTheDirectoryIsRefused) {
  Begin();
  Handset& unpublished = world.AddMember(clinic);
  EXPECT_EQ(NameOf(Commit(nurse, world.NextCommit(first.card, nurse, {&nurse, &unpublished}))),
            "unknown certificate");
}

TEST_F(Commits, MemberWhoseCertificateIsExpiredIsRefused) {
  Begin();
  clock.Set(doctor.device.signing.certificate.not_after());
  EXPECT_EQ(NameOf(Commit(nurse, world.NextCommit(first.card, nurse, {&nurse, &doctor}))),
            "unknown certificate");
}

TEST_F(Commits, CaKeyThatIsNotTheInstitutionsIsRefused) {
  Begin();
  CommitParts next = world.NextCommit(first.card, nurse, {&nurse, &doctor});
  for (thread::CardInstitution& item : next.card.card.institutions) {
    if (item.institution == doctor.person->Ref().institution) {
      item.ca_key[0] ^= 1;
    }
  }
  world.Resign(next, nurse);
  EXPECT_EQ(NameOf(Commit(nurse, next)), "unknown certificate");
}

TEST_F(Commits, OversizedPartsAreRefused) {
  Begin();
  CommitParts next = world.NextCommit(first.card, nurse, {&nurse, &doctor});
  next.group_info.resize(server::kMaxCommitPartBytes + 1);
  const auto outcome = Commit(nurse, next);
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code(), Code::kTooLarge);
}

}  // namespace
}  // namespace renkei::test
