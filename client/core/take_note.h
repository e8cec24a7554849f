// Taking over what the relay says in the thread: about urgent alerts, and that it will delete the
// case. One thread.
#ifndef RENKEI_CLIENT_CORE_TAKE_NOTE_H_
#define RENKEI_CLIENT_CORE_TAKE_NOTE_H_

#include "client/core/core.h"
#include "crypto/thread/chain.h"

namespace renkei::client {

// Keeps what an accepted note says and notes it in `changes`; other notes, and what the relay has
// not signed, change nothing. In the caller's transaction; `open.row` is for the caller to save.
Status TakeRelayNote(Core& core, OpenCase& open, const thread::EntryView& entry, Changes& changes);

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_CORE_TAKE_NOTE_H_
