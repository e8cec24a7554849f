// A member's own node: keys, credential, what it can do, its signature (RFC 9420 §7.2). Checks of
// meaning are in validation.h. Values; any thread.
#ifndef RENKEI_CRYPTO_MLS_LEAF_NODE_H_
#define RENKEI_CRYPTO_MLS_LEAF_NODE_H_

#include <cstdint>
#include <variant>
#include <vector>

#include "crypto/mls/credential.h"
#include "crypto/mls/extension.h"
#include "crypto/mls/types.h"

namespace renkei::mls {

struct Capabilities {
  std::vector<ProtocolVersion> versions;
  std::vector<CipherSuite> cipher_suites;
  std::vector<ExtensionType> extensions;
  std::vector<ProposalType> proposals;
  std::vector<CredentialType> credentials;
  friend bool operator==(const Capabilities&, const Capabilities&) = default;
};
void Encode(wire::Writer& out, const Capabilities& value);
Status Decode(wire::Reader& in, Capabilities& value);

// Seconds since 1970-01-01 UTC, both ends included.
struct Lifetime {
  std::uint64_t not_before = 0;
  std::uint64_t not_after = 0;
  friend bool operator==(const Lifetime&, const Lifetime&) = default;
};
void Encode(wire::Writer& out, const Lifetime& value);
Status Decode(wire::Reader& in, Lifetime& value);

enum class LeafNodeSource : std::uint8_t { kKeyPackage = 1, kUpdate = 2, kCommit = 3 };

// What the source decides about a leaf's contents.
struct KeyPackageSource {
  Lifetime lifetime;
  friend bool operator==(const KeyPackageSource&, const KeyPackageSource&) = default;
};
struct UpdateSource {
  friend bool operator==(const UpdateSource&, const UpdateSource&) = default;
};
struct CommitSource {
  Bytes parent_hash;
  friend bool operator==(const CommitSource&, const CommitSource&) = default;
};

struct LeafNode {
  Bytes encryption_key;  // HPKE public key
  Bytes signature_key;
  Credential credential;
  Capabilities capabilities;
  std::variant<KeyPackageSource, UpdateSource, CommitSource> source_data;
  Extensions extensions;
  Bytes signature;

  LeafNodeSource source() const;
  friend bool operator==(const LeafNode&, const LeafNode&) = default;
};
// kMalformed for an unknown source.
// Decode: kTooLarge above kMaxLeafNodeBytes.
void Encode(wire::Writer& out, const LeafNode& value);
Status Decode(wire::Reader& in, LeafNode& value);

// The LeafNodeTBS that the signature covers. Group and leaf are part of it for the sources update
// and commit only, and are ignored for key_package.
Bytes LeafNodeTbs(const LeafNode& value, ByteView group_id, LeafIndex leaf);

}  // namespace renkei::mls

#endif  // RENKEI_CRYPTO_MLS_LEAF_NODE_H_
