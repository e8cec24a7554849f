#include "server/core/relay_note.h"

#include <algorithm>

namespace renkei::server {

Status AppendRelayNote(WriteTransaction& transaction, ThreadRow& row, thread::RelayNote note,
                       const HeadSigner& signer, Millis now) {
  note.case_id = row.case_id;
  note.at = now;
  RENKEI_ASSIGN(const Bytes payload, thread::MakeRelayNote(note, signer.key()));
  thread::Position at;
  at.seq = row.head.seq + 1;
  // A clock that was set back must not make the thread's time go back.
  at.received_at = std::max(now, row.head.received_at);
  at.hash = thread::NextHash(row.head.hash, at.seq, thread::EntryKind::kRelayNote, at.received_at,
                             Sha256(payload));
  RENKEI_TRY(transaction.AddEntry(row.case_id,
                                  {at, thread::EntryKind::kRelayNote, payload, std::nullopt}));
  row.head = at;
  return Ok();
}

}  // namespace renkei::server
