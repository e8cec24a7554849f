#include "crypto/mls/leaf_node.h"

#include "crypto/mls/limits.h"

namespace renkei::mls {
namespace {

// Everything before the signature, which is also the beginning of LeafNodeTBS.
void EncodeUnsigned(wire::Writer& out, const LeafNode& value) {
  out.Opaque(value.encryption_key);
  out.Opaque(value.signature_key);
  Encode(out, value.credential);
  Encode(out, value.capabilities);
  out.U8(static_cast<std::uint8_t>(value.source()));
  if (const auto* key_package = std::get_if<KeyPackageSource>(&value.source_data)) {
    Encode(out, key_package->lifetime);
  } else if (const auto* commit = std::get_if<CommitSource>(&value.source_data)) {
    out.Opaque(commit->parent_hash);
  }
  EncodeExtensions(out, value.extensions);
}

Status DecodeSource(wire::Reader& in, LeafNode& value) {
  std::uint8_t source = 0;
  RENKEI_TRY(in.U8(source));
  switch (source) {
    case static_cast<std::uint8_t>(LeafNodeSource::kKeyPackage):
      return Decode(in, value.source_data.emplace<KeyPackageSource>().lifetime);
    case static_cast<std::uint8_t>(LeafNodeSource::kUpdate):
      value.source_data.emplace<UpdateSource>();
      return Ok();
    case static_cast<std::uint8_t>(LeafNodeSource::kCommit):
      return in.Opaque(value.source_data.emplace<CommitSource>().parent_hash);
    default:
      return Error(Code::kMalformed, "mls: leaf node source");
  }
}

}  // namespace

void Encode(wire::Writer& out, const Capabilities& value) {
  EncodeVector(out, value.versions);
  EncodeVector(out, value.cipher_suites);
  EncodeVector(out, value.extensions);
  EncodeVector(out, value.proposals);
  EncodeVector(out, value.credentials);
}

Status Decode(wire::Reader& in, Capabilities& value) {
  RENKEI_TRY(DecodeVector(in, value.versions, kMaxRegistryValues));
  RENKEI_TRY(DecodeVector(in, value.cipher_suites, kMaxRegistryValues));
  RENKEI_TRY(DecodeVector(in, value.extensions, kMaxRegistryValues));
  RENKEI_TRY(DecodeVector(in, value.proposals, kMaxRegistryValues));
  return DecodeVector(in, value.credentials, kMaxRegistryValues);
}

void Encode(wire::Writer& out, const Lifetime& value) {
  out.U64(value.not_before);
  out.U64(value.not_after);
}

Status Decode(wire::Reader& in, Lifetime& value) {
  RENKEI_TRY(in.U64(value.not_before));
  return in.U64(value.not_after);
}

LeafNodeSource LeafNode::source() const {
  return static_cast<LeafNodeSource>(source_data.index() + 1);
}

void Encode(wire::Writer& out, const LeafNode& value) {
  EncodeUnsigned(out, value);
  out.Opaque(value.signature);
}

Status Decode(wire::Reader& in, LeafNode& value) {
  const std::size_t before = in.rest().size();
  RENKEI_TRY(in.Opaque(value.encryption_key));
  RENKEI_TRY(in.Opaque(value.signature_key));
  RENKEI_TRY(Decode(in, value.credential));
  RENKEI_TRY(Decode(in, value.capabilities));
  RENKEI_TRY(DecodeSource(in, value));
  RENKEI_TRY(DecodeExtensions(in, value.extensions));
  RENKEI_TRY(in.Opaque(value.signature));
  if (before - in.rest().size() > kMaxLeafNodeBytes) {
    return Error(Code::kTooLarge, "mls: leaf node over kMaxLeafNodeBytes");
  }
  return Ok();
}

Bytes LeafNodeTbs(const LeafNode& value, ByteView group_id, LeafIndex leaf) {
  wire::Writer out(512);
  EncodeUnsigned(out, value);
  if (value.source() != LeafNodeSource::kKeyPackage) {
    out.Opaque(group_id);
    Encode(out, leaf);
  }
  return std::move(out).Take();
}

}  // namespace renkei::mls
