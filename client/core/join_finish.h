// From an approval to an identity: everything that the relay handed over is verified here, against
// the root that the invitation named and the keys that this device made. Functions on values; any
// thread.
#ifndef RENKEI_CLIENT_CORE_JOIN_FINISH_H_
#define RENKEI_CLIENT_CORE_JOIN_FINISH_H_

#include <vector>

#include "client/core/enrolment_store.h"
#include "client/core/identity.h"
#include "client/core/link_state.h"
#include "crypto/pki/chain.h"

namespace renkei::client {

// What the relay handed over, parsed; nothing of it is believed before FinishApproved.
struct Approval {
  std::vector<pki::Certificate> leaves;
  std::vector<pki::Certificate> chain;  // institution CA, issuing CA; the root left out
  Bytes signed_link;                    // a device: SignedLink
  Bytes sealed_package;                 // a device: SealedLinkPackage
};

struct FinishedJoin {
  Identity identity;
  std::vector<ThreadPosition> positions;  // a device: where its linking device stood
};

// kAuthFailed: the approval is not for this device, or not certified up to the region's root: ask
// the administrator, and keep the request. kMalformed: not an approval.
Result<FinishedJoin> FinishApproved(PendingJoin join, const Approval& approval, Millis now,
                                    Random& random);

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_CORE_JOIN_FINISH_H_
