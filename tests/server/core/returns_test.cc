// A relay restored from a backup takes back what it had acknowledged, nothing else, and no thread
// goes on before everybody has been heard (G4, G5, G8).
#include "server/core/returns.h"

#include "crypto/thread/entry.h"
#include "crypto/thread/notice.h"
#include "tests/server/core/returns_fixture.h"

namespace renkei::test {
namespace {

using server::Accepted;
using server::GiveBackOutcome;
using server::GiveBackView;
using server::Refusal;
using server::ReturnRefusal;
using server::Standing;

TEST_F(Returning, RelayThatWasNeverRestoredTakesNothingBack) {
  ExpectRefused(nurse, Giving(), ReturnRefusal::kNotRestored);
}

TEST_F(Returning, RestoredRelayIsAnotherIncarnationAndStaysItFromStartToStart) {
  const thread::IncarnationId before = relay->incarnation();
  Restore();
  const thread::IncarnationId after = relay->incarnation();
  EXPECT_NE(after, before);
  Open();
  EXPECT_EQ(relay->incarnation(), after);
}

TEST_F(Returning, NothingNewIsTakenBeforeEverybodyWasHeard) {
  Restore();
  EXPECT_EQ(NameOf(Append(nurse, Record(nurse, second))), "returning");
  EXPECT_EQ(NameOf(Commit(nurse, world.NextCommit(second.card, nurse, {&nurse, &doctor}))),
            "returning");
  EXPECT_EQ(HeadOf(case_id), backed_up);
  EXPECT_TRUE((*relay->reader().Read(nurse.Caller(), case_id, 0, 1))->returning);
}

TEST_F(Returning, G5_WhatWasAcknowledgedComesBackFromOneMember) {
  Restore();
  const Standing standing = StandingAfter(nurse, Giving());
  EXPECT_EQ(standing.head, held);
  EXPECT_EQ(standing.restored_to, backed_up.seq);
  EXPECT_FALSE(standing.open);
  EXPECT_EQ(standing.waiting_for, 2U) << "doctor and deputy";
  const auto page = relay->reader().Read(doctor.Caller(), case_id, 0, 100);
  ASSERT_TRUE(page.ok() && *page);
  ASSERT_EQ((*page)->entries.size(), entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    EXPECT_EQ((*page)->entries[i].hash, entries[i].hash);
    EXPECT_EQ((*page)->entries[i].payload, entries[i].payload);
  }
  const auto retried = Append(doctor, record);
  EXPECT_NE(ArmOf<server::Duplicate>(retried), nullptr) << "a retry is still told";
}

TEST_F(Returning, CommitGivenBackRestoresMembersCardAndEnvelopes) {
  Restore();
  StandingAfter(nurse, Giving());
  const auto page = relay->reader().Read(deputy.Caller(), case_id, 0, 100);
  ASSERT_TRUE(page.ok());
  ASSERT_TRUE(page->has_value()) << "the deputy was taken in after the backup";
  EXPECT_TRUE((*page)->wants_commit);
  for (const thread::Envelope& envelope : third.envelopes) {
    std::vector<server::EnvelopeRow> rows;
    ASSERT_TRUE(store
                    .Read([&](server::ReadTransaction& transaction) -> Status {
                      RENKEI_ASSIGN(rows, transaction.ReadEnvelopes(case_id, envelope.key_id,
                                                                    second.card.card.at, 10));
                      return Ok();
                    })
                    .ok());
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0].envelope, thread::SerializeEnvelope(envelope));
  }
}

