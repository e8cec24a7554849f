#include "crypto/mls/tree_node.h"

#include <algorithm>

#include "crypto/mls/limits.h"

namespace renkei::mls {

void Encode(wire::Writer& out, const ParentNode& value) {
  out.Opaque(value.encryption_key);
  out.Opaque(value.parent_hash);
  EncodeVector(out, value.unmerged_leaves);
}

Status Decode(wire::Reader& in, ParentNode& value) {
  RENKEI_TRY(in.Opaque(value.encryption_key));
  RENKEI_TRY(in.Opaque(value.parent_hash));
  RENKEI_TRY(DecodeVector(in, value.unmerged_leaves, kMaxLeaves));
  const auto not_increasing = [](LeafIndex a, LeafIndex b) { return a >= b; };
  if (std::adjacent_find(value.unmerged_leaves.begin(), value.unmerged_leaves.end(),
                         not_increasing) != value.unmerged_leaves.end()) {  // RFC 9420 §7.1
    return Error(Code::kMalformed, "mls: unmerged leaves not in increasing order");
  }
  return Ok();
}

NodeType Node::type() const {
  return std::holds_alternative<LeafNode>(value) ? NodeType::kLeaf : NodeType::kParent;
}

void Encode(wire::Writer& out, const Node& value) {
  out.U8(static_cast<std::uint8_t>(value.type()));
  std::visit([&](const auto& node) { Encode(out, node); }, value.value);
}

Status Decode(wire::Reader& in, Node& value) {
  std::uint8_t type = 0;
  RENKEI_TRY(in.U8(type));
  switch (type) {
    case static_cast<std::uint8_t>(NodeType::kLeaf):
      return Decode(in, value.value.emplace<LeafNode>());
    case static_cast<std::uint8_t>(NodeType::kParent):
      return Decode(in, value.value.emplace<ParentNode>());
    default:
      return Error(Code::kMalformed, "mls: node type");
  }
}

void Encode(wire::Writer& out, const RatchetTreeNodes& value) {
  out.Vector([&] {
    for (const std::optional<Node>& node : value.nodes) {
      EncodeOptional(out, node);
    }
  });
}

Status Decode(wire::Reader& in, RatchetTreeNodes& value) {
  wire::Reader body;
  RENKEI_TRY(in.Vector(body));
  value.nodes.clear();
  while (!body.AtEnd()) {
    if (value.nodes.size() == kMaxTreeNodes) {
      return Error(Code::kTooLarge, "mls: ratchet tree has too many nodes");
    }
    RENKEI_TRY(DecodeOptional(body, value.nodes.emplace_back()));
  }
  return Ok();
}

}  // namespace renkei::mls
