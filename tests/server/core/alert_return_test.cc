// Alerts over a restore: the relay's own notes, given back, put its rows where they were.
#include "server/core/alert_return.h"

#include "tests/server/support/alert_fixture.h"

namespace renkei::test {
namespace {

using server::AlertState;

class ReturnedAlerts : public AlertFixture {
 protected:
  void Take(const thread::RelayNote& note) {
    store.Write(
        [&](server::WriteTransaction& transaction) {
          return server::TakeAlertNote(transaction, note, parts.card.card);
        },
        [](const Status& status) { EXPECT_TRUE(status.ok()); });
  }
  // What a backup lacks: the alert's row is not there, its record is.
  void Forget(std::uint64_t seq) {
    notes = Notes();
    lost = *Row(seq);
    auto blank = store.Backup();
    store.Restore(*before);
    store.Write(
        [&](server::WriteTransaction& transaction) -> Status {
          const thread::Position at{seq, {}, clock.Now()};
          return transaction.AddEntry(case_id,
                                      {at, thread::EntryKind::kRecord, record, std::nullopt});
        },
        [](const Status& status) { ASSERT_TRUE(status.ok()); });
  }

  std::shared_ptr<const MemoryStore::Content> before;
  Bytes record;
  std::vector<thread::RelayNote> notes;
  server::AlertRow lost;
};

TEST_F(ReturnedAlerts, StandWhereTheLastNoteLeftThem) {
  before = store.Backup();
  const Bytes bytes = thread::SerializeAlertPlan(plan);
  record = Urgent(nurse, bytes);
  const std::uint64_t seq = HeadOf(case_id).seq + 1;
  ASSERT_EQ(NameOf(Begin(nurse, record, bytes)), "accepted");
  RunDue();
  Forget(seq);
  ASSERT_FALSE(Row(seq));
  Take(notes[0]);
  EXPECT_EQ(Row(seq)->next_step, 0U);
  EXPECT_EQ(Row(seq)->plan, bytes);
  EXPECT_EQ(Row(seq)->record, lost.record);
  EXPECT_EQ(Row(seq)->sender, lost.sender);
  EXPECT_EQ(Row(seq)->sender_device, lost.sender_device);
  Take(notes[1]);
  EXPECT_EQ(Row(seq)->next_step, 1U);
  EXPECT_EQ(Row(seq)->timer.wait, Minutes(5));
  EXPECT_EQ(server::RemainingOf(Row(seq)->timer, {{9}, {1}}, clock.Now() + Minutes(1)), Minutes(4));
}

TEST_F(ReturnedAlerts, ThatWereAcknowledgedStayOver) {
  const std::uint64_t seq = Begin(nurse);
  RunDue();
  before = store.Backup();
  ASSERT_EQ(NameOfAck(Acknowledge(doctor, Reply(doctor), seq)), "accepted");
  notes = Notes();
  store.Restore(*before);
  ASSERT_EQ(Row(seq)->state, AlertState::kOpen);
  Take(notes.back());
  EXPECT_EQ(Row(seq)->state, AlertState::kAcknowledged);
  EXPECT_EQ(Row(seq)->responder, doctor.device.id);
}

TEST_F(ReturnedAlerts, OtherNotesChangeNothing) {
  const std::uint64_t seq = Begin(nurse);
  const auto row = Row(seq);
  thread::RelayNote note;
  note.case_id = case_id;
  note.kind = 3;
  Take(note);
  EXPECT_EQ(Row(seq), row);
}

}  // namespace
}  // namespace renkei::test
