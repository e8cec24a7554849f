// What a client publishes so that others can add it while it is away (RFC 9420 §10). Values; any
// thread.
#ifndef RENKEI_CRYPTO_MLS_KEY_PACKAGE_H_
#define RENKEI_CRYPTO_MLS_KEY_PACKAGE_H_

#include "crypto/mls/extension.h"
#include "crypto/mls/leaf_node.h"
#include "crypto/mls/types.h"

namespace renkei::mls {

// Hash of a KeyPackage (RFC 9420 §5.2).
struct KeyPackageRef {
  Bytes value;
  friend auto operator<=>(const KeyPackageRef&, const KeyPackageRef&) = default;
};
void Encode(wire::Writer& out, const KeyPackageRef& value);
Status Decode(wire::Reader& in, KeyPackageRef& value);

struct KeyPackage {
  ProtocolVersion version = ProtocolVersion::kMls10;
  CipherSuite cipher_suite = CipherSuite::kX25519ChaCha20Sha256Ed25519;
  Bytes init_key;  // HPKE public key
  LeafNode leaf_node;
  Extensions extensions;
  Bytes signature;
  friend bool operator==(const KeyPackage&, const KeyPackage&) = default;
};
// Other versions and suites decode; validation refuses them.
void Encode(wire::Writer& out, const KeyPackage& value);
Status Decode(wire::Reader& in, KeyPackage& value);

// The KeyPackageTBS that the signature covers.
Bytes KeyPackageTbs(const KeyPackage& value);

}  // namespace renkei::mls

#endif  // RENKEI_CRYPTO_MLS_KEY_PACKAGE_H_
