// This device's key packages, by which others add it to cases (RFC 9420 §10), and the welcomes that
// come of it. One thread.
#ifndef RENKEI_CLIENT_CORE_KEY_PACKAGES_H_
#define RENKEI_CLIENT_CORE_KEY_PACKAGES_H_

#include "client/core/core.h"

namespace renkei::client {

// Keeps a stock at the relay: makes new ones when few are left or they grow old, publishes what was
// not published yet. Private halves are in the vault before anything is published. Errors of the
// relay and the vault; calling again continues.
Status RefillKeyPackages(Core& core, Relay& relay);

// Throws all of them away (an older copy of the vault may hold used ones) and makes new ones at the
// next refill. In the caller's transaction.
Status ForgetKeyPackages(Core& core);

// Joins what waits in the mailbox. Each joined group is kept until its thread was read to that
// epoch (take_commit.h AdoptJoined). Ack deletes, so it comes after the vault's commit. A welcome
// that nothing here opens is acknowledged and forgotten: the device joins by external commit then.
Status TakeWelcomes(Core& core, Relay& relay);

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_CORE_KEY_PACKAGES_H_
