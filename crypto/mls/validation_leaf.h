// When a LeafNode or KeyPackage is to be refused (RFC 9420 §7.2, §7.3, §10.1, §11.1, §13.4). One
// function a rule, kMalformed unless said otherwise; what is put together from them stands at the
// end. Functions; any thread.
#ifndef RENKEI_CRYPTO_MLS_VALIDATION_LEAF_H_
#define RENKEI_CRYPTO_MLS_VALIDATION_LEAF_H_

#include <span>

#include "crypto/base/result.h"
#include "crypto/mls/environment.h"
#include "crypto/mls/extension.h"
#include "crypto/mls/key_package.h"
#include "crypto/mls/leaf_node.h"
#include "crypto/mls/ratchet_tree.h"

namespace renkei::mls {

// §5.1.1: keys of the suite's length, 32 bytes both.
Status CheckKeyLengths(const LeafNode& leaf);
// §7.2, §7.3: signature by signature_key. kAuthFailed.
Status CheckLeafSignature(const LeafNode& leaf, ByteView group_id, LeafIndex index);
// §7.2: lists our version and suite, which are the group's.
Status CheckVersionAndSuite(const Capabilities& capabilities);
// §7.2: lists the type of its own credential.
Status CheckOwnCredentialType(const LeafNode& leaf);
// §7.3: lists every non-default extension it has.
Status CheckOwnExtensions(const LeafNode& leaf);
// §7.3, §11.1: lists what the group's required_capabilities ask for.
Status CheckRequiredCapabilities(const Capabilities& capabilities, const Extensions& group);
// §13.4: lists every non-default extension of the GroupContext.
Status CheckGroupExtensions(const Capabilities& capabilities, const Extensions& group);
// §7.3: the source fits where the leaf appears.
Status CheckSource(const LeafNode& leaf, LeafNodeSource expected);
// §7.3: `now` is within the lifetime, if there is one. kDenied: a wrong clock, not a bad message.
Status CheckLifetime(const LeafNode& leaf, Millis now);
// §7.2: not_before <= not_after, and not further apart than `longest` (0: any).
Status CheckLifetimeLength(const LeafNode& leaf, Millis longest);

// §10.1: version and suite of the group (kUnsupported).
Status CheckKeyPackageSuite(const KeyPackage& key_package);
// §10.1: signature by the leaf's signature_key. kAuthFailed.
Status CheckKeyPackageSignature(const KeyPackage& key_package);
// §10.1: init_key is not the leaf's encryption_key.
Status CheckInitKey(const KeyPackage& key_package);
// §10: its extensions are listed in the leaf's capabilities. For what we make only: in what comes,
// unknown extensions are to be ignored, and others do send GREASE there without listing it.
Status CheckKeyPackageExtensions(const KeyPackage& key_package);

// All of the above about one leaf by itself, but neither signature nor lifetime. `group` are the
// extensions of the GroupContext it is to live under.
Status CheckLeafContents(const LeafNode& leaf, const Extensions& group);
// The same for a leaf of ours that is yet to be signed, which others must be able to take: no type
// twice among its extensions (§13.4). kTooLarge: over kMaxLeafNodeBytes.
Status CheckOwnLeaf(const LeafNode& leaf, const Extensions& group);
// All of §10.1 for a key package to be added now, its credential and lifetime included.
Status CheckKeyPackage(const KeyPackage& key_package, const Extensions& group,
                       const Environment& environment);

// §5.3.1, §12.2: `next` may stand where `old` stood: credential and signature key are either
// unchanged or acceptable, and an acceptable successor.
Status CheckReplacement(const LeafNode& old, const LeafNode& next, const Environment& environment);

// §7.3, about the leaves `changed` and all others of `tree`: signature keys differ, encryption keys
// differ from those of all nodes, and everybody supports the credential types in use.
Status CheckSignatureKeysUnique(const RatchetTree& tree, std::span<const LeafIndex> changed);
Status CheckEncryptionKeysUnique(const RatchetTree& tree, std::span<const NodeIndex> changed);
Status CheckCredentialTypes(const RatchetTree& tree, std::span<const LeafIndex> changed);

}  // namespace renkei::mls

#endif  // RENKEI_CRYPTO_MLS_VALIDATION_LEAF_H_
