#include "crypto/mls/subtree.h"

#include <algorithm>

namespace renkei::mls {
namespace {

Hash32 HashLeaf(LeafIndex index, const LeafNode* leaf) {
  wire::Writer out(512);
  out.U8(static_cast<std::uint8_t>(NodeType::kLeaf));
  Encode(out, index);
  out.U8(leaf != nullptr ? 1 : 0);
  if (leaf != nullptr) {
    Encode(out, *leaf);
  }
  return Sha256(out.view());
}

Hash32 HashParent(const ParentNode* parent, const Hash32& left, const Hash32& right) {
  wire::Writer out(256);
  out.U8(static_cast<std::uint8_t>(NodeType::kParent));
  out.U8(parent != nullptr ? 1 : 0);
  if (parent != nullptr) {
    Encode(out, *parent);
  }
  out.Opaque(left);
  out.Opaque(right);
  return Sha256(out.view());
}

std::span<const LeafIndex> Within(std::span<const LeafIndex> leaves, LeafRange range) {
  const auto begin = std::lower_bound(leaves.begin(), leaves.end(), LeafIndex{range.first});
  const auto end = std::lower_bound(begin, leaves.end(), LeafIndex{range.first + range.size});
  return {begin, end};
}

}  // namespace

LeafRange LeafRange::Of(NodeIndex index) {
  std::uint32_t size = 1;
  for (std::uint32_t rest = index.value; (rest & 1U) != 0; rest >>= 1U) {
    size <<= 1U;
  }
  return {(index.value + 1 - size) / 2, size};
}

bool LeafRange::Contains(NodeIndex index) const {
  const LeafRange other = Of(index);
  return other.size <= size && other.first >= first && other.first - first < size;
}

void Subtree::Refresh() {
  members = leaf != nullptr ? 1 : 0;
  occupied = IsBlank() ? 0 : 1;
  if (left != nullptr) {
    members += left->members + right->members;
    occupied += left->occupied + right->occupied;
  }
  hashed = false;
}

std::shared_ptr<Subtree> BlankSubtree(LeafRange range) {
  auto node = std::make_shared<Subtree>();
  if (!range.IsLeaf()) {
    node->left = BlankSubtree(range.Left());
    node->right = BlankSubtree(range.Right());
  }
  return node;
}

Subtree& Writable(std::shared_ptr<Subtree>& slot) {
  if (slot.use_count() > 1) {
    slot = std::make_shared<Subtree>(*slot);
  }
  return *slot;
}

const Hash32& TreeHash(Subtree& node, LeafRange range) {
  if (!node.hashed) {
    node.hash = range.IsLeaf() ? HashLeaf(LeafIndex{range.first}, node.leaf.get())
                               : HashParent(node.parent.get(), TreeHash(*node.left, range.Left()),
                                            TreeHash(*node.right, range.Right()));
    node.hashed = true;
  }
  return node.hash;
}

Hash32 TreeHashWithout(Subtree& node, LeafRange range, std::span<const LeafIndex> blanked) {
  const std::span<const LeafIndex> here = Within(blanked, range);
  if (here.empty()) {
    return TreeHash(node, range);
  }
  if (range.IsLeaf()) {
    return HashLeaf(LeafIndex{range.first}, nullptr);
  }
  const Hash32 left = TreeHashWithout(*node.left, range.Left(), here);
  const Hash32 right = TreeHashWithout(*node.right, range.Right(), here);
  if (node.parent == nullptr) {
    return HashParent(nullptr, left, right);
  }
  ParentNode parent{node.parent->encryption_key, node.parent->parent_hash, {}};
  std::set_difference(node.parent->unmerged_leaves.begin(), node.parent->unmerged_leaves.end(),
                      here.begin(), here.end(), std::back_inserter(parent.unmerged_leaves));
  return HashParent(&parent, left, right);
}

}  // namespace renkei::mls
