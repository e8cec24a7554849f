// A relay that was restored from a backup (server/README.md "Restored from a backup"): gives it
// back what it lost of a case, verbatim, proven by its own signature. Nothing here drops or
// replaces an entry: a relay that lies about its past gets what it had, and gains nothing (G4, G5,
// G8). One thread.
#ifndef RENKEI_CLIENT_CORE_GIVE_BACK_H_
#define RENKEI_CLIENT_CORE_GIVE_BACK_H_

#include "client/core/core.h"

namespace renkei::client {

// After SyncThread: where `open.relay_returning`, says where this device stands and gives what the
// relay lacks. When the case goes on the thread is read again; else what waits in the outbox says
// why. A relay that does not take it leaves a warning, Ok returned. Errors as the relay's and the
// vault's: nothing is lost, the next sync goes on.
Status GiveBack(Core& core, Relay& relay, OpenCase& open, Changes& changes);

// A steward's word: the case goes on without the devices that have not said where they stand. What
// only they hold does not come back.
//   kDenied    not a steward, or this device does not hold what the relay has
//   kNotFound  the relay was not restored, or the case goes on already
Status GoOnWithoutOthers(Core& core, Relay& relay, OpenCase& open, Changes& changes);

// The relay lost the newest epoch's GroupInfo, which only its committer could sign again: renews
// this case's keys, once for each time that the relay was restored.
Status BringGroupInfo(Core& core, Relay& relay, OpenCase& open, Changes& changes);

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_CORE_GIVE_BACK_H_
