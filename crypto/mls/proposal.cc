#include "crypto/mls/proposal.h"

namespace renkei::mls {
namespace {

void Encode(wire::Writer& out, const Add& value) {
  Encode(out, value.key_package);
}

void Encode(wire::Writer& out, const Update& value) {
  Encode(out, value.leaf_node);
}

void Encode(wire::Writer& out, const Remove& value) {
  Encode(out, value.removed);
}

void Encode(wire::Writer& out, const PreSharedKey& value) {
  Encode(out, value.psk);
}

void Encode(wire::Writer& out, const ReInit& value) {
  out.Opaque(value.group_id);
  wire::Encode(out, value.version);
  wire::Encode(out, value.cipher_suite);
  EncodeExtensions(out, value.extensions);
}

void Encode(wire::Writer& out, const ExternalInit& value) {
  out.Opaque(value.kem_output);
}

void Encode(wire::Writer& out, const GroupContextExtensions& value) {
  EncodeExtensions(out, value.extensions);
}

Status Decode(wire::Reader& in, ReInit& value) {
  RENKEI_TRY(in.Opaque(value.group_id));
  RENKEI_TRY(wire::Decode(in, value.version));
  RENKEI_TRY(wire::Decode(in, value.cipher_suite));
  return DecodeExtensions(in, value.extensions);
}

}  // namespace

ProposalType Proposal::type() const {
  return static_cast<ProposalType>(value.index() + 1);
}

void Encode(wire::Writer& out, const Proposal& value) {
  wire::Encode(out, value.type());
  std::visit([&](const auto& proposal) { Encode(out, proposal); }, value.value);
}

Status Decode(wire::Reader& in, Proposal& value) {
  ProposalType type{};
  RENKEI_TRY(wire::Decode(in, type));
  switch (type) {
    case ProposalType::kAdd:
      return Decode(in, value.value.emplace<Add>().key_package);
    case ProposalType::kUpdate:
      return Decode(in, value.value.emplace<Update>().leaf_node);
    case ProposalType::kRemove:
      return Decode(in, value.value.emplace<Remove>().removed);
    case ProposalType::kPsk:
      return Decode(in, value.value.emplace<PreSharedKey>().psk);
    case ProposalType::kReInit:
      return Decode(in, value.value.emplace<ReInit>());
    case ProposalType::kExternalInit:
      return in.Opaque(value.value.emplace<ExternalInit>().kem_output);
    case ProposalType::kGroupContextExtensions:
      return DecodeExtensions(in, value.value.emplace<GroupContextExtensions>().extensions);
  }
  return Error(Code::kUnsupported, "mls: proposal type");
}

void Encode(wire::Writer& out, const ProposalRef& value) {
  out.Opaque(value.value);
}

Status Decode(wire::Reader& in, ProposalRef& value) {
  return in.Opaque(value.value);
}

}  // namespace renkei::mls