TEST_F(Returning, ThreadGoesOnWithTheRelaysNoteWhenTheLastDeviceIsHeard) {
  Restore();
  EXPECT_FALSE(StandingAfter(doctor, At(backed_up)).open) << "behind, and not the last";
  EXPECT_FALSE(StandingAfter(nurse, Giving()).open);
  const Standing standing = StandingAfter(deputy, At(held));
  EXPECT_TRUE(standing.open);
  EXPECT_EQ(standing.head.seq, held.seq + 1);
  const auto page = relay->reader().Read(nurse.Caller(), case_id, held.seq, 10);
  ASSERT_EQ((*page)->entries.size(), 1U);
  EXPECT_FALSE((*page)->returning);
  const auto note = thread::VerifyRelayNote((*page)->entries[0].payload,
                                            world.Identity().signing_certificate.public_key());
  ASSERT_TRUE(note.ok());
  EXPECT_EQ(note->kind, static_cast<std::uint32_t>(thread::RelayNoteKind::kIncarnation));
  EXPECT_EQ(note->subject, relay->incarnation().bytes);
  EXPECT_NE(ArmOf<Accepted>(Append(nurse, Record(nurse, third))), nullptr);
  const CommitParts fourth = world.NextCommit(third.card, doctor, {&nurse, &doctor, &deputy});
  EXPECT_EQ(NameOf(Commit(doctor, fourth)), "accepted");
  EXPECT_FALSE((*relay->reader().Read(nurse.Caller(), case_id, held.seq, 10))->wants_commit);
}

TEST_F(Returning, GivingInPiecesProvesEachPieceByTheLinksToTheHead) {
  Restore();
  const Standing half = StandingAfter(nurse, Giving(backed_up.seq + 1, backed_up.seq + 1));
  EXPECT_EQ(half.head.seq, backed_up.seq + 1);
  EXPECT_EQ(half.waiting_for, 2U) << "the nurse has more to give: not heard yet";
  EXPECT_EQ(StandingAfter(nurse, Giving(backed_up.seq + 1, held.seq)).head, held)
      << "what is there already is passed over";
}

TEST_F(Returning, WhatTheRelayDidNotSignIsNotTaken) {
  Restore();
  GiveBackView unsigned_view = Giving();
  unsigned_view.proof = {};
  ExpectRefused(nurse, unsigned_view, ReturnRefusal::kUnproven);
  GiveBackView shortened = Giving(backed_up.seq + 1, held.seq - 1);
  shortened.links.clear();
  ExpectRefused(nurse, shortened, ReturnRefusal::kUnproven);
  GiveBackView other_link = Giving(backed_up.seq + 1, backed_up.seq + 1);
  other_link.links[0].payload_hash[0] ^= 1;
  ExpectRefused(nurse, other_link, ReturnRefusal::kUnproven);
  // A member who invents an entry and hashes on correctly lacks the relay's signature.
  GiveBackView invented = Giving(backed_up.seq + 1, backed_up.seq + 1);
  const Bytes forged = world.Record(second.card, doctor, backed_up);
  invented.entries[0].payload = forged;
  invented.entries[0].hash = thread::NextHash(backed_up.hash, invented.entries[0]);
  ExpectRefused(nurse, invented, ReturnRefusal::kUnproven);
}

TEST_F(Returning, HeadOfTheNewIncarnationProvesNothing) {
  Restore();
  GiveBackView view = Giving();
  const server::HeadSigner signer(world.Identity().signing_key.Clone(), relay->incarnation());
  const Bytes fresh = signer.Sign(case_id, held);
  view.proof = fresh;
  ExpectRefused(nurse, view, ReturnRefusal::kUnproven);
}

TEST_F(Returning, AlteredEntriesAndGapsAreRefused) {
  Restore();
  GiveBackView altered = Giving();
  Bytes changed = ToBytes(altered.entries[0].payload);
  changed.back() ^= 1;
  altered.entries[0].payload = changed;
  ExpectRefused(nurse, altered, ReturnRefusal::kFork);
  GiveBackView other_past = Giving(backed_up.seq, held.seq);
  other_past.entries[0].hash[0] ^= 1;
  ExpectRefused(nurse, other_past, ReturnRefusal::kFork);
  ExpectRefused(nurse, Giving(backed_up.seq + 2, held.seq), ReturnRefusal::kGap);
  GiveBackView elsewhere = At(backed_up);
  elsewhere.held_hash[0] ^= 1;
  ExpectRefused(nurse, elsewhere, ReturnRefusal::kFork);
}

