// What adding entries has in common, whether they are new (threads.h) or given back (returns.h):
// the chain's hash at a position, who reads from where to where.
// Functions; any thread.
#ifndef RENKEI_SERVER_CORE_THREAD_ENTRIES_H_
#define RENKEI_SERVER_CORE_THREAD_ENTRIES_H_

#include "server/core/card_cache.h"

namespace renkei::server {

// The chain's hash at the position that somebody claims to have seen; none beyond the thread.
Result<std::optional<Hash32>> HashAt(ReadTransaction& transaction, const ThreadRow& row,
                                     std::uint64_t seq);

// The device stands on the card as that person's.
bool IsOnCard(const thread::Card& card, const PersonRef& person, const DeviceId& device);

// The spans of persons whom the commit at `seq` brings in or takes out. `before`: of the card that
// was in force, ascending; empty for a new thread.
Status StoreMembership(WriteTransaction& transaction, const CardInForce& card,
                       const std::vector<PersonRef>& before, std::uint64_t seq);

}  // namespace renkei::server

#endif  // RENKEI_SERVER_CORE_THREAD_ENTRIES_H_
