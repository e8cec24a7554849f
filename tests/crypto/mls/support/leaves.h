// Leaves and trees for tests, made from a seed.
#ifndef RENKEI_TESTS_CRYPTO_MLS_SUPPORT_LEAVES_H_
#define RENKEI_TESTS_CRYPTO_MLS_SUPPORT_LEAVES_H_

#include <string_view>

#include "crypto/base/clock.h"
#include "crypto/base/random.h"
#include "crypto/base/sign.h"
#include "crypto/mls/leaf_node.h"
#include "crypto/mls/ratchet_tree.h"

namespace renkei::mls::test {

inline constexpr std::uint64_t kNowSeconds = 1'700'000'000;
inline constexpr Millis kNow{1'700'000'000'000};

Capabilities PlainCapabilities();
Lifetime PlainLifetime();

// A valid, signed leaf of a key package, with a random encryption key.
LeafNode MakeLeaf(const SigningKey& key, std::string_view identity, Random& random);
LeafNode MakeLeaf(Random& random);  // with a key of its own

// Signs again after a field was changed.
void Resign(LeafNode& leaf, const SigningKey& key, ByteView group_id = {}, LeafIndex index = {});

ParentNode MakeParent(Random& random);
// A tree of this many members, parents blank.
RatchetTree MakeTree(std::uint32_t members, Random& random);
// The tree read again from its own bytes: nothing cached.
RatchetTree Reread(const RatchetTree& tree);

}  // namespace renkei::mls::test

#endif  // RENKEI_TESTS_CRYPTO_MLS_SUPPORT_LEAVES_H_
