#include "server/core/relay_note.h"

#include "tests/server/support/relay_fixture.h"

namespace renkei::test {
namespace {

class RelayNotes : public RelayFixture {
 protected:
  void SetUp() override {
    RelayFixture::SetUp();
    PublishAll();
    const CommitParts first = world.NewCase(nurse);
    ASSERT_EQ(NameOf(Create(nurse, first)), "accepted");
    case_id = first.card.card.case_id;
  }
  Status Add(std::uint32_t kind, Millis now) {
    const server::HeadSigner signer(world.Identity().signing_key.Clone(), relay->incarnation());
    Status out = Ok();
    store.Write(
        [&](server::WriteTransaction& transaction) -> Status {
          RENKEI_ASSIGN(auto row, transaction.FindThread(case_id));
          thread::RelayNote note;
          note.kind = kind;
          RENKEI_TRY(server::AppendRelayNote(transaction, *row, note, signer, now));
          return transaction.PutThread(*row);
        },
        [&](const Status& status) { out = status; });
    return out;
  }

  Office& station = world.AddOffice("訪問看護ステーション（架空）");
  Handset& nurse = world.AddMember(station);
  CaseId case_id;
};

TEST_F(RelayNotes, ContinueTheChainUnderTheRelaysSignature) {
  ASSERT_TRUE(Add(3, clock.Now()).ok());
  const auto page = relay->reader().Read(nurse.Caller(), case_id, 0, 100);
  const server::EntryRow& row = (*page)->entries.back();
  EXPECT_EQ(row.kind, thread::EntryKind::kRelayNote);
  const auto note =
      thread::VerifyRelayNote(row.payload, world.Identity().signing_certificate.public_key());
  ASSERT_TRUE(note.ok());
  EXPECT_EQ(note->case_id, case_id);
  EXPECT_EQ(note->at, clock.Now());
  thread::Position position = thread::StartOf(case_id);
  for (const server::EntryRow& each : (*page)->entries) {
    const auto next = thread::CheckNext(
        case_id, position,
        {case_id, each.seq, each.kind, each.received_at, each.payload, each.hash});
    ASSERT_TRUE(next.ok());
    position = *next;
  }
}

TEST_F(RelayNotes, NeverTurnTheThreadsTimeBack) {
  const Millis before = HeadOf(case_id).received_at;
  ASSERT_TRUE(Add(3, before - Hours(1)).ok());
  EXPECT_EQ(HeadOf(case_id).received_at, before);
}

TEST_F(RelayNotes, ThatAreNoneChangeNothing) {
  const thread::Position before = HeadOf(case_id);
  EXPECT_EQ(Add(0, clock.Now()).error().code(), Code::kMalformed);
  EXPECT_EQ(HeadOf(case_id), before);
}

}  // namespace
}  // namespace renkei::test
