#include "crypto/mls/extension.h"

#include <algorithm>

#include "crypto/mls/limits.h"

namespace renkei::mls {

void Encode(wire::Writer& out, const Extension& value) {
  Encode(out, value.type);
  out.Opaque(value.data);
}

Status Decode(wire::Reader& in, Extension& value) {
  RENKEI_TRY(Decode(in, value.type));
  return in.Opaque(value.data);
}

void EncodeExtensions(wire::Writer& out, const Extensions& values) {
  EncodeVector(out, values);
}

Status DecodeExtensions(wire::Reader& in, Extensions& values) {
  RENKEI_TRY(DecodeVector(in, values, kMaxExtensions));
  return CheckNoRepeatedExtension(values);
}

Status CheckNoRepeatedExtension(const Extensions& values) {
  for (auto it = values.begin(); it != values.end(); ++it) {
    const auto same = [&](const Extension& other) { return other.type == it->type; };
    if (std::any_of(values.begin(), it, same)) {  // RFC 9420 §13.4
      return Error(Code::kMalformed, "mls: extension type repeated");
    }
  }
  return Ok();
}

const Extension* FindExtension(const Extensions& values, ExtensionType type) {
  for (const Extension& extension : values) {
    if (extension.type == type) {
      return &extension;
    }
  }
  return nullptr;
}

void Encode(wire::Writer& out, const RequiredCapabilities& value) {
  EncodeVector(out, value.extension_types);
  EncodeVector(out, value.proposal_types);
  EncodeVector(out, value.credential_types);
}

Status Decode(wire::Reader& in, RequiredCapabilities& value) {
  RENKEI_TRY(DecodeVector(in, value.extension_types, kMaxRegistryValues));
  RENKEI_TRY(DecodeVector(in, value.proposal_types, kMaxRegistryValues));
  return DecodeVector(in, value.credential_types, kMaxRegistryValues);
}

void Encode(wire::Writer& out, const ExternalSender& value) {
  out.Opaque(value.signature_key);
  Encode(out, value.credential);
}

void Encode(wire::Writer& out, const ExternalSenders& value) {
  EncodeVector(out, value.senders);
}

Status Decode(wire::Reader& in, ExternalSender& value) {
  RENKEI_TRY(in.Opaque(value.signature_key));
  return Decode(in, value.credential);
}

Status Decode(wire::Reader& in, ExternalSenders& value) {
  return DecodeVector(in, value.senders, kMaxExternalSenders);
}

void Encode(wire::Writer& out, const ExternalPub& value) {
  out.Opaque(value.external_pub);
}

Status Decode(wire::Reader& in, ExternalPub& value) {
  return in.Opaque(value.external_pub);
}

void Encode(wire::Writer& out, const ApplicationId& value) {
  out.Opaque(value.application_id);
}

Status Decode(wire::Reader& in, ApplicationId& value) {
  return in.Opaque(value.application_id);
}

}  // namespace renkei::mls
