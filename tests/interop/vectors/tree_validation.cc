// "Tree Validation": resolutions, tree hashes, parent hashes and leaf signatures (RFC 9420 §4.1.1,
// §7.8, §7.9, §7.2).
#include "crypto/mls/parent_hash.h"
#include "crypto/mls/ratchet_tree.h"
#include "crypto/mls/validation_leaf.h"
#include "crypto/mls/validation_tree.h"
#include "tests/interop/vectors/vectors.h"

namespace renkei::interop {
namespace {

Verdict CheckNodes(const mls::RatchetTree& tree, const Json& test_case) {
  const Json& hashes = test_case.at("tree_hashes");
  const Json& resolutions = test_case.at("resolutions");
  const std::size_t count = 2 * std::size_t{tree.leaf_slots()} - 1;
  VECTOR_EXPECT(hashes.size() == count && resolutions.size() == count);
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto hash = FromHex(hashes[i].get<std::string>());
    VECTOR_EXPECT(hash.ok() && Same(tree.TreeHash(mls::NodeIndex{i}), *hash));
    std::vector<std::uint32_t> resolution;
    for (const mls::NodeIndex node : tree.Resolution({i})) {
      resolution.push_back(node.value);
    }
    VECTOR_EXPECT(resolution == resolutions[i].get<std::vector<std::uint32_t>>());
  }
  return {};
}

}  // namespace

Verdict RunTreeValidation(const Json& test_case) {
  auto nodes = wire::Parse<mls::RatchetTreeNodes>(Hex(test_case, "tree"));
  VECTOR_EXPECT(nodes.ok());
  const auto tree = mls::RatchetTree::FromNodes(std::move(nodes).value());
  VECTOR_EXPECT(tree.ok());
  VECTOR_EXPECT(Same(tree->Serialize(), Hex(test_case, "tree")));
  VECTOR_TRY(CheckNodes(*tree, test_case));
  VECTOR_EXPECT(mls::CheckParentHashes(*tree).ok());
  VECTOR_EXPECT(mls::CheckUnmergedLeaves(*tree).ok());
  VECTOR_EXPECT(mls::CheckAllKeysUnique(*tree).ok());
  const Bytes group_id = Hex(test_case, "group_id");
  bool signed_well = true;
  tree->ForEachLeaf([&](mls::LeafIndex index, const mls::LeafNode& leaf) {
    signed_well = signed_well && mls::CheckLeafSignature(leaf, group_id, index).ok();
  });
  VECTOR_EXPECT(signed_well);
  return {};
}

}  // namespace renkei::interop
