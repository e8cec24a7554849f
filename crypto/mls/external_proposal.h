// Proposals to a group by somebody outside it (RFC 9420 §12.1.8). Always public messages; members
// take them with Group::Process(). Functions; any thread.
#ifndef RENKEI_CRYPTO_MLS_EXTERNAL_PROPOSAL_H_
#define RENKEI_CRYPTO_MLS_EXTERNAL_PROPOSAL_H_

#include <cstdint>

#include "crypto/base/bytes.h"
#include "crypto/base/result.h"
#include "crypto/base/sign.h"
#include "crypto/mls/group_types.h"
#include "crypto/mls/proposal.h"

namespace renkei::mls {

// Which epoch of which group it is for; from a GroupInfo, for instance.
struct ProposalTarget {
  Bytes group_id;
  Epoch epoch;
};

// By the sender at `sender_index` of the group's external_senders, whose key `key` is. kDenied: a
// type that external senders may not propose.
Result<SentProposal> MakeExternalProposal(const ProposalTarget& target, std::uint32_t sender_index,
                                          const SigningKey& key, const Proposal& proposal);

// By a client that asks to be added itself. kMalformed: not a key package.
Result<SentProposal> MakeNewMemberProposal(const ProposalTarget& target,
                                           const OwnKeyPackage& key_package);

}  // namespace renkei::mls

#endif  // RENKEI_CRYPTO_MLS_EXTERNAL_PROPOSAL_H_
