// The ratchet tree: who is in the group, and the public keys for every part of it (RFC 9420 §4,
// §7). Holds structure only: whether a leaf or a parent hash is valid is asked in validation.h,
// path secrets are in treekem.h. Copying is cheap: copies share every node until one of them
// changes it. One thread for all copies of a tree.
#ifndef RENKEI_CRYPTO_MLS_RATCHET_TREE_H_
#define RENKEI_CRYPTO_MLS_RATCHET_TREE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "crypto/base/hash.h"
#include "crypto/base/result.h"
#include "crypto/mls/subtree.h"
#include "crypto/mls/tree_node.h"
#include "crypto/mls/types.h"

namespace renkei::mls {

// A node on a leaf's direct path, with its child off that path.
struct PathStep {
  NodeIndex node;
  NodeIndex copath;
};

class RatchetTree {
 public:
  // One blank leaf.
  RatchetTree();

  // From the ratchet_tree extension (§12.4.3.3). kMalformed: empty, last node blank, a leaf where a
  // parent belongs or the reverse, no member in the right half (a tree is always truncated, §7.7),
  // or unmerged leaves that are not members below their node.
  static Result<RatchetTree> FromNodes(RatchetTreeNodes nodes);
  // The content of that extension: optional<Node> ratchet_tree<V>.
  Bytes Serialize() const;

  // Leaves, blank ones included: a power of two, at most kMaxLeaves.
  std::uint32_t leaf_slots() const { return range_.size; }
  std::uint32_t member_count() const { return root_->members; }
  std::uint32_t occupied() const { return root_->occupied; }  // nodes that are not blank
  NodeIndex root() const { return range_.index(); }

  // Null if blank or outside the tree. Valid until the tree changes.
  const LeafNode* Leaf(LeafIndex leaf) const;
  const ParentNode* Parent(NodeIndex node) const;
  // Of a leaf or a parent; empty if blank.
  ByteView EncryptionKey(NodeIndex node) const;

  // Left to right; parents between their children.
  using LeafVisitor = std::function<void(LeafIndex, const LeafNode&)>;
  void ForEachLeaf(const LeafVisitor& visit) const;
  using ParentVisitor = std::function<void(NodeIndex, const ParentNode&)>;
  void ForEachParent(const ParentVisitor& visit) const;

  // §4.1.1. Only what is non-blank, unmerged leaves after their node.
  std::vector<NodeIndex> Resolution(NodeIndex node) const;
  // §4.1.2, from the leaf's parent to the root; filtered: without nodes whose copath child has an
  // empty resolution. The leaf need not be a member yet, but must be inside the tree.
  std::vector<PathStep> DirectPath(LeafIndex leaf) const;
  std::vector<PathStep> FilteredDirectPath(LeafIndex leaf) const;
  // The lowest node above both.
  static NodeIndex CommonAncestor(LeafIndex a, LeafIndex b);

  // §7.8.
  const Hash32& TreeHash() const;
  const Hash32& TreeHash(NodeIndex node) const;
  // §7.9, original_sibling_tree_hash: with these leaves (increasing) blanked.
  Hash32 TreeHashWithout(NodeIndex node, std::span<const LeafIndex> blanked) const;

  // Every node that is not the same here as in `before`, which this tree came from; null: it is
  // blank now. Nodes are the same if they share their content, so a node that was set to what it
  // had is visited too. In no particular order.
  using NodeVisitor = std::function<void(NodeIndex, const Node*)>;
  void ForEachChange(const RatchetTree& before, const NodeVisitor& visit) const;

  // The leftmost blank leaf; the tree is doubled if it has none (§7.7). kTooLarge: kMaxLeaves.
  Result<LeafIndex> ReserveLeaf();
  // §12.1.1: takes the leftmost blank leaf and is unmerged everywhere above it.
  Result<LeafIndex> AddLeaf(LeafNode leaf);
  // Replaces the leaf and nothing else; the slot must be inside the tree.
  void SetLeaf(LeafIndex index, LeafNode leaf);
  void SetParent(NodeIndex index, ParentNode parent);
  // Blanks every node above the leaf (§12.1.2).
  void BlankPath(LeafIndex leaf);
  // §12.1.3: blanks the leaf and its path, then truncates.
  void RemoveLeaf(LeafIndex leaf);

 private:
  using EditVisitor = std::function<void(NodeIndex, Subtree&)>;

  Subtree* Find(NodeIndex node) const;
  // Calls `visit` for every node from the root down to `target`, writable.
  void EditPath(NodeIndex target, const EditVisitor& visit);
  void Extend();
  void Truncate();
  Status CheckStructure() const;

  std::shared_ptr<Subtree> root_;
  LeafRange range_;
};

}  // namespace renkei::mls

#endif  // RENKEI_CRYPTO_MLS_RATCHET_TREE_H_
