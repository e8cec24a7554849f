#include "crypto/mls/secret_tree.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "crypto/mls/limits.h"
#include "crypto/mls/suite.h"
#include "tests/crypto/mls/support/examples.h"

namespace renkei::mls {
namespace {

constexpr auto kApplication = RatchetKind::kApplication;
constexpr auto kHandshake = RatchetKind::kHandshake;

SecretTree MakeTree(std::uint32_t leaves = 4) {
  return {leaves, SecretBytes::CopyOf(test::Filler(32, 1))};
}

std::string KeyOf(const MessageKey& key) {
  return ToHex(key.key.Expose()) + ToHex(key.nonce.Expose());
}

// Opens one message and returns its key.
std::string Open(SecretTree& tree, LeafIndex leaf, RatchetKind kind, std::uint32_t generation) {
  auto trial = tree.TryKey(leaf, kind, {generation});
  if (!trial.ok()) {
    return CodeName(trial.error().code());
  }
  std::string key = KeyOf(trial->message_key());
  tree.Accept(std::move(*trial));
  return key;
}

TEST(SecretTree, TryingAKeyChangesNothing) {
  SecretTree tree = MakeTree(8);
  const Bytes before = wire::Serialize(tree);
  ASSERT_TRUE(tree.TryKey({5}, kApplication, {3}).ok());
  EXPECT_FALSE(tree.TryKey({8}, kApplication, {0}).ok());
  EXPECT_EQ(wire::Serialize(tree), before);
}

TEST(SecretTree, FirstMessagesTriedTogetherAreTakenInAnyOrder) {
  for (const bool neighbours_first : {false, true}) {
    SecretTree tree = MakeTree(8);
    auto one = tree.TryKey({5}, kApplication, {0});
    auto neighbour = tree.TryKey({4}, kHandshake, {0});
    auto far = tree.TryKey({0}, kApplication, {1});
    auto again = tree.TryKey({4}, kApplication, {0});
    tree.Accept(std::move(neighbours_first ? *neighbour : *one));
    tree.Accept(std::move(*far));
    tree.Accept(std::move(neighbours_first ? *one : *neighbour));
    tree.Accept(std::move(*again));
    SecretTree other = MakeTree(8);
    EXPECT_NE(Open(other, {0}, kApplication, 1), "kNotFound");
    EXPECT_NE(Open(other, {4}, kHandshake, 0), "kNotFound");
    EXPECT_NE(Open(other, {4}, kApplication, 0), "kNotFound");
    EXPECT_NE(Open(other, {5}, kApplication, 0), "kNotFound");
    EXPECT_EQ(wire::Serialize(tree), wire::Serialize(other));
    EXPECT_EQ(Open(tree, {5}, kApplication, 0), "kNotFound");
  }
}

TEST(SecretTree, SenderAndReceiverHaveTheSameKeys) {
  SecretTree sender = MakeTree();
  SecretTree receiver = MakeTree();
  for (std::uint32_t i = 0; i < 5; ++i) {
    for (const RatchetKind kind : {kApplication, kHandshake}) {
      const auto key = sender.NextSendKey({3}, kind);
      ASSERT_TRUE(key.ok());
      EXPECT_EQ(key->generation.value, i);
      EXPECT_EQ(Open(receiver, {3}, kind, i), KeyOf(key->message_key));
    }
  }
}

TEST(SecretTree, NoTwoSendersRatchetsOrGenerationsShareAKey) {
  SecretTree tree = MakeTree(8);
  std::map<std::string, int> seen;
  for (std::uint32_t leaf = 0; leaf < 8; ++leaf) {
    for (const RatchetKind kind : {kApplication, kHandshake}) {
      for (std::uint32_t generation = 0; generation < 3; ++generation) {
        ++seen[Open(tree, {leaf}, kind, generation)];
      }
    }
  }
  EXPECT_EQ(seen.size(), 8U * 2 * 3);
}

TEST(SecretTree, OrderInWhichLeavesAreUsedDoesNotMatter) {
  SecretTree one = MakeTree(8);
  SecretTree two = MakeTree(8);
  std::map<std::uint32_t, std::string> keys;
  for (const std::uint32_t leaf : {0U, 7U, 3U, 4U}) {
    keys[leaf] = Open(one, {leaf}, kApplication, 0);
  }
  for (const std::uint32_t leaf : {4U, 3U, 0U, 7U}) {
    EXPECT_EQ(Open(two, {leaf}, kApplication, 0), keys[leaf]);
  }
}

TEST(SecretTree, TreeOfOneLeafWorks) {
  SecretTree one = MakeTree(1);
  SecretTree two = MakeTree(1);
  EXPECT_EQ(KeyOf(one.NextSendKey({0}, kApplication)->message_key),
            Open(two, {0}, kApplication, 0));
}

TEST(SecretTree, KeyIsGoneOnceUsed) {  // RFC 9420 §9.2
  SecretTree tree = MakeTree();
  EXPECT_NE(Open(tree, {1}, kApplication, 0), "kNotFound");
  EXPECT_EQ(Open(tree, {1}, kApplication, 0), "kNotFound");
  ASSERT_TRUE(tree.NextSendKey({0}, kApplication).ok());
  EXPECT_EQ(Open(tree, {0}, kApplication, 0), "kNotFound");
}

TEST(SecretTree, KeysPassedOverWaitForLateMessages) {  // RFC 9420 §15.3
  SecretTree in_order = MakeTree();
  std::vector<std::string> keys;
  for (std::uint32_t i = 0; i < 6; ++i) {
    keys.push_back(Open(in_order, {1}, kApplication, i));
  }
  SecretTree tree = MakeTree();
  for (const std::uint32_t generation : {5U, 0U, 3U, 1U, 4U, 2U}) {
    EXPECT_EQ(Open(tree, {1}, kApplication, generation), keys[generation]) << generation;
  }
  EXPECT_EQ(Open(tree, {1}, kApplication, 3), "kNotFound");
}

TEST(SecretTree, TrialThatIsNotAcceptedChangesNothing) {
  SecretTree tree = MakeTree();
  (void)Open(tree, {1}, kApplication, 4);
  const Bytes before = wire::Serialize(tree);
  for (const std::uint32_t generation : {0U, 3U, 5U, 90U}) {
    ASSERT_TRUE(tree.TryKey({1}, kApplication, {generation}).ok());
    EXPECT_EQ(wire::Serialize(tree), before) << generation;
  }
}

TEST(SecretTree, MessageTooFarAheadIsTooLarge) {  // RFC 9420 §15.3
  SecretTree tree = MakeTree();
  EXPECT_TRUE(tree.TryKey({1}, kApplication, {kMaxForwardGenerations}).ok());
  EXPECT_EQ(Open(tree, {1}, kApplication, kMaxForwardGenerations + 1), "kTooLarge");
  EXPECT_EQ(Open(tree, {1}, kApplication, 0xffffffff), "kTooLarge");
  EXPECT_NE(Open(tree, {1}, kApplication, 0), "kNotFound");
}

TEST(SecretTree, OnlyTheNewestPassedOverKeysAreKept) {
  SecretTree all = MakeTree();
  std::string wanted;
  for (std::uint32_t i = 0; i <= 1000 - kMaxSkippedKeys; ++i) {
    wanted = Open(all, {1}, kApplication, i);
  }
  SecretTree tree = MakeTree();
  ASSERT_NE(Open(tree, {1}, kApplication, 1000), "kTooLarge");
  EXPECT_EQ(Open(tree, {1}, kApplication, 999 - kMaxSkippedKeys), "kNotFound");
  EXPECT_EQ(Open(tree, {1}, kApplication, 1000 - kMaxSkippedKeys), wanted);
  // A second jump pushes out what the first one left.
  ASSERT_NE(Open(tree, {1}, kApplication, 2000), "kTooLarge");
  EXPECT_EQ(Open(tree, {1}, kApplication, 990), "kNotFound");
  EXPECT_NE(Open(tree, {1}, kApplication, 1990), "kNotFound");
}

TEST(SecretTree, LeafOutsideTheTreeIsMalformed) {
  SecretTree tree = MakeTree();
  EXPECT_EQ(Open(tree, {4}, kApplication, 0), "kMalformed");
  EXPECT_EQ(tree.NextSendKey({4}, kApplication).error().code(), Code::kMalformed);
  SecretTree empty;
  EXPECT_EQ(Open(empty, {0}, kApplication, 0), "kMalformed");
}

TEST(SecretTree, SecretsThatWereConsumedAreNotInTheStoredForm) {  // RFC 9420 §9.2
  const Bytes root = test::Filler(32, 1);
  SecretTree tree(4, SecretBytes::CopyOf(root));
  const auto contains = [&](ByteView needle) {
    const Bytes stored = wire::Serialize(tree);
    return std::search(stored.begin(), stored.end(), needle.begin(), needle.end()) != stored.end();
  };
  EXPECT_TRUE(contains(root));
  const auto key = tree.NextSendKey({0}, kApplication);
  ASSERT_TRUE(key.ok());
  EXPECT_FALSE(contains(root));
  EXPECT_FALSE(contains(key->message_key.key.Expose()));
  const SecretBytes root_secret = SecretBytes::CopyOf(root);
  const SecretBytes left = ExpandWithLabel(root_secret, "tree", AsBytes("left"), 32);
  const SecretBytes right = ExpandWithLabel(root_secret, "tree", AsBytes("right"), 32);
  EXPECT_FALSE(contains(left.Expose()));
  EXPECT_TRUE(contains(right.Expose()));
}

TEST(SecretTree, StoredTreeGoesOnWhereItStopped) {
  SecretTree tree = MakeTree(8);
  (void)Open(tree, {1}, kApplication, 4);
  (void)Open(tree, {6}, kHandshake, 1);
  (void)tree.NextSendKey({0}, kApplication);
  const Bytes stored = wire::Serialize(tree);
  auto loaded = wire::Parse<SecretTree>(stored);
  ASSERT_TRUE(loaded.ok());
  EXPECT_EQ(wire::Serialize(*loaded), stored);
  EXPECT_EQ(loaded->NextSendKey({0}, kApplication)->generation.value, 1U);
  EXPECT_EQ(Open(*loaded, {1}, kApplication, 2), Open(tree, {1}, kApplication, 2));
  EXPECT_EQ(Open(*loaded, {1}, kApplication, 4), "kNotFound");
  EXPECT_EQ(Open(*loaded, {5}, kApplication, 0), Open(tree, {5}, kApplication, 0));
}

TEST(SecretTree, StoredTreeThatNobodyWroteIsMalformed) {
  const Bytes good = wire::Serialize(MakeTree());
  test::ExpectCanonical(MakeTree());
  Bytes bad = good;
  bad[3] = 3;  // not a full tree
  EXPECT_EQ(test::ParseError<SecretTree>(bad), Code::kMalformed);
  bad = good;
  bad[8] = 7;  // a node outside
  EXPECT_EQ(test::ParseError<SecretTree>(bad), Code::kMalformed);
}

// A tree of one leaf whose application ratchet passed over the keys 0 and 1: leaf_count, no nodes,
// length, leaf, handshake ratchet (next, secret, none waiting), then the application ratchet.
TEST(SecretTree, StoredRatchetThatNobodyWroteIsMalformed) {
  SecretTree tree = MakeTree(1);
  (void)Open(tree, {0}, kApplication, 2);
  const Bytes good = wire::Serialize(tree);
  constexpr std::size_t kLeaf = 4 + 1 + 2;
  constexpr std::size_t kNext = kLeaf + 4 + 4 + 32 + 1;
  constexpr std::size_t kFirstWaiting = kNext + 4 + 32 + 2;
  constexpr std::size_t kSecondWaiting = kFirstWaiting + 4 + 32 + 12;
  const auto with = [&](std::size_t at, std::uint8_t value) {
    Bytes bytes = good;
    bytes.at(at + 3) = value;  // the last byte of a uint32
    return bytes;
  };
  EXPECT_TRUE(wire::Parse<SecretTree>(with(kNext, 3)).ok());
  EXPECT_EQ(with(kNext, 3), good);
  EXPECT_EQ(with(kSecondWaiting, 1), good);
  EXPECT_EQ(test::ParseError<SecretTree>(with(kLeaf, 1)), Code::kMalformed);
  EXPECT_EQ(test::ParseError<SecretTree>(with(kNext, 1)), Code::kMalformed);
  EXPECT_EQ(test::ParseError<SecretTree>(with(kSecondWaiting, 0)), Code::kMalformed);
  EXPECT_EQ(test::ParseError<SecretTree>(with(kSecondWaiting, 3)), Code::kMalformed);
}

// The stored tree of the test above, but its application ratchet is at the last generation but
// none.
TEST(SecretTree, RatchetThatHasComeToItsEndGivesNoMoreKeys) {
  SecretTree tree = MakeTree(1);
  (void)tree.NextSendKey({0}, kApplication);
  Bytes stored = wire::Serialize(tree);
  constexpr std::size_t kNext = 4 + 1 + 2 + 4 + 4 + 32 + 1;
  const auto set_next = [&](std::uint8_t last) {
    std::fill_n(stored.begin() + kNext, 3, std::uint8_t{0xff});
    stored[kNext + 3] = last;
    tree = wire::Parse<SecretTree>(stored).value();
  };
  set_next(0xfe);
  EXPECT_TRUE(tree.NextSendKey({0}, kApplication).ok());
  EXPECT_EQ(tree.NextSendKey({0}, kApplication).error().code(), Code::kTooLarge);
  set_next(0xfe);
  EXPECT_EQ(tree.TryKey({0}, kApplication, {0xffffffff}).error().code(), Code::kTooLarge);
}

TEST(SecretTreeDeathTest, AcceptingTwiceIsOurBug) {
  EXPECT_DEATH(
      {
        SecretTree tree = MakeTree();
        auto one = tree.TryKey({1}, kApplication, {0});
        auto two = tree.TryKey({1}, kApplication, {0});
        tree.Accept(std::move(*one));
        tree.Accept(std::move(*two));
      },
      "internal check failed");
}

// leaf_count, then the two lists, each of which increases.
TEST(SecretTree, StoredListsOutOfOrderOrOverTheirLimitsAreMalformed) {
  const auto stored = [](std::uint32_t leaf_count, const std::vector<std::uint32_t>& nodes,
                         const std::vector<std::uint32_t>& leaves, std::uint32_t waiting = 0) {
    wire::Writer out;
    out.U32(leaf_count);
    out.Vector([&] {
      for (const std::uint32_t node : nodes) {
        out.U32(node);
        out.Zeros(32);
      }
    });
    out.Vector([&] {
      for (const std::uint32_t leaf : leaves) {
        out.U32(leaf);
        for (int ratchet = 0; ratchet < 2; ++ratchet) {
          out.U32(waiting);
          out.Zeros(32);
          out.Vector([&] {
            for (std::uint32_t generation = 0; generation < waiting; ++generation) {
              out.U32(generation);
              out.Zeros(32 + 12);
            }
          });
        }
      }
    });
    const auto read = wire::Parse<SecretTree>(out.view());
    return read.ok() ? std::string("accepted") : std::string(CodeName(read.error().code()));
  };
  EXPECT_EQ(stored(4, {0, 2}, {0, 1}), "accepted");
  EXPECT_EQ(stored(4, {2, 0}, {}), "kMalformed");
  EXPECT_EQ(stored(4, {2, 2}, {}), "kMalformed");
  EXPECT_EQ(stored(4, {}, {1, 0}), "kMalformed");
  EXPECT_EQ(stored(4, {}, {1, 1}), "kMalformed");
  EXPECT_EQ(stored(kMaxLeaves, {}, {}), "accepted");
  EXPECT_EQ(stored(2 * kMaxLeaves, {}, {}), "kMalformed");
  EXPECT_EQ(stored(4, {}, {0}, kMaxSkippedKeys), "accepted");
  EXPECT_EQ(stored(4, {}, {0}, kMaxSkippedKeys + 1), "kMalformed");
}

}  // namespace
}  // namespace renkei::mls
