// Only what the relay has signed, and about this thread's alerts, is taken over.
#include "client/core/take_note.h"

#include "client/core/alert_store.h"
#include "crypto/thread/notice.h"
#include "tests/client/core/case_fixture.h"
#include "tests/support/insider.h"

namespace renkei::test {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

class RelayNotes : public CaseFixture {
 protected:
  thread::RelayNote Note(thread::AlertEvent event) const {
    thread::RelayNote note;
    note.case_id = case_;
    note.kind = static_cast<std::uint32_t>(thread::RelayNoteKind::kAlertStep);
    note.at = region_.clock.Now();
    note.alert = thread::AlertNote{4, event, 2, {}, {}};
    return note;
  }
  std::vector<thread::RelayNote> Take(const thread::RelayNote& note, const SigningKey& key) {
    const Bytes payload = thread::MakeRelayNote(note, key).value();
    thread::EntryView entry;
    entry.case_id = case_;
    entry.seq = 9;
    entry.received_at = Millis{77};
    entry.kind = thread::EntryKind::kRelayNote;
    entry.payload = payload;
    EXPECT_TRUE(client::TakeRelayNote(inside_.core(), open_, entry, changes_).ok());
    return *client::AlertStore(manager_->vault()).Notes(case_, 4);
  }

  Insider inside_{region_, *manager_};
  client::OpenCase open_ = inside_.Open(case_);
  client::Changes changes_;
};

TEST_F(RelayNotes, OfTheRelayAreKeptAndTold) {
  ASSERT_TRUE(client::AlertStore(manager_->vault()).Open(case_, 4).ok());
  EXPECT_THAT(Take(Note(thread::AlertEvent::kEnded), region_.relay_signing.key), SizeIs(1));
  EXPECT_THAT(*client::AlertStore(manager_->vault()).AllOpen(), IsEmpty());
  ASSERT_THAT(changes_.alert_notes, SizeIs(1));
  EXPECT_EQ(changes_.alert_notes[0].record_seq, 4U);
  EXPECT_EQ(changes_.alert_notes[0].note_seq, 9U);
}

TEST_F(RelayNotes, OfSomebodyElseAreNotBelieved) {
  SeededRandom random(5);
  ASSERT_TRUE(client::AlertStore(manager_->vault()).Open(case_, 4).ok());
  EXPECT_THAT(Take(Note(thread::AlertEvent::kEnded), SigningKey::Generate(random)), IsEmpty());
  EXPECT_THAT(*client::AlertStore(manager_->vault()).AllOpen(), SizeIs(1));
  EXPECT_THAT(changes_.alert_notes, IsEmpty());
}

TEST_F(RelayNotes, ThatTheCaseWillBeDeletedIsKeptAndTold) {
  thread::RelayNote note;
  note.case_id = case_;
  note.kind = static_cast<std::uint32_t>(thread::RelayNoteKind::kDeletion);
  SeededRandom random(5);
  Take(note, SigningKey::Generate(random));
  EXPECT_EQ(open_.row.deletion_announced_at, Millis{}) << "not the relay's word";
  Take(note, region_.relay_signing.key);
  EXPECT_EQ(open_.row.deletion_announced_at, Millis{77});
  EXPECT_THAT(changes_.notices, SizeIs(1));
}

TEST_F(RelayNotes, OfAnotherCaseChangeNothing) {
  thread::RelayNote note = Note(thread::AlertEvent::kEnded);
  note.case_id.bytes[0] ^= 1;
  EXPECT_THAT(Take(note, region_.relay_signing.key), IsEmpty());
}

TEST_F(RelayNotes, AboutOtherThingsChangeNothing) {
  thread::RelayNote note = Note(thread::AlertEvent::kEnded);
  note.kind = static_cast<std::uint32_t>(thread::RelayNoteKind::kIncarnation);
  note.alert.reset();
  EXPECT_THAT(Take(note, region_.relay_signing.key), IsEmpty());
}

}  // namespace
}  // namespace renkei::test
