// When a commit and its path are to be refused, beyond its proposals (RFC 9420 §12.4, §12.4.2,
// §12.4.3.2). One function a rule, kMalformed unless said otherwise. (Lengths and parent hash of a
// path are checked where it is merged: MergePath in treekem.h; signature, membership and sender
// rules in authenticate.h; the confirmation tag in group_process.cc.) Functions; one thread for all
// copies of a tree.
#ifndef RENKEI_CRYPTO_MLS_VALIDATION_COMMIT_H_
#define RENKEI_CRYPTO_MLS_VALIDATION_COMMIT_H_

#include "crypto/base/result.h"
#include "crypto/mls/commit.h"
#include "crypto/mls/environment.h"
#include "crypto/mls/group_context.h"
#include "crypto/mls/proposal_list.h"
#include "crypto/mls/ratchet_tree.h"

namespace renkei::mls {

// §12.4: another epoch comes after this one, which is not number 2^64 - 1 (ours: the RFC does not
// say what comes then).
Status CheckEpochFollows(const GroupContext& context);
// §12.4: whether the path may be left out.
bool NeedsPath(const ProposalList& list);
Status CheckPathPresent(const ProposalList& list, bool has_path);

// §5.1.1: keys of 32 bytes.
Status CheckPathKeyLengths(const UpdatePath& path);
// §12.4.2: not the key the committer's leaf had.
Status CheckPathLeafKeyIsNew(const UpdatePath& path, const LeafNode& old);
// §12.4.2: none of the path's keys is in `tree` (proposals applied, path not yet), nor twice in the
// path.
Status CheckPathKeysAreNew(const UpdatePath& path, const RatchetTree& tree);
// §7.3: the leaf is a valid one of source commit.
Status CheckPathLeaf(const UpdatePath& path, LeafIndex committer, const GroupContext& context);

// All of the above. `old` is the leaf that the path's replaces: the committer's, or the one an
// external joiner removes; null for a joiner that was not there before. `context` is the new one.
Status CheckPath(const UpdatePath& path, LeafIndex committer, const LeafNode* old,
                 const RatchetTree& tree, const GroupContext& context,
                 const Environment& environment);
// §7.3, once the path is merged: the committer's leaf among the others.
Status CheckTreeAfterPath(const RatchetTree& tree, LeafIndex committer);

}  // namespace renkei::mls

#endif  // RENKEI_CRYPTO_MLS_VALIDATION_COMMIT_H_
