// Takes an accepted commit over: the new card, the group and secret of the new epoch, what became
// of a commit of our own. In the caller's transaction. One thread.
#ifndef RENKEI_CLIENT_CORE_TAKE_COMMIT_H_
#define RENKEI_CLIENT_CORE_TAKE_COMMIT_H_

#include "client/core/accept.h"
#include "client/core/core.h"

namespace renkei::client {

Status TakeCommit(Core& core, OpenCase& open, const thread::EntryView& entry,
                  AcceptedCommit& commit, Changes& changes);

// A group joined by Welcome becomes the case's group if it is that of the card in force and the
// card tells the truth about it (G3). No error if there is none.
Status AdoptJoined(Core& core, OpenCase& open, Changes& changes);

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_CORE_TAKE_COMMIT_H_
