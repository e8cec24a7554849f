// The nodes of the ratchet tree as they travel (RFC 9420 §7.1, §12.4.3.3). The tree itself is in
// ratchet_tree.h. Values; any thread.
#ifndef RENKEI_CRYPTO_MLS_TREE_NODE_H_
#define RENKEI_CRYPTO_MLS_TREE_NODE_H_

#include <optional>
#include <variant>
#include <vector>

#include "crypto/mls/leaf_node.h"
#include "crypto/mls/types.h"

namespace renkei::mls {

struct ParentNode {
  Bytes encryption_key;  // HPKE public key
  Bytes parent_hash;
  std::vector<LeafIndex> unmerged_leaves;  // increasing (RFC 9420 §7.1); decoding refuses else
  friend bool operator==(const ParentNode&, const ParentNode&) = default;
};
void Encode(wire::Writer& out, const ParentNode& value);
Status Decode(wire::Reader& in, ParentNode& value);

enum class NodeType : std::uint8_t { kLeaf = 1, kParent = 2 };

struct Node {
  std::variant<LeafNode, ParentNode> value;

  NodeType type() const;
  friend bool operator==(const Node&, const Node&) = default;
};
// kMalformed for an unknown node type.
void Encode(wire::Writer& out, const Node& value);
Status Decode(wire::Reader& in, Node& value);

// The ratchet_tree extension of GroupInfo: nodes in array order, blanks empty, trailing blanks left
// out. kTooLarge above kMaxTreeNodes. Whether it is a tree is checked where it becomes one.
struct RatchetTreeNodes {
  static constexpr ExtensionType kType = ExtensionType::kRatchetTree;
  std::vector<std::optional<Node>> nodes;
  friend bool operator==(const RatchetTreeNodes&, const RatchetTreeNodes&) = default;
};
void Encode(wire::Writer& out, const RatchetTreeNodes& value);
Status Decode(wire::Reader& in, RatchetTreeNodes& value);

}  // namespace renkei::mls

#endif  // RENKEI_CRYPTO_MLS_TREE_NODE_H_
