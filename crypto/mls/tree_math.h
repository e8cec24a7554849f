// Where things are in the tree (RFC 9420 §4.1.2, Appendix C). Trees are full: `leaf_count` is a
// power of two, 1..kMaxLeaves. Breaking that, or asking a leaf for a child, is our bug and aborts.
// Functions; any thread.
#ifndef RENKEI_CRYPTO_MLS_TREE_MATH_H_
#define RENKEI_CRYPTO_MLS_TREE_MATH_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "crypto/mls/types.h"

namespace renkei::mls {

constexpr bool IsLeaf(NodeIndex node) {
  return (node.value & 1U) == 0;
}
constexpr NodeIndex ToNode(LeafIndex leaf) {
  return {leaf.value * 2};
}
// Only for leaves (IsLeaf).
constexpr LeafIndex ToLeaf(NodeIndex node) {
  return {node.value / 2};
}

// 0 for a leaf, else one more than its children.
std::uint32_t Level(NodeIndex node);
constexpr std::uint32_t NodeCount(std::uint32_t leaf_count) {
  return leaf_count == 0 ? 0 : 2 * (leaf_count - 1) + 1;
}
// The smallest power of two that is not below `leaves`; 1 for 0.
std::uint32_t FullLeafCount(std::uint32_t leaves);

NodeIndex Root(std::uint32_t leaf_count);
NodeIndex Left(NodeIndex node);
NodeIndex Right(NodeIndex node);
// Empty for the root.
std::optional<NodeIndex> Parent(NodeIndex node, std::uint32_t leaf_count);
std::optional<NodeIndex> Sibling(NodeIndex node, std::uint32_t leaf_count);

// From the parent of `node` to the root; empty for the root.
std::vector<NodeIndex> DirectPath(NodeIndex node, std::uint32_t leaf_count);
// The siblings of `node` and of its direct path without the root, from below.
std::vector<NodeIndex> Copath(NodeIndex node, std::uint32_t leaf_count);

// The lowest node above both (or one of them).
NodeIndex CommonAncestor(NodeIndex a, NodeIndex b);
// Whether `node` is `top` or below it.
bool IsInSubtree(NodeIndex node, NodeIndex top);
// The leaves below `top`: [first, last].
LeafIndex FirstLeaf(NodeIndex top);
LeafIndex LastLeaf(NodeIndex top);

}  // namespace renkei::mls

#endif  // RENKEI_CRYPTO_MLS_TREE_MATH_H_
