// Messages that are wrong in exactly one place: a good one is taken apart, one field changed, and
// everything that covers it (signatures, tags, encryption) made again with the sender's keys.
#ifndef RENKEI_TESTS_CRYPTO_MLS_SUPPORT_FRANKENSTEIN_H_
#define RENKEI_TESTS_CRYPTO_MLS_SUPPORT_FRANKENSTEIN_H_

#include <functional>

#include "crypto/mls/group.h"
#include "crypto/mls/group_info.h"
#include "crypto/mls/key_package.h"
#include "crypto/mls/message.h"
#include "crypto/mls/tree_node.h"
#include "crypto/mls/welcome.h"

namespace renkei::mls::test {

// The leaf, then the key package, signed again.
Bytes RebuildKeyPackage(const OwnKeyPackage& original,
                        const std::function<void(KeyPackage&)>& change);
// Changes made after the leaf was signed again, or even after all of it was.
Bytes RebuildUnsigned(const OwnKeyPackage& original,
                      const std::function<void(KeyPackage&)>& change);

// A public handshake of `sender`, who is still in the epoch it was sent in.
Bytes RebuildPublic(const Group& sender, ByteView message,
                    const std::function<void(FramedContent&)>& change);
// The same for a commit.
Bytes RebuildCommit(const Group& sender, ByteView message,
                    const std::function<void(Commit&)>& change);
// The committer's leaf in the path changed, and signed again with `key` (its signing key).
Bytes RebuildPathLeaf(const Group& sender, ByteView message, const SigningKey& key,
                      const std::function<void(LeafNode&)>& change);
// An external commit by `joiner`; `in_group` is any member of the epoch it was sent in.
Bytes RebuildExternal(const Group& in_group, const SigningKey& joiner, ByteView message,
                      const std::function<void(Commit&)>& change);

// A Welcome for one key package; GroupInfo is signed again by `signer`, a member of the new epoch.
Bytes RebuildWelcome(const Group& signer, ByteView welcome, const OwnKeyPackage& to,
                     const std::function<void(GroupSecrets&, GroupInfo&)>& change, Random& random);
// MLSMessage(GroupInfo), signed again.
Bytes RebuildGroupInfo(const Group& signer, ByteView message,
                       const std::function<void(GroupInfo&)>& change);
// The tree in a GroupInfo changed; its hash follows.
void ChangeTree(GroupInfo& info, const std::function<void(RatchetTreeNodes&)>& change);

}  // namespace renkei::mls::test

#endif  // RENKEI_TESTS_CRYPTO_MLS_SUPPORT_FRANKENSTEIN_H_
