// Whom the steps of an alert reach as the relay sees it: the members on the card with their
// professions, and which open alerts have called somebody. Functions; any thread.
#ifndef RENKEI_SERVER_CORE_ALERT_CALLS_H_
#define RENKEI_SERVER_CORE_ALERT_CALLS_H_

#include "crypto/thread/alert_plan.h"
#include "server/core/card_cache.h"
#include "server/core/directory.h"

namespace renkei::server {

// Each member person of the card once, ascending. A device counts while its certificate is
// published, valid at `now` and not revoked.
Result<std::vector<thread::AlertMember>> MembersOf(ReadTransaction& transaction,
                                                   Directory& directory, const thread::Card& card,
                                                   Millis now);

// Open alerts of the person's threads of which a step that was done names them, oldest first.
// Nothing of a thread that the person is no member of.
Result<std::vector<AlertRow>> AlertsThatCall(ReadTransaction& transaction, const PersonRef& person);

}  // namespace renkei::server

#endif  // RENKEI_SERVER_CORE_ALERT_CALLS_H_
