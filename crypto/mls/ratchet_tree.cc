#include "crypto/mls/ratchet_tree.h"

#include <algorithm>
#include <utility>

#include "crypto/mls/limits.h"

namespace renkei::mls {
namespace {

// Fills the subtree from nodes in array order. kMalformed for a node of the wrong kind.
Result<std::shared_ptr<Subtree>> Build(std::vector<std::optional<Node>>& nodes, LeafRange range) {
  auto subtree = std::make_shared<Subtree>();
  const std::size_t at = range.index().value;
  if (at < nodes.size() && nodes[at].has_value()) {
    if (nodes[at]->type() != (range.IsLeaf() ? NodeType::kLeaf : NodeType::kParent)) {
      return Error(Code::kMalformed, "mls: tree node of the wrong kind");  // §12.4.3.3
    }
    if (range.IsLeaf()) {
      subtree->leaf = std::make_shared<LeafNode>(std::get<LeafNode>(std::move(nodes[at]->value)));
    } else {
      subtree->parent =
          std::make_shared<ParentNode>(std::get<ParentNode>(std::move(nodes[at]->value)));
    }
  }
  if (!range.IsLeaf()) {
    RENKEI_ASSIGN(subtree->left, Build(nodes, range.Left()));
    RENKEI_ASSIGN(subtree->right, Build(nodes, range.Right()));
  }
  subtree->Refresh();
  return subtree;
}

// In order, subtrees without any node left out.
template <typename Visit>
void Walk(const Subtree& subtree, LeafRange range, const Visit& visit) {
  if (subtree.occupied == 0) {
    return;
  }
  if (!range.IsLeaf()) {
    Walk(*subtree.left, range.Left(), visit);
  }
  if (!subtree.IsBlank()) {
    visit(range, subtree);
  }
  if (!range.IsLeaf()) {
    Walk(*subtree.right, range.Right(), visit);
  }
}

void Resolve(const Subtree& subtree, LeafRange range, std::vector<NodeIndex>& out) {
  if (subtree.occupied == 0) {
    return;
  }
  if (!subtree.IsBlank()) {
    out.push_back(range.index());
    if (subtree.parent != nullptr) {
      for (const LeafIndex leaf : subtree.parent->unmerged_leaves) {
        out.push_back({2 * leaf.value});
      }
    }
    return;
  }
  Resolve(*subtree.left, range.Left(), out);
  Resolve(*subtree.right, range.Right(), out);
}

// Below a node with at least one blank leaf.
LeafIndex LeftmostBlank(const Subtree& subtree, LeafRange range) {
  if (range.IsLeaf()) {
    return {range.first};
  }
  return subtree.left->members < range.size / 2 ? LeftmostBlank(*subtree.left, range.Left())
                                                : LeftmostBlank(*subtree.right, range.Right());
}

void EditDown(std::shared_ptr<Subtree>& slot, LeafRange range, NodeIndex target,
              const std::function<void(NodeIndex, Subtree&)>& visit) {
  Subtree& subtree = Writable(slot);
  visit(range.index(), subtree);
  if (range.index() != target) {
    const bool left = range.Left().Contains(target);
    EditDown(left ? subtree.left : subtree.right, left ? range.Left() : range.Right(), target,
             visit);
  }
  subtree.Refresh();
}

using ChangeVisitor = std::function<void(NodeIndex, const Subtree*)>;

bool SameNode(const Subtree& a, const Subtree& b) {
  return a.leaf == b.leaf && a.parent == b.parent;
}

// All of `one`, against nothing. `now`: it is what there is, else what there was.
void VisitAll(const Subtree& one, LeafRange range, bool now, const ChangeVisitor& visit) {
  Walk(one, range,
       [&](LeafRange at, const Subtree& subtree) { visit(at.index(), now ? &subtree : nullptr); });
}

// Two subtrees that begin at the same leaf; one may be the left part of the other.
void Compare(const Subtree& now, LeafRange range, const Subtree& before, LeafRange range_before,
             const ChangeVisitor& visit) {
  if (&now == &before) {
    return;
  }
  if (range.size > range_before.size) {
    if (!now.IsBlank()) {
      visit(range.index(), &now);
    }
    Compare(*now.left, range.Left(), before, range_before, visit);
    VisitAll(*now.right, range.Right(), true, visit);
    return;
  }
  if (range.size < range_before.size) {
    if (!before.IsBlank()) {
      visit(range_before.index(), nullptr);
    }
    Compare(now, range, *before.left, range_before.Left(), visit);
    VisitAll(*before.right, range_before.Right(), false, visit);
    return;
  }
  if (!SameNode(now, before)) {
    visit(range.index(), now.IsBlank() ? nullptr : &now);
  }
  if (!range.IsLeaf()) {
    Compare(*now.left, range.Left(), *before.left, range.Left(), visit);
    Compare(*now.right, range.Right(), *before.right, range.Right(), visit);
  }
}

}  // namespace

RatchetTree::RatchetTree() : root_(BlankSubtree({})) {}

Result<RatchetTree> RatchetTree::FromNodes(RatchetTreeNodes nodes) {
  if (nodes.nodes.empty() || !nodes.nodes.back().has_value()) {
    return Error(Code::kMalformed, "mls: tree ends with a blank node");  // §12.4.3.3
  }
  if (nodes.nodes.size() > kMaxTreeNodes) {
    return Error(Code::kTooLarge, "mls: tree has too many nodes");
  }
  RatchetTree tree;
  while (2 * std::size_t{tree.range_.size} - 1 < nodes.nodes.size()) {
    tree.range_.size *= 2;
  }
  RENKEI_ASSIGN(tree.root_, Build(nodes.nodes, tree.range_));
  RENKEI_TRY(tree.CheckStructure());
  return tree;
}

Status RatchetTree::CheckStructure() const {
  if (root_->members == 0 || (!range_.IsLeaf() && root_->right->members == 0)) {
    return Error(Code::kMalformed, "mls: tree is not truncated");  // §7.7
  }
  bool valid = true;
  ForEachParent([&](NodeIndex node, const ParentNode& parent) {
    const LeafRange below = LeafRange::Of(node);
    for (const LeafIndex leaf : parent.unmerged_leaves) {
      valid = valid && below.Contains(leaf) && Leaf(leaf) != nullptr;
    }
  });
  if (!valid) {  // §12.4.3.1
    return Error(Code::kMalformed, "mls: unmerged leaf is not a member below the node");
  }
  return Ok();
}

Bytes RatchetTree::Serialize() const {
  wire::Writer out(std::size_t{512} * root_->occupied);
  out.Vector([&] {
    std::uint32_t next = 0;  // blanks are written when a node follows them, so none at the end
    Walk(*root_, range_, [&](LeafRange range, const Subtree& subtree) {
      for (; next < range.index().value; ++next) {
        out.U8(0);
      }
      ++next;
      out.U8(1);
      if (subtree.leaf != nullptr) {
        out.U8(static_cast<std::uint8_t>(NodeType::kLeaf));
        Encode(out, *subtree.leaf);
      } else {
        out.U8(static_cast<std::uint8_t>(NodeType::kParent));
        Encode(out, *subtree.parent);
      }
    });
  });
  return std::move(out).Take();
}

Subtree* RatchetTree::Find(NodeIndex node) const {
  if (!range_.Contains(node)) {
    return nullptr;
  }
  Subtree* subtree = root_.get();
  for (LeafRange range = range_; range.index() != node;) {
    const bool left = range.Left().Contains(node);
    subtree = left ? subtree->left.get() : subtree->right.get();
    range = left ? range.Left() : range.Right();
  }
  return subtree;
}

const LeafNode* RatchetTree::Leaf(LeafIndex leaf) const {
  if (!range_.Contains(leaf)) {
    return nullptr;
  }
  return Find({2 * leaf.value})->leaf.get();
}

const ParentNode* RatchetTree::Parent(NodeIndex node) const {
  const Subtree* subtree = Find(node);
  return subtree == nullptr ? nullptr : subtree->parent.get();
}

ByteView RatchetTree::EncryptionKey(NodeIndex node) const {
  const Subtree* subtree = Find(node);
  if (subtree == nullptr || subtree->IsBlank()) {
    return {};
  }
  return subtree->leaf != nullptr ? ByteView(subtree->leaf->encryption_key)
                                  : ByteView(subtree->parent->encryption_key);
}

void RatchetTree::ForEachLeaf(const LeafVisitor& visit) const {
  Walk(*root_, range_, [&](LeafRange range, const Subtree& subtree) {
    if (subtree.leaf != nullptr) {
      visit(LeafIndex{range.first}, *subtree.leaf);
    }
  });
}

void RatchetTree::ForEachParent(const ParentVisitor& visit) const {
  Walk(*root_, range_, [&](LeafRange range, const Subtree& subtree) {
    if (subtree.parent != nullptr) {
      visit(range.index(), *subtree.parent);
    }
  });
}

std::vector<NodeIndex> RatchetTree::Resolution(NodeIndex node) const {
  std::vector<NodeIndex> out;
  if (const Subtree* subtree = Find(node); subtree != nullptr) {
    Resolve(*subtree, LeafRange::Of(node), out);
  }
  return out;
}

std::vector<PathStep> RatchetTree::DirectPath(LeafIndex leaf) const {
  RENKEI_CHECK(range_.Contains(leaf));
  std::vector<PathStep> path;
  for (LeafRange range = range_; !range.IsLeaf();) {
    const bool left = range.Left().Contains(leaf);
    path.push_back({range.index(), left ? range.Right().index() : range.Left().index()});
    range = left ? range.Left() : range.Right();
  }
  std::reverse(path.begin(), path.end());
  return path;
}

std::vector<PathStep> RatchetTree::FilteredDirectPath(LeafIndex leaf) const {
  std::vector<PathStep> path = DirectPath(leaf);
  std::erase_if(path, [this](const PathStep& step) { return Find(step.copath)->occupied == 0; });
  return path;
}

NodeIndex RatchetTree::CommonAncestor(LeafIndex a, LeafIndex b) {
  LeafRange range{a.value, 1};
  while (!range.Contains(b)) {
    range.size *= 2;
    range.first -= range.first % range.size;
  }
  return range.index();
}

const Hash32& RatchetTree::TreeHash() const {
  return mls::TreeHash(*root_, range_);
}

const Hash32& RatchetTree::TreeHash(NodeIndex node) const {
  Subtree* subtree = Find(node);
  RENKEI_CHECK(subtree != nullptr);
  return mls::TreeHash(*subtree, LeafRange::Of(node));
}

Hash32 RatchetTree::TreeHashWithout(NodeIndex node, std::span<const LeafIndex> blanked) const {
  Subtree* subtree = Find(node);
  RENKEI_CHECK(subtree != nullptr);
  return mls::TreeHashWithout(*subtree, LeafRange::Of(node), blanked);
}

void RatchetTree::ForEachChange(const RatchetTree& before, const NodeVisitor& visit) const {
  Compare(*root_, range_, *before.root_, before.range_, [&](NodeIndex index, const Subtree* now) {
    if (now == nullptr) {
      visit(index, nullptr);
    } else if (now->leaf != nullptr) {
      const Node node{*now->leaf};
      visit(index, &node);
    } else {
      const Node node{*now->parent};
      visit(index, &node);
    }
  });
}

void RatchetTree::EditPath(NodeIndex target, const EditVisitor& visit) {
  RENKEI_CHECK(range_.Contains(target));
  EditDown(root_, range_, target, visit);
}

void RatchetTree::Extend() {
  auto root = std::make_shared<Subtree>();
  const LeafRange whole{0, range_.size * 2};
  root->left = std::move(root_);
  root->right = BlankSubtree(whole.Right());
  root->Refresh();
  root_ = std::move(root);
  range_ = whole;
}

void RatchetTree::Truncate() {
  while (!range_.IsLeaf() && root_->right->members == 0) {
    root_ = std::shared_ptr<Subtree>(root_->left);
    range_ = range_.Left();
  }
}

Result<LeafIndex> RatchetTree::ReserveLeaf() {
  if (root_->members == range_.size) {
    if (range_.size == kMaxLeaves) {
      return Error(Code::kTooLarge, "mls: group is full");
    }
    Extend();
  }
  return LeftmostBlank(*root_, range_);
}

Result<LeafIndex> RatchetTree::AddLeaf(LeafNode leaf) {
  RENKEI_ASSIGN(const LeafIndex index, ReserveLeaf());
  const auto shared = std::make_shared<const LeafNode>(std::move(leaf));
  EditPath({2 * index.value}, [&](NodeIndex, Subtree& subtree) {
    if (subtree.left == nullptr) {
      subtree.leaf = shared;
    } else if (subtree.parent != nullptr) {
      auto parent = std::make_shared<ParentNode>(*subtree.parent);
      auto& unmerged = parent->unmerged_leaves;
      unmerged.insert(std::upper_bound(unmerged.begin(), unmerged.end(), index), index);
      subtree.parent = std::move(parent);
    }
  });
  return index;
}

void RatchetTree::SetLeaf(LeafIndex index, LeafNode leaf) {
  const auto shared = std::make_shared<const LeafNode>(std::move(leaf));
  const NodeIndex target{2 * index.value};
  EditPath(target, [&](NodeIndex node, Subtree& subtree) {
    if (node == target) {
      subtree.leaf = shared;
    }
  });
}

void RatchetTree::SetParent(NodeIndex index, ParentNode parent) {
  RENKEI_CHECK(!LeafRange::Of(index).IsLeaf());
  const auto shared = std::make_shared<const ParentNode>(std::move(parent));
  EditPath(index, [&](NodeIndex node, Subtree& subtree) {
    if (node == index) {
      subtree.parent = shared;
    }
  });
}

void RatchetTree::BlankPath(LeafIndex leaf) {
  EditPath({2 * leaf.value}, [](NodeIndex, Subtree& subtree) { subtree.parent = nullptr; });
}

void RatchetTree::RemoveLeaf(LeafIndex leaf) {
  EditPath({2 * leaf.value}, [](NodeIndex, Subtree& subtree) {
    subtree.leaf = nullptr;
    subtree.parent = nullptr;
  });
  Truncate();
}

}  // namespace renkei::mls
