// When the ratchet tree of a group that one joins is to be refused (RFC 9420 §12.4.3.1). One
// function a rule, kMalformed unless said otherwise. (§7.9.2 is in parent_hash.h; what makes a list
// of nodes a tree at all, in ratchet_tree.h.) Functions; one thread for all copies of a tree.
#ifndef RENKEI_CRYPTO_MLS_VALIDATION_TREE_H_
#define RENKEI_CRYPTO_MLS_VALIDATION_TREE_H_

#include "crypto/base/result.h"
#include "crypto/mls/environment.h"
#include "crypto/mls/group_context.h"
#include "crypto/mls/ratchet_tree.h"

namespace renkei::mls {

// The tree is the one that the GroupContext names.
Status CheckTreeHash(const RatchetTree& tree, const GroupContext& context);
// Every non-blank node between an unmerged leaf and the node that lists it lists it too.
Status CheckUnmergedLeaves(const RatchetTree& tree);
// §5.1.1: encryption keys of parents are 32 bytes.
Status CheckParentKeyLengths(const RatchetTree& tree);
// No two nodes have the same encryption key, no two leaves the same signature key (§7.3).
Status CheckAllKeysUnique(const RatchetTree& tree);
// Every leaf is valid in this group (§7.3); credentials are judged as of existing members, expired
// lifetimes are no reason: the member may have been there long.
Status CheckAllLeaves(const RatchetTree& tree, const GroupContext& context,
                      const Environment& environment);

// All of it, parent hashes included.
Status CheckTree(const RatchetTree& tree, const GroupContext& context,
                 const Environment& environment);

}  // namespace renkei::mls

#endif  // RENKEI_CRYPTO_MLS_VALIDATION_TREE_H_
