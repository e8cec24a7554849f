#include "crypto/mls/tree_math.h"

#include <bit>

#include "crypto/mls/limits.h"

namespace renkei::mls {
namespace {

void CheckFull(std::uint32_t leaf_count) {
  RENKEI_CHECK(std::has_single_bit(leaf_count) && leaf_count <= kMaxLeaves);
}

}  // namespace

std::uint32_t Level(NodeIndex node) {
  return static_cast<std::uint32_t>(std::countr_one(node.value));
}

std::uint32_t FullLeafCount(std::uint32_t leaves) {
  RENKEI_CHECK(leaves <= kMaxLeaves);
  return std::bit_ceil(leaves);
}

NodeIndex Root(std::uint32_t leaf_count) {
  CheckFull(leaf_count);
  return {leaf_count - 1};
}

NodeIndex Left(NodeIndex node) {
  RENKEI_CHECK(!IsLeaf(node));
  return {node.value ^ (std::uint32_t{1} << (Level(node) - 1))};
}

NodeIndex Right(NodeIndex node) {
  RENKEI_CHECK(!IsLeaf(node));
  return {node.value ^ (std::uint32_t{3} << (Level(node) - 1))};
}

std::optional<NodeIndex> Parent(NodeIndex node, std::uint32_t leaf_count) {
  if (node == Root(leaf_count)) {
    return std::nullopt;
  }
  const std::uint32_t bit = std::uint32_t{1} << Level(node);
  return NodeIndex{(node.value | bit) & ~(bit << 1U)};
}

std::optional<NodeIndex> Sibling(NodeIndex node, std::uint32_t leaf_count) {
  const std::optional<NodeIndex> parent = Parent(node, leaf_count);
  if (!parent) {
    return std::nullopt;
  }
  return node < *parent ? Right(*parent) : Left(*parent);
}

std::vector<NodeIndex> DirectPath(NodeIndex node, std::uint32_t leaf_count) {
  std::vector<NodeIndex> path;
  path.reserve(Level(Root(leaf_count)));
  for (auto up = Parent(node, leaf_count); up; up = Parent(*up, leaf_count)) {
    path.push_back(*up);
  }
  return path;
}

std::vector<NodeIndex> Copath(NodeIndex node, std::uint32_t leaf_count) {
  std::vector<NodeIndex> path;
  path.reserve(Level(Root(leaf_count)));
  for (auto at = std::optional(node); at; at = Parent(*at, leaf_count)) {
    if (const auto sibling = Sibling(*at, leaf_count)) {
      path.push_back(*sibling);
    }
  }
  return path;
}

NodeIndex CommonAncestor(NodeIndex a, NodeIndex b) {
  if (IsInSubtree(b, a)) {
    return a;
  }
  if (IsInSubtree(a, b)) {
    return b;
  }
  // Above the highest differing bit both have the same way down from the root.
  // In 64 bits: all 32 may differ.
  const auto low_bits = static_cast<std::uint32_t>(std::bit_width(a.value ^ b.value));
  const std::uint64_t above = (std::uint64_t{a.value} >> low_bits) << low_bits;
  const std::uint64_t below = ((std::uint64_t{1} << low_bits) >> 1U) - 1;
  return {static_cast<std::uint32_t>(above | below)};
}

bool IsInSubtree(NodeIndex node, NodeIndex top) {
  const std::uint32_t half = (std::uint32_t{1} << Level(top)) - 1;
  return node.value >= top.value - half && node.value - (top.value - half) <= 2 * half;
}

LeafIndex FirstLeaf(NodeIndex top) {
  return {(top.value - ((std::uint32_t{1} << Level(top)) - 1)) / 2};
}

LeafIndex LastLeaf(NodeIndex top) {
  return {(top.value + ((std::uint32_t{1} << Level(top)) - 1)) / 2};
}

}  // namespace renkei::mls
