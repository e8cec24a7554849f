#include "crypto/mls/key_package.h"

namespace renkei::mls {
namespace {

void EncodeUnsigned(wire::Writer& out, const KeyPackage& value) {
  wire::Encode(out, value.version);
  wire::Encode(out, value.cipher_suite);
  out.Opaque(value.init_key);
  Encode(out, value.leaf_node);
  EncodeExtensions(out, value.extensions);
}

}  // namespace

void Encode(wire::Writer& out, const KeyPackageRef& value) {
  out.Opaque(value.value);
}

Status Decode(wire::Reader& in, KeyPackageRef& value) {
  return in.Opaque(value.value);
}

void Encode(wire::Writer& out, const KeyPackage& value) {
  EncodeUnsigned(out, value);
  out.Opaque(value.signature);
}

Status Decode(wire::Reader& in, KeyPackage& value) {
  RENKEI_TRY(wire::Decode(in, value.version));
  RENKEI_TRY(wire::Decode(in, value.cipher_suite));
  RENKEI_TRY(in.Opaque(value.init_key));
  RENKEI_TRY(Decode(in, value.leaf_node));
  RENKEI_TRY(DecodeExtensions(in, value.extensions));
  return in.Opaque(value.signature);
}

Bytes KeyPackageTbs(const KeyPackage& value) {
  wire::Writer out(1024);
  EncodeUnsigned(out, value);
  return std::move(out).Take();
}

}  // namespace renkei::mls
