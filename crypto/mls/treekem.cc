#include "crypto/mls/treekem.h"

#include <algorithm>
#include <utility>

#include "crypto/mls/limits.h"
#include "crypto/mls/parent_hash.h"
#include "crypto/mls/suite.h"
#include "crypto/mls/tree_math.h"

namespace renkei::mls {
namespace {

constexpr std::string_view kPathLabel = "UpdatePathNode";

// Whom the secret of a node is sealed to: the other side, without who comes in by this commit.
std::vector<NodeIndex> Recipients(const RatchetTree& tree, NodeIndex copath,
                                  std::span<const LeafIndex> added) {
  std::vector<NodeIndex> nodes = tree.Resolution(copath);
  std::erase_if(nodes, [&](NodeIndex node) {
    return IsLeaf(node) && std::binary_search(added.begin(), added.end(), ToLeaf(node));
  });
  return nodes;
}

// The step at which the paths of the committer and of `member` meet; steps.size() if there is none.
std::size_t MeetingStep(const std::vector<PathStep>& steps, LeafIndex committer, LeafIndex member) {
  const NodeIndex ancestor = RatchetTree::CommonAncestor(committer, member);
  const auto found = std::find_if(steps.begin(), steps.end(),
                                  [&](const PathStep& step) { return step.node == ancestor; });
  return static_cast<std::size_t>(found - steps.begin());
}

// From steps[first] up: the key pair of each node, which has to be the tree's. Returns what follows
// the last one.
Result<SecretBytes> Climb(const RatchetTree& tree, TreeKeys& keys,
                          const std::vector<PathStep>& steps, std::size_t first,
                          SecretBytes path_secret) {
  if (path_secret.size() != kHashBytes) {
    return Error(Code::kMalformed, "mls: path secret of a wrong length");
  }
  for (std::size_t i = first; i < steps.size(); ++i) {
    HpkeKeyPair pair = NodeKeyPair(path_secret);
    if (!Equal(pair.public_key(), tree.EncryptionKey(steps[i].node))) {
      return Error(Code::kMalformed, "mls: path secret does not give the node's key");
    }
    keys.Set(steps[i].node, std::move(pair));
    path_secret = NextPathSecret(path_secret);
  }
  return path_secret;
}

}  // namespace

TreeKeys::TreeKeys(LeafIndex own, HpkeKeyPair leaf_key) : own_(own) {
  Set(ToNode(own), std::move(leaf_key));
}

const HpkeKeyPair* TreeKeys::Find(NodeIndex node) const {
  const auto found = keys_.find(node);
  return found == keys_.end() ? nullptr : found->second.get();
}

void TreeKeys::Set(NodeIndex node, HpkeKeyPair key) {
  keys_[node] = std::make_shared<const HpkeKeyPair>(std::move(key));
}

void TreeKeys::Retain(const RatchetTree& tree) {
  std::erase_if(keys_, [&](const auto& entry) {
    return !Equal(entry.second->public_key(), tree.EncryptionKey(entry.first));
  });
}

bool TreeKeys::Matches(const RatchetTree& tree) const {
  return Find(ToNode(own_)) != nullptr &&
         std::all_of(keys_.begin(), keys_.end(), [&](const auto& entry) {
           return IsInSubtree(ToNode(own_), entry.first) &&
                  Equal(entry.second->public_key(), tree.EncryptionKey(entry.first));
         });
}

void Encode(wire::Writer& out, const TreeKeys& value) {
  Encode(out, value.own_);
  out.Vector([&] {
    for (const auto& [node, key] : value.keys_) {
      out.U32(node.value);
      out.Raw(key->private_key().Expose());
    }
  });
}

Status Decode(wire::Reader& in, TreeKeys& value) {
  RENKEI_TRY(Decode(in, value.own_));
  wire::Reader keys;
  RENKEI_TRY(in.Vector(keys));
  while (!keys.AtEnd()) {
    NodeIndex node;
    ByteView key;
    RENKEI_TRY(keys.U32(node.value));
    RENKEI_TRY(keys.Raw(kHpkeKeyBytes, key));
    RENKEI_ASSIGN(HpkeKeyPair pair, HpkeKeyPair::FromPrivate(key));
    if (value.keys_.size() > kMaxPathNodes || node.value >= kMaxTreeNodes ||
        (!value.keys_.empty() && value.keys_.rbegin()->first >= node)) {
      return Error(Code::kMalformed, "mls: stored private keys");
    }
    value.Set(node, std::move(pair));
  }
  return Ok();
}

HpkeKeyPair NodeKeyPair(const SecretBytes& path_secret) {
  return HpkeKeyPair::Derive(DeriveSecret(path_secret, "node").Expose());
}

SecretBytes NextPathSecret(const SecretBytes& path_secret) {
  return DeriveSecret(path_secret, "path");
}

NewPath CreatePath(RatchetTree& tree, TreeKeys& keys, LeafNode leaf, const SigningKey& signing_key,
                   ByteView group_id, Random& random) {
  NewPath path;
  path.steps = tree.FilteredDirectPath(keys.own());
  std::vector<Bytes> public_keys;
  SecretBytes path_secret = random.NextSecret(kHashBytes);
  for (const PathStep& step : path.steps) {
    HpkeKeyPair pair = NodeKeyPair(path_secret);
    public_keys.push_back(ToBytes(pair.public_key()));
    path.update_path.nodes.push_back({public_keys.back(), {}});
    keys.Set(step.node, std::move(pair));
    SecretBytes next = NextPathSecret(path_secret);
    path.path_secrets.push_back(std::move(path_secret));
    path_secret = std::move(next);
  }
  path.commit_secret = std::move(path_secret);

  HpkeKeyPair leaf_key = HpkeKeyPair::Generate(random);
  leaf.encryption_key = ToBytes(leaf_key.public_key());
  leaf.source_data = CommitSource{SetPath(tree, keys.own(), path.steps, public_keys)};
  leaf.signature =
      SignWithLabel(signing_key, "LeafNodeTBS", LeafNodeTbs(leaf, group_id, keys.own()));
  tree.SetLeaf(keys.own(), leaf);
  keys.Set(ToNode(keys.own()), std::move(leaf_key));
  keys.Retain(tree);
  path.update_path.leaf_node = std::move(leaf);
  return path;
}

Status EncryptPath(NewPath& path, const RatchetTree& tree, std::span<const LeafIndex> added,
                   ByteView group_context, Random& random) {
  const HpkeInfo info = EncryptionInfo(kPathLabel, group_context);
  for (std::size_t i = 0; i < path.steps.size(); ++i) {
    auto& out = path.update_path.nodes[i].encrypted_path_secret;
    for (const NodeIndex node : Recipients(tree, path.steps[i].copath, added)) {
      RENKEI_ASSIGN(HpkeCiphertext sealed, EncryptWithInfo(tree.EncryptionKey(node), info,
                                                           path.path_secrets[i].Expose(), random));
      out.push_back(std::move(sealed));
    }
  }
  return Ok();
}

const SecretBytes* PathSecretFor(const NewPath& path, LeafIndex committer, LeafIndex member) {
  const std::size_t step = MeetingStep(path.steps, committer, member);
  return step < path.path_secrets.size() ? &path.path_secrets[step] : nullptr;
}

Status MergePath(RatchetTree& tree, LeafIndex committer, const UpdatePath& path,
                 std::span<const LeafIndex> added) {
  const std::vector<PathStep> steps = tree.FilteredDirectPath(committer);
  if (path.nodes.size() != steps.size()) {  // §7.5
    return Error(Code::kMalformed, "mls: update path of a wrong length");
  }
  std::vector<Bytes> keys;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const std::size_t expected = Recipients(tree, steps[i].copath, added).size();
    if (path.nodes[i].encrypted_path_secret.size() != expected) {  // §7.6
      return Error(Code::kMalformed, "mls: update path with a wrong number of ciphertexts");
    }
    keys.push_back(path.nodes[i].encryption_key);
  }
  const Bytes parent_hash = SetPath(tree, committer, steps, keys);
  const auto* source = std::get_if<CommitSource>(&path.leaf_node.source_data);
  if (source == nullptr || source->parent_hash != parent_hash) {  // §7.9.2
    return Error(Code::kMalformed, "mls: parent hash of the committer's leaf");
  }
  tree.SetLeaf(committer, path.leaf_node);
  return Ok();
}

