// The relay's own entries. Function; any thread.
#ifndef RENKEI_SERVER_CORE_RELAY_NOTE_H_
#define RENKEI_SERVER_CORE_RELAY_NOTE_H_

#include "crypto/thread/notice.h"
#include "server/core/head_signer.h"
#include "server/core/store.h"

namespace renkei::server {

// Signs the note (`case_id` and `at` are filled in here) and puts it behind the head of `row`,
// which moves; the thread's row is not written yet. kMalformed: a note that is none, our bug.
Status AppendRelayNote(WriteTransaction& transaction, ThreadRow& row, thread::RelayNote note,
                       const HeadSigner& signer, Millis now);

}  // namespace renkei::server

#endif  // RENKEI_SERVER_CORE_RELAY_NOTE_H_
