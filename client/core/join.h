// Getting hold of a case's group: by the Welcome that waits, by replaying commits onto it, or by an
// external commit of our own (G7, G8). Reading does not wait for it. One thread.
#ifndef RENKEI_CLIENT_CORE_JOIN_H_
#define RENKEI_CLIENT_CORE_JOIN_H_

#include "client/core/core.h"

namespace renkei::client {

// Makes this device hold the group of the card in force, if it is entitled to. Nothing to do, or
// not possible yet (no link, relay serves an old state): Ok, with a warning where the user must
// know. Errors of the relay and the vault.
Status EnsureGroup(Core& core, Relay& relay, OpenCase& open, Changes& changes);

// Table::kMeta: MarkOlderCopy was called (session.h).
inline constexpr const char* kOlderCopyMark = "older-copy";

// This vault is an older copy of itself: every group state, key package and commit under way in it
// may have been used since. Forgets them, so that every case is joined anew. In a transaction of
// its own.
Status ForgetGroups(Core& core);

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_CORE_JOIN_H_
