#include "crypto/mls/welcome.h"

#include "crypto/mls/limits.h"

namespace renkei::mls {

void Encode(wire::Writer& out, const GroupSecrets& value) {
  out.Opaque(value.joiner_secret.Expose());
  out.U8(value.path_secret ? 1 : 0);
  if (value.path_secret) {
    out.Opaque(value.path_secret->Expose());
  }
  EncodeVector(out, value.psks);
}

Status Decode(wire::Reader& in, GroupSecrets& value) {
  RENKEI_TRY(in.OpaqueSecret(value.joiner_secret));
  bool has_path_secret = false;
  RENKEI_TRY(in.Presence(has_path_secret));
  value.path_secret.reset();
  if (has_path_secret) {
    RENKEI_TRY(in.OpaqueSecret(value.path_secret.emplace()));
  }
  return DecodeVector(in, value.psks, kMaxPsks);
}

SecretBytes SerializeGroupSecrets(const GroupSecrets& value) {
  wire::Writer out(128, wire::Writer::Holds::kSecret);
  Encode(out, value);
  return std::move(out).TakeSecret();
}

void Encode(wire::Writer& out, const EncryptedGroupSecrets& value) {
  Encode(out, value.new_member);
  Encode(out, value.encrypted_group_secrets);
}

Status Decode(wire::Reader& in, EncryptedGroupSecrets& value) {
  RENKEI_TRY(Decode(in, value.new_member));
  return Decode(in, value.encrypted_group_secrets);
}

void Encode(wire::Writer& out, const Welcome& value) {
  wire::Encode(out, value.cipher_suite);
  EncodeVector(out, value.secrets);
  out.Opaque(value.encrypted_group_info);
}

Status Decode(wire::Reader& in, Welcome& value) {
  RENKEI_TRY(wire::Decode(in, value.cipher_suite));
  RENKEI_TRY(DecodeVector(in, value.secrets, kMaxLeaves));
  return in.Opaque(value.encrypted_group_info);
}

}  // namespace renkei::mls
