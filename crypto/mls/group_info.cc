#include "crypto/mls/group_info.h"

namespace renkei::mls {
namespace {

void EncodeUnsigned(wire::Writer& out, const GroupInfo& value) {
  Encode(out, value.group_context);
  EncodeExtensions(out, value.extensions);
  out.Opaque(value.confirmation_tag);
  Encode(out, value.signer);
}

}  // namespace

void Encode(wire::Writer& out, const GroupInfo& value) {
  EncodeUnsigned(out, value);
  out.Opaque(value.signature);
}

Status Decode(wire::Reader& in, GroupInfo& value) {
  RENKEI_TRY(Decode(in, value.group_context));
  RENKEI_TRY(DecodeExtensions(in, value.extensions));
  RENKEI_TRY(in.Opaque(value.confirmation_tag));
  RENKEI_TRY(Decode(in, value.signer));
  return in.Opaque(value.signature);
}

Bytes GroupInfoTbs(const GroupInfo& value) {
  wire::Writer out(1024);
  EncodeUnsigned(out, value);
  return std::move(out).Take();
}

}  // namespace renkei::mls
