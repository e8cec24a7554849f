#include "crypto/mls/validation_tree.h"

#include <algorithm>
#include <vector>

#include "crypto/mls/parent_hash.h"
#include "crypto/mls/validation_leaf.h"

namespace renkei::mls {
namespace {

constexpr std::size_t kKeyBytes = 32;

bool Lists(const ParentNode& parent, LeafIndex leaf) {
  return std::binary_search(parent.unmerged_leaves.begin(), parent.unmerged_leaves.end(), leaf);
}

// Whether all nodes between `leaf` and `top` list it.
bool ListedUpTo(const RatchetTree& tree, LeafIndex leaf, NodeIndex top) {
  for (const PathStep& step : tree.DirectPath(leaf)) {
    if (step.node == top) {
      return true;
    }
    const ParentNode* between = tree.Parent(step.node);
    if (between != nullptr && !Lists(*between, leaf)) {
      return false;
    }
  }
  return true;
}

}  // namespace

Status CheckTreeHash(const RatchetTree& tree, const GroupContext& context) {
  if (!Equal(tree.TreeHash(), context.tree_hash)) {
    return Error(Code::kMalformed, "mls: not the group's tree");
  }
  return Ok();
}

Status CheckUnmergedLeaves(const RatchetTree& tree) {
  bool valid = true;
  tree.ForEachParent([&](NodeIndex node, const ParentNode& parent) {
    for (const LeafIndex leaf : parent.unmerged_leaves) {
      valid = valid && ListedUpTo(tree, leaf, node);
    }
  });
  if (!valid) {
    return Error(Code::kMalformed, "mls: unmerged leaf is merged further down");
  }
  return Ok();
}

Status CheckParentKeyLengths(const RatchetTree& tree) {
  bool valid = true;
  tree.ForEachParent([&](NodeIndex, const ParentNode& parent) {
    valid = valid && parent.encryption_key.size() == kKeyBytes;
  });
  if (!valid) {
    return Error(Code::kMalformed, "mls: length of a parent's key");
  }
  return Ok();
}

Status CheckAllKeysUnique(const RatchetTree& tree) {
  std::vector<LeafIndex> leaves;
  std::vector<NodeIndex> nodes;
  tree.ForEachLeaf([&](LeafIndex index, const LeafNode&) {
    leaves.push_back(index);
    nodes.push_back({2 * index.value});
  });
  tree.ForEachParent([&](NodeIndex index, const ParentNode&) { nodes.push_back(index); });
  RENKEI_TRY(CheckSignatureKeysUnique(tree, leaves));
  RENKEI_TRY(CheckEncryptionKeysUnique(tree, nodes));
  return CheckCredentialTypes(tree, leaves);
}

Status CheckAllLeaves(const RatchetTree& tree, const GroupContext& context,
                      const Environment& environment) {
  Status status;
  tree.ForEachLeaf([&](LeafIndex index, const LeafNode& leaf) {
    const auto check = [&]() -> Status {
      RENKEI_TRY(CheckLeafContents(leaf, context.extensions));
      RENKEI_TRY(CheckLeafSignature(leaf, context.group_id, index));
      return environment.credentials.CheckExisting(leaf.credential, leaf.signature_key,
                                                   environment.now);
    };
    if (status.ok()) {
      status = check();
    }
  });
  return status;
}

Status CheckTree(const RatchetTree& tree, const GroupContext& context,
                 const Environment& environment) {
  RENKEI_TRY(CheckTreeHash(tree, context));
  RENKEI_TRY(CheckUnmergedLeaves(tree));
  RENKEI_TRY(CheckParentKeyLengths(tree));
  RENKEI_TRY(CheckParentHashes(tree));
  RENKEI_TRY(CheckAllKeysUnique(tree));
  return CheckAllLeaves(tree, context, environment);
}

}  // namespace renkei::mls