TEST_F(Returning, StrangerGivesButIsNotHeardAndLearnsNothing) {
  Restore();
  const auto asked = GiveBack(stranger, At(backed_up));
  ASSERT_TRUE(asked.ok());
  EXPECT_TRUE(std::holds_alternative<server::NoMember>(*asked));
  EXPECT_EQ(StandingAfter(stranger, Giving()).waiting_for, 3U);
}

TEST_F(Returning, StewardsWordOpensEarlyAndNobodyElses) {
  Restore();
  GiveBackView view = At(backed_up);
  view.go_on = true;
  EXPECT_FALSE(StandingAfter(doctor, view).open);
  EXPECT_TRUE(StandingAfter(nurse, view).open);
  // Who comes later with more is told that the thread went on.
  ExpectRefused(doctor, Giving(), ReturnRefusal::kFork);
}

TEST_F(Returning, WaitEndsAfterADayAndNotBefore) {
  Restore();
  clock.Advance(server::kReturnWait - Millis{1});
  EXPECT_EQ(NameOf(Append(nurse, Record(nurse, second))), "returning");
  clock.Advance(Millis{1});
  EXPECT_EQ(NameOf(Append(stranger, Record(stranger, second))), "not a member");
  EXPECT_EQ(HeadOf(case_id).seq, backed_up.seq + 1) << "the note alone";
  EXPECT_EQ(NameOf(Append(nurse, Record(nurse, second))), "accepted");
  EXPECT_EQ(HeadOf(case_id).seq, backed_up.seq + 2) << "the note, then the record";
  EXPECT_EQ(NameOf(Append(nurse, Record(nurse, second))), "accepted");
  EXPECT_EQ(HeadOf(case_id).seq, backed_up.seq + 3) << "one note only";
}

TEST_F(Returning, CaseThatTheBackupDoesNotKnowComesBackFromItsFirstEntry) {
  backup = std::make_shared<const MemoryStore>()->Backup();
  Restore();
  PublishAll();
  const Standing standing = StandingAfter(nurse, Giving(1, held.seq));
  EXPECT_EQ(standing.head, held);
  EXPECT_EQ(standing.restored_to, 0U);
  StandingAfter(doctor, At(held));
  EXPECT_TRUE(StandingAfter(deputy, At(held)).open);
  EXPECT_NE(ArmOf<Accepted>(Append(nurse, Record(nurse, third))), nullptr);
}

TEST_F(Returning, NewCaseOfARestoredRelayIsOpen) {
  Restore();
  const CommitParts fresh = world.NewCase(nurse);
  ASSERT_EQ(NameOf(Create(nurse, fresh)), "accepted");
  const CaseId other = fresh.card.card.case_id;
  EXPECT_NE(ArmOf<Accepted>(Append(nurse, world.Record(fresh.card, nurse, HeadOf(other)))),
            nullptr);
}

TEST_F(Returning, RestoredASecondTimeEverybodyIsAskedAgain) {
  Restore();
  GiveBackView view = At(backed_up);
  view.go_on = true;
  ASSERT_TRUE(StandingAfter(nurse, view).open);
  ASSERT_TRUE(Mark());
  Open();
  EXPECT_EQ(NameOf(Append(nurse, Record(nurse, second))), "returning");
}

TEST_F(Returning, FullDiskTakesNothingAndTheSameCallAgainTakesAll) {
  Restore();
  store.FailWrites(true);
  EXPECT_FALSE(GiveBack(nurse, Giving()).ok());
  store.FailWrites(false);
  EXPECT_EQ(HeadOf(case_id), backed_up);
  EXPECT_EQ(StandingAfter(nurse, Giving()).head, held);
}

}  // namespace
}  // namespace renkei::test
