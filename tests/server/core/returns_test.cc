// A relay restored from a backup takes back what it had acknowledged, nothing else, and no thread
// goes on before everybody has been heard (G4, G5, G8).
#include "server/core/returns.h"

#include "crypto/thread/entry.h"
#include "crypto/thread/notice.h"
#include "tests/server/support/relay_fixture.h"

namespace renkei::test {
namespace {

using server::Accepted;
using server::GiveBackOutcome;
using server::GiveBackView;
using server::Refusal;
using server::ReturnRefusal;
using server::Standing;

class Returning : public RelayFixture {
 protected:
  void SetUp() override {
    RelayFixture::SetUp();
    PublishAll();
    first = world.NewCase(nurse);
    ASSERT_EQ(NameOf(Create(nurse, first)), "accepted");
    second = world.NextCommit(first.card, nurse, {&nurse, &doctor});
    ASSERT_EQ(NameOf(Commit(nurse, second)), "accepted");
    case_id = first.card.card.case_id;
    ASSERT_NE(ArmOf<Accepted>(Append(nurse, Record(nurse, second))), nullptr);
    backup = store.Backup();
    backed_up = HeadOf(case_id);
    // What the backup does not have: a record, a commit that takes the doctor's colleague in, a
    // record of that epoch.
    record = Record(doctor, second);
    ASSERT_NE(ArmOf<Accepted>(Append(doctor, record)), nullptr);
    third = world.NextCommit(second.card, nurse, {&nurse, &doctor, &deputy});
    ASSERT_EQ(NameOf(Commit(nurse, third)), "accepted");
    ASSERT_NE(ArmOf<Accepted>(Append(nurse, Record(nurse, third))), nullptr);
    held = HeadOf(case_id);
    TakeCopy();
  }

  Bytes Record(const Handset& sender, const CommitParts& in_force) {
    return world.Record(in_force.card, sender, HeadOf(case_id));
  }

  // What a member's vault keeps: entries as received, and the newest signed head.
  void TakeCopy() {
    auto page = relay->reader().Read(nurse.Caller(), case_id, 0, 100);
    ASSERT_TRUE(page.ok() && *page && (*page)->complete);
    entries = std::move((*page)->entries);
    proof = (*page)->signed_head;
  }

  void Restore() {
    relay.reset();
    store.Restore(*backup);
    ASSERT_TRUE(Mark());
    Open();
  }
  bool Mark() {
    bool marked = false;
    store.Write(
        [](server::WriteTransaction& transaction) {
          static constexpr std::uint8_t kYes = 1;
          return transaction.PutMeta("restored", ByteView(&kYes, 1));
        },
        [&](const Status& status) { marked = status.ok(); });
    return marked;
  }

  GiveBackView At(const thread::Position& position) const {
    GiveBackView view;
    view.case_id = case_id;
    view.held_seq = position.seq;
    view.held_hash = position.hash;
    return view;
  }
  // With the entries first..last, the rest up to `held` as links.
  GiveBackView Giving(std::uint64_t first_seq, std::uint64_t last) const {
    GiveBackView view = At(held);
    view.proof = proof;
    view.envelopes = third.envelopes;
    for (const server::EntryRow& row : entries) {
      if (row.seq >= first_seq && row.seq <= last) {
        view.entries.push_back(
            {case_id, row.seq, row.kind, row.received_at, row.payload, row.hash});
      } else if (row.seq > last) {
        view.links.push_back({row.kind, row.received_at, Sha256(row.payload)});
      }
    }
    return view;
  }
  GiveBackView Giving() const { return Giving(backed_up.seq + 1, held.seq); }

  Result<GiveBackOutcome> GiveBack(const Handset& by, const GiveBackView& view) {
    return Await<GiveBackOutcome>([&](const server::Reply<GiveBackOutcome>& reply) {
      relay->returns().GiveBack(by.Caller(), view, reply);
    });
  }
  // Aborts the test's expectation with what came instead.
  Standing StandingAfter(const Handset& by, const GiveBackView& view) {
    const auto outcome = GiveBack(by, view);
    EXPECT_TRUE(outcome.ok()) << outcome.error().where();
    const auto* standing = outcome.ok() ? std::get_if<Standing>(&*outcome) : nullptr;
    EXPECT_NE(standing, nullptr) << (outcome.ok() ? outcome->index() : 9);
    return standing != nullptr ? *standing : Standing{};
  }
  void ExpectRefused(const Handset& by, const GiveBackView& view, ReturnRefusal refusal) {
    const thread::Position before = HeadOf(case_id);
    const auto outcome = GiveBack(by, view);
    ASSERT_TRUE(outcome.ok()) << outcome.error().where();
    const auto* refused = std::get_if<ReturnRefusal>(&*outcome);
    ASSERT_NE(refused, nullptr);
    EXPECT_EQ(*refused, refusal);
    EXPECT_EQ(HeadOf(case_id), before) << "a refusal changes nothing";
  }

  Office& station = world.AddOffice("訪問看護ステーション（架空）");
  Office& clinic = world.AddOffice("医院（架空）", pki::InstitutionKind::kClinic);
  Handset& nurse = world.AddMember(station);
  Handset& doctor = world.AddMember(clinic);
  Handset& deputy = world.AddMember(clinic);
  Handset& stranger = world.AddMember(clinic);
  CommitParts first;
  CommitParts second;
  CommitParts third;
  CaseId case_id;
  std::shared_ptr<const MemoryStore::Content> backup;
  thread::Position backed_up;
  thread::Position held;
  Bytes record;
  std::vector<server::EntryRow> entries;
  Bytes proof;
};

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
