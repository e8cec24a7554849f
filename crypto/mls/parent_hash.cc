#include "crypto/mls/parent_hash.h"

#include <algorithm>
#include <optional>

namespace renkei::mls {
namespace {

// The parent hash a node carries; empty if it has none.
ByteView CarriedParentHash(const RatchetTree& tree, NodeIndex node) {
  if (const ParentNode* parent = tree.Parent(node); parent != nullptr) {
    return parent->parent_hash;
  }
  const LeafNode* leaf = tree.Leaf({node.value / 2});
  if (leaf == nullptr || leaf->source() != LeafNodeSource::kCommit) {
    return {};
  }
  return std::get<CommitSource>(leaf->source_data).parent_hash;
}

// The one node below `child` that was updated together with the parent: what is left of the
// resolution without the leaves that came later. Empty if that is not exactly one node.
std::optional<NodeIndex> UpdatedTogether(const RatchetTree& tree, NodeIndex child,
                                         const std::vector<LeafIndex>& unmerged) {
  const LeafRange range = LeafRange::Of(child);
  const auto is_unmerged = [&](NodeIndex node) {
    return node.value % 2 == 0 &&
           std::binary_search(unmerged.begin(), unmerged.end(), LeafIndex{node.value / 2});
  };
  const auto later = std::count_if(unmerged.begin(), unmerged.end(),
                                   [&](LeafIndex leaf) { return range.Contains(leaf); });
  std::vector<NodeIndex> resolution = tree.Resolution(child);
  if (resolution.size() != static_cast<std::size_t>(later) + 1) {
    return std::nullopt;
  }
  std::erase_if(resolution, is_unmerged);
  return resolution.size() == 1 ? std::optional(resolution.front()) : std::nullopt;
}

// Whether a node below `child` carries the parent hash of `parent` with copath child `sibling`.
bool IsChained(const RatchetTree& tree, const ParentNode& parent, NodeIndex child,
               NodeIndex sibling) {
  const auto below = UpdatedTogether(tree, child, parent.unmerged_leaves);
  if (!below) {
    return false;
  }
  const ByteView carried = CarriedParentHash(tree, *below);
  if (carried.empty()) {
    return false;
  }
  return Equal(carried, ParentHash(parent.encryption_key, parent.parent_hash,
                                   tree.TreeHashWithout(sibling, parent.unmerged_leaves)));
}

}  // namespace

Hash32 ParentHash(ByteView encryption_key, ByteView parent_hash, const Hash32& sibling_tree_hash) {
  wire::Writer out(128);
  out.Opaque(encryption_key);
  out.Opaque(parent_hash);
  out.Opaque(sibling_tree_hash);
  return Sha256(out.view());
}

Bytes SetPath(RatchetTree& tree, LeafIndex leaf, const std::vector<PathStep>& filtered,
              std::span<const Bytes> keys) {
  RENKEI_CHECK(filtered.size() == keys.size());
  tree.BlankPath(leaf);
  Bytes parent_hash;
  for (std::size_t i = filtered.size(); i > 0; --i) {  // from the root down
    const PathStep& step = filtered[i - 1];
    const Hash32 next = ParentHash(keys[i - 1], parent_hash, tree.TreeHash(step.copath));
    tree.SetParent(step.node, ParentNode{keys[i - 1], std::move(parent_hash), {}});
    parent_hash = ToBytes(next);
  }
  return parent_hash;
}

Status CheckParentHashes(const RatchetTree& tree) {
  bool valid = true;
  tree.ForEachParent([&](NodeIndex node, const ParentNode& parent) {
    const LeafRange range = LeafRange::Of(node);
    const NodeIndex left = range.Left().index();
    const NodeIndex right = range.Right().index();
    const bool from_left = valid && IsChained(tree, parent, left, right);
    const bool from_right = valid && IsChained(tree, parent, right, left);
    valid = valid && from_left != from_right;
  });
  if (!valid) {
    return Error(Code::kMalformed, "mls: parent hash");  // §7.9.2
  }
  return Ok();
}

}  // namespace renkei::mls
