// What we put into a group of ourselves, and the key packages by which others add us
// (RFC 9420 §7.2, §10). Values that hold secrets are move-only; one thread.
#ifndef RENKEI_CRYPTO_MLS_OWN_LEAF_H_
#define RENKEI_CRYPTO_MLS_OWN_LEAF_H_

#include "crypto/base/bytes.h"
#include "crypto/base/clock.h"
#include "crypto/base/random.h"
#include "crypto/base/secret.h"
#include "crypto/base/sign.h"
#include "crypto/mls/credential.h"
#include "crypto/mls/extension.h"
#include "crypto/mls/key_package.h"
#include "crypto/mls/leaf_node.h"

namespace renkei::mls {

struct OwnLeaf {
  SigningKey signing_key;  // secret
  Credential credential;
  // DefaultCapabilities() and whatever extension, proposal or credential types come on top. Every
  // non-default type among `extensions` must be listed.
  Capabilities capabilities;
  Extensions extensions;

  OwnLeaf Clone() const;
};

// mls10, suite 3, basic and x509 credentials.
Capabilities DefaultCapabilities();

// [now - 1 hour, now + length]: the hour forgives clocks that are slow.
Lifetime LifetimeFrom(Millis now, Millis length);

// The signed leaf of a key package, or of a group's creator. `encryption_key` is public, 32 bytes;
// `capabilities` are the leaf's, with GREASE (§13.5).
LeafNode MakeKeyPackageLeaf(const OwnLeaf& own, Lifetime lifetime, ByteView encryption_key,
                            Capabilities capabilities);

// A key package together with the private half that never leaves this device.
struct OwnKeyPackage {
  Bytes message;               // MLSMessage(KeyPackage): what is published
  KeyPackageRef ref;           // KeyPackageRef (§5.2): 32 bytes, names it in a Welcome
  SecretBytes init_key;        // 32 bytes, secret; to be deleted once a Welcome was joined with it
  SecretBytes encryption_key;  // 32 bytes, secret; becomes the leaf's key
  SigningKey signing_key;      // secret

  OwnKeyPackage Clone() const;
  // Secret. Deserialize: kMalformed for anything that Serialize() did not write.
  SecretBytes Serialize() const;
  static Result<OwnKeyPackage> Deserialize(ByteView bytes);
  // From parts made elsewhere (vectors, interop). kMalformed if a private key does not belong to
  // the public one in the package.
  static Result<OwnKeyPackage> FromParts(ByteView message, ByteView init_key,
                                         ByteView encryption_key, SigningKey signing_key);
};

struct KeyPackageOptions {
  Lifetime lifetime;
  Extensions extensions;  // of the key package itself, not of its leaf
};

// Makes fresh init and encryption keys. kMalformed: the leaf would not be valid (§7.3), e.g. an
// extension type that its capabilities do not list.
Result<OwnKeyPackage> CreateKeyPackage(const OwnLeaf& leaf, const KeyPackageOptions& options,
                                       Random& random);

}  // namespace renkei::mls

#endif  // RENKEI_CRYPTO_MLS_OWN_LEAF_H_
