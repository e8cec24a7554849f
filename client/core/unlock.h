// Archive secrets by envelope and pack: how a new device, a late joiner or a device that fell
// behind reads everything it is entitled to, before and without joining the group (G7). One thread.
#ifndef RENKEI_CLIENT_CORE_UNLOCK_H_
#define RENKEI_CLIENT_CORE_UNLOCK_H_

#include "client/core/core.h"

namespace renkei::client {

// Fetches the envelopes and packs that `open.row` asks for, opens them, and opens every kept record
// whose secret came. Each secret is checked against its card's epoch_id: a wrong one is refused,
// with a warning. Errors of the relay and the vault; what was fetched until then counts.
Status FetchSecrets(Core& core, Relay& relay, OpenCase& open, Changes& changes);

// Compares our own envelopes of new epochs with the secrets we hold. A wrong or missing one would
// lock out our next device: it is repaired by a pack to our own key, with a warning.
Status CheckOwnEnvelopes(Core& core, Relay& relay, OpenCase& open, Changes& changes);

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_CORE_UNLOCK_H_
