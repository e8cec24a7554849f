// A node of the ratchet tree with everything below it, as ratchet_tree.cc keeps it: shared between
// the trees of successive epochs as long as nothing in it changes, with its tree hash
// (RFC 9420 §7.8). So staging a commit copies one path, not the tree. One thread for all trees that
// come from one another.
#ifndef RENKEI_CRYPTO_MLS_SUBTREE_H_
#define RENKEI_CRYPTO_MLS_SUBTREE_H_

#include <cstdint>
#include <memory>
#include <span>

#include "crypto/base/hash.h"
#include "crypto/mls/tree_node.h"
#include "crypto/mls/types.h"

namespace renkei::mls {

// The leaves below a node: `size` (a power of two) from `first` on.
struct LeafRange {
  std::uint32_t first = 0;
  std::uint32_t size = 1;

  bool IsLeaf() const { return size == 1; }
  // The node's place in the array form of the tree (Appendix C).
  NodeIndex index() const { return {2 * first + size - 1}; }
  LeafRange Left() const { return {first, size / 2}; }
  LeafRange Right() const { return {first + size / 2, size / 2}; }
  bool Contains(LeafIndex leaf) const { return leaf.value >= first && leaf.value - first < size; }
  // Whether the node `index` is this one or below it.
  bool Contains(NodeIndex index) const;
  static LeafRange Of(NodeIndex index);
};

struct Subtree {
  std::shared_ptr<const LeafNode> leaf;      // null: blank, or not a leaf
  std::shared_ptr<const ParentNode> parent;  // null: blank, or a leaf
  std::shared_ptr<Subtree> left;             // both null for a leaf, both set for a parent
  std::shared_ptr<Subtree> right;
  std::uint32_t members = 0;   // non-blank leaves here and below
  std::uint32_t occupied = 0;  // non-blank nodes here and below
  bool hashed = false;
  Hash32 hash{};

  bool IsBlank() const { return leaf == nullptr && parent == nullptr; }
  // After a change here or below: counts anew and forgets the hash.
  void Refresh();
};

std::shared_ptr<Subtree> BlankSubtree(LeafRange range);

// The node to write to: itself if nobody else holds it, else a copy of this one node.
Subtree& Writable(std::shared_ptr<Subtree>& slot);

// TreeHash of the node (§7.8), kept until something below changes.
const Hash32& TreeHash(Subtree& node, LeafRange range);

// The same with the `blanked` leaves (increasing) blank and out of all unmerged_leaves: the
// original_sibling_tree_hash of §7.9.
Hash32 TreeHashWithout(Subtree& node, LeafRange range, std::span<const LeafIndex> blanked);

}  // namespace renkei::mls

#endif  // RENKEI_CRYPTO_MLS_SUBTREE_H_
