// Alerts of a relay that was restored from a backup (returns.h): what its own notes, given back by
// members, say of them. Function; any thread.
#ifndef RENKEI_SERVER_CORE_ALERT_RETURN_H_
#define RENKEI_SERVER_CORE_ALERT_RETURN_H_

#include "crypto/thread/notice.h"
#include "server/core/card_cache.h"

namespace renkei::server {

// Makes or moves the alert's row to where the note left it; other notes change nothing. `card`: in
// force at the note. The next step counts from the note on the wall clock: the machine may be
// another one. kCorrupt: the record that it is about is missing.
Status TakeAlertNote(WriteTransaction& transaction, const thread::RelayNote& note,
                     const thread::Card& card);

}  // namespace renkei::server

#endif  // RENKEI_SERVER_CORE_ALERT_RETURN_H_
