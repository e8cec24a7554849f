// When a Welcome or GroupInfo is to be refused (RFC 9420 §11.2, §11.3, §12.4.3). One function a
// rule, kMalformed unless said otherwise. (The tree: validation_tree.h.) Functions; one thread for
// all copies of a tree.
#ifndef RENKEI_CRYPTO_MLS_VALIDATION_JOIN_H_
#define RENKEI_CRYPTO_MLS_VALIDATION_JOIN_H_

#include <vector>

#include "crypto/base/result.h"
#include "crypto/mls/environment.h"
#include "crypto/mls/group_info.h"
#include "crypto/mls/proposal.h"
#include "crypto/mls/psk.h"
#include "crypto/mls/ratchet_tree.h"

namespace renkei::mls {

// §12.4.3.1: the version and suite we speak. kUnsupported.
Status CheckGroupInfoSuite(const GroupInfo& info);
// §12.4.3: signed by the member it names. kAuthFailed.
Status CheckGroupInfoSignature(const GroupInfo& info, const RatchetTree& tree);
// §12.4.3: we are not in it already. kConflict.
Status CheckGroupIdIsNew(const GroupInfo& info, const std::vector<Bytes>& existing);
// §12.1.7, §13.4: what the GroupContext extensions hold can be read; §5.3.1: external senders are
// acceptable, as those that were in the group before us.
Status CheckJoinedExtensions(const Extensions& extensions, const Environment& environment);
// Ours: the group's id has at most kMaxGroupIdBytes. kTooLarge.
Status CheckGroupId(ByteView group_id);
// All of the above, and the tree with all in it (validation_tree.h). `existing`: ids of the groups
// that we are in.
Status CheckGroupInfo(const GroupInfo& info, const RatchetTree& tree,
                      const std::vector<Bytes>& existing, const Environment& environment);
// §12.4.3.1: a PSK for reinit or branch is the only one of these; §8.4: nonces of 32 bytes.
Status CheckWelcomePsks(const std::vector<PreSharedKeyId>& psks);
// The PSK for reinit or branch, if there is one.
const ResumptionPsk* FindContinuation(const std::vector<PreSharedKeyId>& psks);

// §11.2, §11.3: the new group's first epoch is 1.
Status CheckFirstEpoch(const GroupInfo& info);
// §11.2: the new group is what the ReInit asked for, and all members of the old one are in it.
Status CheckReInitMatches(const GroupInfo& info, const ReInit& reinit);
Status CheckSameMembers(const RatchetTree& before, const RatchetTree& after,
                        const Environment& environment);
// §11.3: same version and suite, and no member that the old one has not.
Status CheckBranchSuite(const GroupInfo& info, const GroupContext& parent);
Status CheckSubsetOfMembers(const RatchetTree& branch, const RatchetTree& parent,
                            const Environment& environment);

}  // namespace renkei::mls

#endif  // RENKEI_CRYPTO_MLS_VALIDATION_JOIN_H_
