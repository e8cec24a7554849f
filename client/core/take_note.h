// Taking over what the relay says in the thread about urgent alerts. One thread.
#ifndef RENKEI_CLIENT_CORE_TAKE_NOTE_H_
#define RENKEI_CLIENT_CORE_TAKE_NOTE_H_

#include "client/core/core.h"
#include "crypto/thread/chain.h"

namespace renkei::client {

// Keeps what an accepted note says of an alert and notes it in `changes`; other notes, and what the
// relay has not signed, change nothing. In the caller's transaction.
Status TakeRelayNote(Core& core, const thread::EntryView& entry, Changes& changes);

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_CORE_TAKE_NOTE_H_
