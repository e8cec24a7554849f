#include "crypto/mls/types.h"

namespace renkei::mls {

bool IsDefault(ExtensionType type) {
  return type >= ExtensionType::kApplicationId && type <= ExtensionType::kExternalSenders;
}

bool IsDefault(ProposalType type) {
  return type >= ProposalType::kAdd && type <= ProposalType::kGroupContextExtensions;
}

bool IsGrease(std::uint16_t value) {
  return (value & 0x0f0fU) == 0x0a0aU && (value >> 8U) == (value & 0xffU) && value != 0xfafaU;
}

void Encode(wire::Writer& out, LeafIndex value) {
  out.U32(value.value);
}

void Encode(wire::Writer& out, Epoch value) {
  out.U64(value.value);
}

void Encode(wire::Writer& out, Generation value) {
  out.U32(value.value);
}

Status Decode(wire::Reader& in, LeafIndex& value) {
  return in.U32(value.value);
}

Status Decode(wire::Reader& in, Epoch& value) {
  return in.U64(value.value);
}

Status Decode(wire::Reader& in, Generation& value) {
  return in.U32(value.value);
}

}  // namespace renkei::mls
