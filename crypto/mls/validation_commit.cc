#include "crypto/mls/validation_commit.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <set>

#include "crypto/mls/hpke.h"
#include "crypto/mls/validation_leaf.h"

namespace renkei::mls {

Status CheckEpochFollows(const GroupContext& context) {
  if (context.epoch.value == std::numeric_limits<std::uint64_t>::max()) {
    return Error(Code::kMalformed, "mls: no epoch comes after this one");
  }
  return Ok();
}

bool NeedsPath(const ProposalList& list) {
  return list.all.empty() ||
         std::any_of(list.all.begin(), list.all.end(), [](const ListedProposal& listed) {
           switch (listed.proposal->type()) {
             case ProposalType::kAdd:
             case ProposalType::kPsk:
             case ProposalType::kReInit:
               return false;
             default:
               return true;
           }
         });
}

Status CheckPathPresent(const ProposalList& list, bool has_path) {
  if (!has_path && NeedsPath(list)) {
    return Error(Code::kMalformed, "mls: commit without the path it needs");
  }
  return Ok();
}

Status CheckPathKeyLengths(const UpdatePath& path) {
  for (const UpdatePathNode& node : path.nodes) {
    if (node.encryption_key.size() != kHpkeKeyBytes) {
      return Error(Code::kMalformed, "mls: length of a key in a path");
    }
  }
  return Ok();
}

Status CheckPathLeafKeyIsNew(const UpdatePath& path, const LeafNode& old) {
  if (path.leaf_node.encryption_key == old.encryption_key) {
    return Error(Code::kMalformed, "mls: path keeps the leaf's encryption key");
  }
  return Ok();
}

Status CheckPathKeysAreNew(const UpdatePath& path, const RatchetTree& tree) {
  std::set<Bytes> keys{path.leaf_node.encryption_key};
  bool fresh = true;
  for (const UpdatePathNode& node : path.nodes) {
    fresh = keys.insert(node.encryption_key).second && fresh;
  }
  tree.ForEachLeaf([&](LeafIndex, const LeafNode& leaf) {
    fresh = fresh && keys.count(leaf.encryption_key) == 0;
  });
  tree.ForEachParent([&](NodeIndex, const ParentNode& parent) {
    fresh = fresh && keys.count(parent.encryption_key) == 0;
  });
  if (!fresh) {
    return Error(Code::kMalformed, "mls: path with a key that is in use");
  }
  return Ok();
}

Status CheckPathLeaf(const UpdatePath& path, LeafIndex committer, const GroupContext& context) {
  RENKEI_TRY(CheckSource(path.leaf_node, LeafNodeSource::kCommit));
  RENKEI_TRY(CheckLeafContents(path.leaf_node, context.extensions));
  return CheckLeafSignature(path.leaf_node, context.group_id, committer);
}

Status CheckPath(const UpdatePath& path, LeafIndex committer, const LeafNode* old,
                 const RatchetTree& tree, const GroupContext& context,
                 const Environment& environment) {
  RENKEI_TRY(CheckPathKeyLengths(path));
  RENKEI_TRY(CheckPathLeaf(path, committer, context));
  RENKEI_TRY(CheckPathKeysAreNew(path, tree));
  if (old == nullptr) {
    return environment.credentials.Check(path.leaf_node.credential, path.leaf_node.signature_key,
                                         environment.now);
  }
  RENKEI_TRY(CheckPathLeafKeyIsNew(path, *old));
  return CheckReplacement(*old, path.leaf_node, environment);
}

Status CheckTreeAfterPath(const RatchetTree& tree, LeafIndex committer) {
  const LeafIndex changed[] = {committer};
  RENKEI_TRY(CheckSignatureKeysUnique(tree, changed));
  return CheckCredentialTypes(tree, changed);
}

}  // namespace renkei::mls
