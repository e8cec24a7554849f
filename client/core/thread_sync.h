// Reads a thread on from where the vault stands, and takes over what acceptance lets through: each
// batch in one transaction with the new position, so that a crash leaves either before or after
// (G5). Also the way a commit or record of our own is recognised. One thread.
#ifndef RENKEI_CLIENT_CORE_THREAD_SYNC_H_
#define RENKEI_CLIENT_CORE_THREAD_SYNC_H_

#include <vector>

#include "client/core/accept.h"
#include "client/core/core.h"

namespace renkei::client {

// Reads to the relay's head. A thread that the relay falsified stops where it was (G4): the warning
// is kept, Ok returned, `open` stands there. kUnavailable and other errors of the relay or the
// vault: what was taken over until then stays.
Status SyncThread(Core& core, Relay& relay, OpenCase& open, Changes& changes);

// Takes over entries that came in order, e.g. by watch; the same rules. One transaction. Returns
// how many were taken over: fewer, if one was refused. `signed_head`: what the relay signed with
// them, if anything (heads.h KeepHead).
Result<std::size_t> TakeEntries(Core& core, OpenCase& open,
                                const std::vector<thread::EntryView>& entries, Changes& changes,
                                ByteView signed_head = {});

// Opens the kept records of these epochs with the secrets that are here now, in the caller's
// transaction.
Status OpenWaiting(Core& core, OpenCase& open, const std::vector<thread::EpochRef>& epochs,
                   Changes& changes);

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_CORE_THREAD_SYNC_H_
