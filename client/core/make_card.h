// The card, the envelopes and the request that go with a commit of ours. Pure but for looking into
// the directory. One thread.
#ifndef RENKEI_CLIENT_CORE_MAKE_CARD_H_
#define RENKEI_CLIENT_CORE_MAKE_CARD_H_

#include <vector>

#include "client/core/core.h"

namespace renkei::client {

// What a commit of ours led to.
struct NewEpoch {
  const mls::Group& group;
  ByteView commit;                    // MLSMessage; empty at epoch 0
  ByteView group_info;                // MLSMessage
  std::optional<Bytes> welcome;       // MLSMessage(Welcome)
  std::vector<DeviceId> welcome_for;  // devices added by it
  thread::CasePolicy policy;
  thread::CardEvidence evidence;
};

struct MadeRequest {
  SentCommit sent;  // request, card hash, epoch; new_keys: recipients that `open.card` had not
  thread::SignedCard card;
};

// kNotFound: somebody's archive key or certificate is not known here: sync the directory.
Result<MadeRequest> MakeRequest(Core& core, const OpenCase& open, const NewEpoch& epoch);

// Judges our own commit as it will be judged when it comes back. kDenied and others: it would be
// refused, so it is not sent.
Status JudgeOwn(Core& core, OpenCase& open, const MadeRequest& made, const mls::Group& next);

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_CORE_MAKE_CARD_H_
