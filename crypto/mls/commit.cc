#include "crypto/mls/commit.h"

#include "crypto/mls/limits.h"

namespace renkei::mls {

void Encode(wire::Writer& out, const HpkeCiphertext& value) {
  out.Opaque(value.kem_output);
  out.Opaque(value.ciphertext);
}

Status Decode(wire::Reader& in, HpkeCiphertext& value) {
  RENKEI_TRY(in.Opaque(value.kem_output));
  return in.Opaque(value.ciphertext);
}

void Encode(wire::Writer& out, const UpdatePathNode& value) {
  out.Opaque(value.encryption_key);
  EncodeVector(out, value.encrypted_path_secret);
}

Status Decode(wire::Reader& in, UpdatePathNode& value) {
  RENKEI_TRY(in.Opaque(value.encryption_key));
  return DecodeVector(in, value.encrypted_path_secret, kMaxLeaves);
}

void Encode(wire::Writer& out, const UpdatePath& value) {
  Encode(out, value.leaf_node);
  EncodeVector(out, value.nodes);
}

Status Decode(wire::Reader& in, UpdatePath& value) {
  RENKEI_TRY(Decode(in, value.leaf_node));
  return DecodeVector(in, value.nodes, kMaxPathNodes);
}

void Encode(wire::Writer& out, const ProposalOrRef& value) {
  out.U8(static_cast<std::uint8_t>(value.value.index() + 1));
  std::visit([&](const auto& content) { Encode(out, content); }, value.value);
}

Status Decode(wire::Reader& in, ProposalOrRef& value) {
  std::uint8_t type = 0;
  RENKEI_TRY(in.U8(type));
  switch (type) {
    case static_cast<std::uint8_t>(ProposalOrRefType::kProposal):
      return Decode(in, value.value.emplace<Proposal>());
    case static_cast<std::uint8_t>(ProposalOrRefType::kReference):
      return Decode(in, value.value.emplace<ProposalRef>());
    default:
      return Error(Code::kMalformed, "mls: neither proposal nor reference");
  }
}

void Encode(wire::Writer& out, const Commit& value) {
  EncodeVector(out, value.proposals);
  EncodeOptional(out, value.path);
}

Status Decode(wire::Reader& in, Commit& value) {
  RENKEI_TRY(DecodeVector(in, value.proposals, kMaxProposals));
  return DecodeOptional(in, value.path);
}

}  // namespace renkei::mls
