// Changing who can read: builds a commit with everything that goes with it (card, GroupInfo,
// welcomes, envelopes), judges it as everybody else will, saves it, sends it, and reads it back
// (G3, G5). Also the seal guard. One thread.
#ifndef RENKEI_CLIENT_CORE_COMMIT_H_
#define RENKEI_CLIENT_CORE_COMMIT_H_

#include <vector>

#include "client/core/core.h"
#include "crypto/thread/policy.h"

namespace renkei::client {

// What a commit is for. All empty: it only renews keys.
struct Change {
  std::vector<thread::PersonRef> add;
  std::vector<thread::PersonRef> remove;
  std::vector<DeviceId> remove_devices;  // revoked ones
  bool renew = false;  // a commit for its own sake, as long as the relay wants one (give_back.h)
};

// What the seal guard wants changed before anything is sealed: revoked devices out, newer archive
// keys in, a leaf older than 90 days renewed. Empty: nothing.
Result<std::optional<Change>> GuardChange(Core& core, const OpenCase& open);

// A case's first epoch: saved as the commit under way (create), not sent. In the caller's
// transaction.
Status SaveCreate(Core& core, OpenCase& open, const thread::CasePolicy& policy);

// Joins by external commit from the relay's GroupInfo: saved, not sent, in a transaction of its
// own. `link` is empty when the own old leaf is replaced.
//   kStaleEpoch   the relay's GroupInfo is not that of the card in force (sync and look again)
//   kAuthFailed   it is not what the card names: refused
Status SaveExternalJoin(Core& core, OpenCase& open, ByteView group_info, ByteView link);

// Carries out `change`, whatever others commit meanwhile: syncs, commits, sends, reads back, again
// if somebody was first (at most 8 times: kConflict). Persons who are members already or no longer
// are left out; nothing left to do is success.
//   kDenied       the policy does not let us
//   kNotFound     a person has no device that could be added, or this device has not joined
//   kUnavailable  the relay cannot be reached; what may have reached it is kept and finished later
Status ChangeCase(Core& core, Relay& relay, OpenCase& open, const Change& change, Changes& changes);

// Sends the commit under way, if there is one, and reads the thread. It is gone from `open` then,
// unless the relay could not be reached. True if it was accepted.
Result<bool> FinishSent(Core& core, Relay& relay, OpenCase& open, Changes& changes);

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_CORE_COMMIT_H_
