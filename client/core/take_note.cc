#include "client/core/take_note.h"

#include "client/core/alert_store.h"
#include "client/core/closing.h"

namespace renkei::client {

Status TakeRelayNote(Core& core, OpenCase& open, const thread::EntryView& entry, Changes& changes) {
  RENKEI_ASSIGN(const auto key, core.directory.RelayKey(core.now()));
  if (!key.has_value()) {
    return Ok();  // its certificate has not come yet
  }
  // The chain binds the note to this thread; the signature says that it is the relay's own.
  const auto note = thread::VerifyRelayNote(entry.payload, *key);
  if (!note.ok() || note->case_id != entry.case_id) {
    return Ok();
  }
  if (note->kind == static_cast<std::uint32_t>(thread::RelayNoteKind::kDeletion)) {
    TakeDeletionAnnounced(open, entry, changes);
  }
  if (!note->alert.has_value()) {
    return Ok();
  }
  AlertStore alerts(core.vault);
  RENKEI_TRY(alerts.AddNote(entry.case_id, note->alert->seq, entry.seq, entry.payload));
  const thread::AlertEvent event = note->alert->event;
  if (event == thread::AlertEvent::kAcknowledged || event == thread::AlertEvent::kEnded) {
    RENKEI_TRY(alerts.Close(entry.case_id, note->alert->seq));
  }
  if (event != thread::AlertEvent::kBegun) {
    changes.alert_notes.push_back({entry.case_id, note->alert->seq, entry.seq});
  }
  return Ok();
}

}  // namespace renkei::client