Result<SecretBytes> OpenPath(const RatchetTree& tree, TreeKeys& keys, LeafIndex committer,
                             const UpdatePath& path, std::span<const LeafIndex> added,
                             ByteView group_context) {
  const std::vector<PathStep> steps = tree.FilteredDirectPath(committer);
  const std::size_t step = MeetingStep(steps, committer, keys.own());
  if (step == steps.size() || path.nodes.size() != steps.size()) {
    return Error(Code::kMalformed, "mls: update path passes us by");
  }
  const std::vector<NodeIndex> recipients = Recipients(tree, steps[step].copath, added);
  const auto ours = std::find_if(recipients.begin(), recipients.end(),
                                 [&](NodeIndex node) { return keys.Find(node) != nullptr; });
  const auto& sealed = path.nodes[step].encrypted_path_secret;
  if (ours == recipients.end() || sealed.size() != recipients.size()) {
    return Error(Code::kMalformed, "mls: update path has nothing for us");
  }
  RENKEI_ASSIGN(SecretBytes path_secret,
                DecryptWithLabel(*keys.Find(*ours), kPathLabel, group_context,
                                 sealed[static_cast<std::size_t>(ours - recipients.begin())]));
  RENKEI_ASSIGN(SecretBytes commit_secret, Climb(tree, keys, steps, step, std::move(path_secret)));
  keys.Retain(tree);
  return commit_secret;
}

Status AdoptPathSecret(const RatchetTree& tree, TreeKeys& keys, LeafIndex committer,
                       const SecretBytes& path_secret) {
  const std::vector<PathStep> steps = tree.FilteredDirectPath(committer);
  const std::size_t step = MeetingStep(steps, committer, keys.own());
  if (step == steps.size()) {
    return Error(Code::kMalformed, "mls: path secret that leads nowhere");
  }
  RENKEI_TRY(Climb(tree, keys, steps, step, path_secret.Clone()));
  return Ok();
}

}  // namespace renkei::mls
