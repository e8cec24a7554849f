#include "crypto/mls/group_context.h"

namespace renkei::mls {

void Encode(wire::Writer& out, const GroupContext& value) {
  wire::Encode(out, value.version);
  wire::Encode(out, value.cipher_suite);
  out.Opaque(value.group_id);
  Encode(out, value.epoch);
  out.Opaque(value.tree_hash);
  out.Opaque(value.confirmed_transcript_hash);
  EncodeExtensions(out, value.extensions);
}

Status Decode(wire::Reader& in, GroupContext& value) {
  RENKEI_TRY(wire::Decode(in, value.version));
  RENKEI_TRY(wire::Decode(in, value.cipher_suite));
  RENKEI_TRY(in.Opaque(value.group_id));
  RENKEI_TRY(Decode(in, value.epoch));
  RENKEI_TRY(in.Opaque(value.tree_hash));
  RENKEI_TRY(in.Opaque(value.confirmed_transcript_hash));
  return DecodeExtensions(in, value.extensions);
}

}  // namespace renkei::mls
