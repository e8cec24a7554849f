#include "client/core/alert_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/memory_vault.h"

namespace renkei::client {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

CaseId Case(std::uint8_t number) {
  CaseId out;
  out.bytes[0] = number;
  return out;
}

class AlertRows : public testing::Test {
 protected:
  Bytes Note(std::uint32_t step) {
    thread::RelayNote note;
    note.case_id = Case(1);
    note.kind = static_cast<std::uint32_t>(thread::RelayNoteKind::kAlertStep);
    note.at = {step};
    note.alert = thread::AlertNote{7, thread::AlertEvent::kEnded, step, {}, {}};
    return thread::MakeRelayNote(note, key_).value();
  }

  SeededRandom random_{3};
  SigningKey key_ = SigningKey::Generate(random_);
  MemoryVault vault_;
  AlertStore store_{vault_};
};

TEST_F(AlertRows, OpenOnesAreListedUntilTheyAreClosed) {
  ASSERT_TRUE(store_.Open(Case(2), 9).ok());
  ASSERT_TRUE(store_.Open(Case(1), 300).ok());
  ASSERT_TRUE(store_.Open(Case(1), 7).ok());
  EXPECT_THAT(*store_.AllOpen(), ElementsAre(AlertPlace(Case(1), 7), AlertPlace(Case(1), 300),
                                             AlertPlace(Case(2), 9)));
  ASSERT_TRUE(store_.Close(Case(1), 7).ok());
  ASSERT_TRUE(store_.Close(Case(1), 8).ok()) << "one that is not there is no error";
  EXPECT_THAT(*store_.AllOpen(), ElementsAre(AlertPlace(Case(1), 300), AlertPlace(Case(2), 9)));
}

TEST_F(AlertRows, NotesOfOneRecordComeInThreadOrder) {
  ASSERT_TRUE(store_.AddNote(Case(1), 7, 300, Note(2)).ok());
  ASSERT_TRUE(store_.AddNote(Case(1), 7, 8, Note(1)).ok());
  ASSERT_TRUE(store_.AddNote(Case(1), 8, 9, Note(5)).ok());
  const auto notes = store_.Notes(Case(1), 7);
  ASSERT_TRUE(notes.ok());
  ASSERT_EQ(notes->size(), 2U);
  EXPECT_EQ((*notes)[0].alert->step, 1U);
  EXPECT_EQ((*notes)[1].alert->step, 2U);
  EXPECT_EQ(store_.Note(Case(1), 7, 300)->value().alert->step, 2U);
  EXPECT_FALSE(store_.Note(Case(1), 7, 301)->has_value());
  EXPECT_THAT(*store_.Notes(Case(2), 7), IsEmpty());
}

TEST_F(AlertRows, DamagedOnesAreToldAsSuch) {
  ASSERT_TRUE(store_.AddNote(Case(1), 7, 8, AsBytes("no note")).ok());
  EXPECT_EQ(store_.Notes(Case(1), 7).error().code(), Code::kCorrupt);
  ASSERT_TRUE(vault_.Put(Table::kMeta, AsBytes("alert/short"), {}).ok());
  EXPECT_EQ(store_.AllOpen().error().code(), Code::kCorrupt);
}

}  // namespace
}  // namespace renkei::client
