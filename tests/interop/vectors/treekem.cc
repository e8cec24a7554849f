// "TreeKEM": update paths made by others and by us, opened by every member (RFC 9420 §7.4 - §7.6).
#include "crypto/mls/treekem.h"

#include <map>

#include "crypto/mls/group_context.h"
#include "crypto/mls/suite.h"
#include "crypto/mls/validation_commit.h"
#include "tests/interop/vectors/vectors.h"

namespace renkei::interop {
namespace {

struct Private {
  mls::TreeKeys keys;
  SigningKey signing_key;
};
using Privates = std::map<std::uint32_t, Private>;

Verdict ReadPrivates(const Json& test_case, const mls::RatchetTree& tree, Privates& out) {
  for (const Json& leaf : test_case.at("leaves_private")) {
    const auto index = leaf.at("index").get<std::uint32_t>();
    auto key = mls::HpkeKeyPair::FromPrivate(Hex(leaf, "encryption_priv"));
    VECTOR_EXPECT(key.ok());
    SigningKey signing_key = HexSigningKey(leaf, "signature_priv");
    mls::TreeKeys keys({index}, std::move(key).value());
    for (const Json& entry : leaf.at("path_secrets")) {
      keys.Set({entry.at("node").get<std::uint32_t>()},
               mls::NodeKeyPair(HexSecret(entry, "path_secret")));
    }
    VECTOR_EXPECT(keys.Matches(tree));
    VECTOR_EXPECT(Same(signing_key.public_key(), tree.Leaf({index})->signature_key));
    out.emplace(index, Private{std::move(keys), std::move(signing_key)});
  }
  return {};
}

// Every other member opens the path; `path_secrets` is null for a path of our own.
Verdict OpenByAll(const mls::RatchetTree& merged, const Privates& privates, mls::LeafIndex sender,
                  const mls::UpdatePath& path, ByteView context, const Json* path_secrets,
                  ByteView commit_secret) {
  const auto steps = merged.FilteredDirectPath(sender);
  for (const auto& [index, member] : privates) {
    if (index == sender.value) {
      continue;
    }
    mls::TreeKeys keys = member.keys;
    keys.Retain(merged);
    const auto opened = mls::OpenPath(merged, keys, sender, path, {}, context);
    VECTOR_EXPECT(opened.ok());
    VECTOR_EXPECT(Same(*opened, commit_secret));
    VECTOR_EXPECT(keys.Matches(merged));
    if (path_secrets != nullptr) {  // the key at the meeting point is what the path secret gives
      const auto secret = FromHex((*path_secrets)[index].get<std::string>());
      VECTOR_EXPECT(secret.ok());
      const auto meeting = mls::RatchetTree::CommonAncestor({index}, sender);
      VECTOR_EXPECT(keys.Find(meeting) != nullptr);
      VECTOR_EXPECT(Same(keys.Find(meeting)->public_key(),
                         mls::NodeKeyPair(SecretBytes::CopyOf(*secret)).public_key()));
    }
  }
  return {};
}

mls::GroupContext ContextOf(const Json& test_case) {
  mls::GroupContext context;
  context.group_id = Hex(test_case, "group_id");
  context.epoch = {test_case.at("epoch").get<std::uint64_t>()};
  context.confirmed_transcript_hash = Hex(test_case, "confirmed_transcript_hash");
  return context;
}

Verdict RunGivenPath(const Json& test_case, const Json& entry, const mls::RatchetTree& before,
                     const Privates& privates) {
  const mls::LeafIndex sender{entry.at("sender").get<std::uint32_t>()};
  const auto path = wire::Parse<mls::UpdatePath>(Hex(entry, "update_path"));
  VECTOR_EXPECT(path.ok());
  mls::GroupContext context = ContextOf(test_case);
  mls::RatchetTree tree = before;
  VECTOR_EXPECT(mls::CheckPathKeyLengths(*path).ok());
  VECTOR_EXPECT(mls::CheckPathKeysAreNew(*path, tree).ok());
  VECTOR_EXPECT(mls::CheckPathLeaf(*path, sender, context).ok());
  VECTOR_EXPECT(mls::MergePath(tree, sender, *path, {}).ok());
  VECTOR_EXPECT(Same(tree.TreeHash(), Hex(entry, "tree_hash_after")));
  context.tree_hash = ToBytes(tree.TreeHash());
  return OpenByAll(tree, privates, sender, *path, wire::Serialize(context),
                   &entry.at("path_secrets"), Hex(entry, "commit_secret"));
}

Verdict RunOwnPath(const Json& test_case, const Json& entry, const mls::RatchetTree& before,
                   const Privates& privates) {
  const mls::LeafIndex sender{entry.at("sender").get<std::uint32_t>()};
  const Private& own = privates.at(sender.value);
  mls::GroupContext context = ContextOf(test_case);
  mls::RatchetTree tree = before;
  mls::TreeKeys keys = own.keys;
  mls::NewPath path = mls::CreatePath(tree, keys, *tree.Leaf(sender), own.signing_key,
                                      context.group_id, TestRandom());
  VECTOR_EXPECT(keys.Matches(tree));
  context.tree_hash = ToBytes(tree.TreeHash());
  const Bytes encoded = wire::Serialize(context);
  VECTOR_EXPECT(mls::EncryptPath(path, tree, {}, encoded, TestRandom()).ok());

  mls::RatchetTree merged = before;
  VECTOR_EXPECT(mls::CheckPathLeaf(path.update_path, sender, context).ok());
  VECTOR_EXPECT(mls::MergePath(merged, sender, path.update_path, {}).ok());
  VECTOR_EXPECT(merged.TreeHash() == tree.TreeHash());
  return OpenByAll(merged, privates, sender, path.update_path, encoded, nullptr,
                   path.commit_secret.Expose());
}

}  // namespace

Verdict RunTreeKem(const Json& test_case) {
  auto nodes = wire::Parse<mls::RatchetTreeNodes>(Hex(test_case, "ratchet_tree"));
  VECTOR_EXPECT(nodes.ok());
  const auto tree = mls::RatchetTree::FromNodes(std::move(nodes).value());
  VECTOR_EXPECT(tree.ok());
  Privates privates;
  VECTOR_TRY(ReadPrivates(test_case, *tree, privates));
  for (const Json& entry : test_case.at("update_paths")) {
    VECTOR_TRY(RunGivenPath(test_case, entry, *tree, privates));
    VECTOR_TRY(RunOwnPath(test_case, entry, *tree, privates));
  }
  return {};
}

}  // namespace renkei::interop
