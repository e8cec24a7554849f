// TreeKEM: the private side of the ratchet tree, and the paths of fresh keys that commits carry
// (RFC 9420 §7.4 - §7.6). Path secrets and private keys are secret; they live in SecretBytes and go
// with the object that holds them. One thread for all copies of a tree.
#ifndef RENKEI_CRYPTO_MLS_TREEKEM_H_
#define RENKEI_CRYPTO_MLS_TREEKEM_H_

#include <map>
#include <memory>
#include <span>
#include <vector>

#include "crypto/base/random.h"
#include "crypto/base/result.h"
#include "crypto/base/secret.h"
#include "crypto/base/sign.h"
#include "crypto/mls/commit.h"
#include "crypto/mls/hpke.h"
#include "crypto/mls/ratchet_tree.h"

namespace renkei::mls {

// The private keys one member knows: its leaf's and those of nodes above it (§4.2). Copies share
// the keys themselves.
class TreeKeys {
 public:
  TreeKeys() = default;
  TreeKeys(LeafIndex own, HpkeKeyPair leaf_key);

  LeafIndex own() const { return own_; }
  // Null: not known.
  const HpkeKeyPair* Find(NodeIndex node) const;
  void Set(NodeIndex node, HpkeKeyPair key);
  // Forgets every key that is no longer the node's (§7.5: outdated keys are deleted).
  void Retain(const RatchetTree& tree);
  // Whether each key belongs to the public key that the tree has at its node, the leaf's among
  // them.
  bool Matches(const RatchetTree& tree) const;

  // For the vault, secret; ours. Decode: kMalformed for what Encode() did not write.
  friend void Encode(wire::Writer& out, const TreeKeys& value);
  friend Status Decode(wire::Reader& in, TreeKeys& value);

 private:
  LeafIndex own_;
  std::map<NodeIndex, std::shared_ptr<const HpkeKeyPair>> keys_;
};
void Encode(wire::Writer& out, const TreeKeys& value);
Status Decode(wire::Reader& in, TreeKeys& value);

// §7.4.
HpkeKeyPair NodeKeyPair(const SecretBytes& path_secret);
SecretBytes NextPathSecret(const SecretBytes& path_secret);

// A path while it is being made.
struct NewPath {
  UpdatePath update_path;                 // ciphertexts come with EncryptPath
  std::vector<PathStep> steps;            // the filtered direct path
  std::vector<SecretBytes> path_secrets;  // one a step
  SecretBytes commit_secret;
};

// Gives the committer's leaf and path fresh keys, in `tree` and `keys` (§7.5). `leaf` has
// everything but encryption key, source and signature, which are set here.
NewPath CreatePath(RatchetTree& tree, TreeKeys& keys, LeafNode leaf, const SigningKey& signing_key,
                   ByteView group_id, Random& random);

// Seals each path secret to the other side of its node, except to the `added` leaves (increasing),
// which get theirs in the Welcome (§7.6). `group_context`: the provisional one, encoded.
// kMalformed: somebody in the tree has an unusable key.
Status EncryptPath(NewPath& path, const RatchetTree& tree, std::span<const LeafIndex> added,
                   ByteView group_context, Random& random);

// The path secret that brings a new member in: that of the lowest node above it and us. Null if the
// path has none, which happens for no member of the tree.
const SecretBytes* PathSecretFor(const NewPath& path, LeafIndex committer, LeafIndex member);

// Puts a received path into the tree. kMalformed: the number of nodes or of ciphertexts (§7.6), or
// the leaf's parent hash (§7.9.2). Other rules on paths are in validation_commit.h. On failure drop
// the tree.
Status MergePath(RatchetTree& tree, LeafIndex committer, const UpdatePath& path,
                 std::span<const LeafIndex> added);

// Opens our ciphertext of a path that was merged, and takes over the keys that follow from it.
// Returns the commit_secret. kAuthFailed; kMalformed: a private key does not match its public one.
// On failure drop the keys.
Result<SecretBytes> OpenPath(const RatchetTree& tree, TreeKeys& keys, LeafIndex committer,
                             const UpdatePath& path, std::span<const LeafIndex> added,
                             ByteView group_context);

// Takes over the keys that follow from the path secret in a Welcome (§12.4.3.1). kMalformed: they
// are not those of the tree. On failure drop the keys.
Status AdoptPathSecret(const RatchetTree& tree, TreeKeys& keys, LeafIndex committer,
                       const SecretBytes& path_secret);

}  // namespace renkei::mls

#endif  // RENKEI_CRYPTO_MLS_TREEKEM_H_
