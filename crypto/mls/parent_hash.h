// Parent hashes: what ties the keys of parent nodes to the signature of a leaf (RFC 9420 §7.9).
// Functions; one thread for all copies of a tree.
#ifndef RENKEI_CRYPTO_MLS_PARENT_HASH_H_
#define RENKEI_CRYPTO_MLS_PARENT_HASH_H_

#include <span>
#include <vector>

#include "crypto/base/hash.h"
#include "crypto/base/result.h"
#include "crypto/mls/ratchet_tree.h"

namespace renkei::mls {

// Hash of ParentHashInput. `parent_hash` is empty for the topmost node of a path.
Hash32 ParentHash(ByteView encryption_key, ByteView parent_hash, const Hash32& sibling_tree_hash);

// Gives the leaf's filtered direct path these keys, one each from the leaf upwards, with their
// parent hashes; every other node above the leaf becomes blank (§7.5). `filtered` must be what the
// tree says now. Returns the parent hash that belongs into the leaf: empty for an empty path.
Bytes SetPath(RatchetTree& tree, LeafIndex leaf, const std::vector<PathStep>& filtered,
              std::span<const Bytes> keys);

// Every parent node is parent-hash valid, by exactly one chain (§7.9.2). kMalformed if not.
Status CheckParentHashes(const RatchetTree& tree);

}  // namespace renkei::mls

#endif  // RENKEI_CRYPTO_MLS_PARENT_HASH_H_
