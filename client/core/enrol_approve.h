// The part of approving that needs no decision of a person, for whoever syncs. One thread.
#ifndef RENKEI_CLIENT_CORE_ENROL_APPROVE_H_
#define RENKEI_CLIENT_CORE_ENROL_APPROVE_H_

#include "client/core/identity.h"
#include "client/core/session.h"

namespace renkei::client {

// Links own new devices that know their code's secret, then certifies linked devices of the own
// institution if `identity` holds its CA. Part of every sync, so of watching too. A request that
// does not hold waits on and stops none of the others (`renkei approve` says what is wrong with
// it). Each link is attached and forgotten by itself: after a failure the rest is done next time.
//   kUnavailable, kThrottled  the relay: call again later
//   kCorrupt                  the vault is damaged
//   others as Relay::ListRequests
Status ServeLinks(const Environment& environment, const Identity& identity, Relay& relay);

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_CORE_ENROL_APPROVE_H_
