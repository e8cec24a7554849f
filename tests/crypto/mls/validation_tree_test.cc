// Each rule on the tree of a group one joins (RFC 9420 §12.4.3.1; §7.9.2: parent_hash_test) broken
// alone, by the function that holds it and in a Welcome whose signer vouches for the broken tree.
#include "crypto/mls/validation_tree.h"

#include <gtest/gtest.h>

#include "crypto/mls/group_state.h"
#include "crypto/mls/tree_math.h"
#include "crypto/mls/treekem.h"
#include "tests/crypto/mls/support/frankenstein.h"
#include "tests/crypto/mls/support/grown_group.h"
#include "tests/crypto/mls/support/world.h"

namespace renkei::mls {
namespace {

using test::LeafAt;
using test::ParentAt;
using test::World;

using JoinedTree = test::GrownGroup;

TEST_F(JoinedTree, GoodOnePasses) {
  EXPECT_TRUE(CheckTree(Tree(), Context(), world_.Env()).ok());
  EXPECT_EQ(RefusalOf([](RatchetTreeNodes&) {}), "accepted");
  ASSERT_NE(Tree().Parent({7}), nullptr);
  EXPECT_EQ(Tree().Parent({7})->unmerged_leaves, std::vector<LeafIndex>{{6}});
}

TEST_F(JoinedTree, OtherThanTheContextNamesIsRefused) {
  EXPECT_EQ(Refusal(test::RebuildWelcome(
                first_, *pending_->welcome, newcomer_,
                [](GroupSecrets&, GroupInfo& info) { info.group_context.tree_hash[0] ^= 1U; },
                world_.random)),
            "mls: not the group's tree");
}

TEST_F(JoinedTree, UnmergedLeafListedAboveOnlyIsRefused) {
  EXPECT_EQ(RefusalOf([](RatchetTreeNodes& nodes) {
              ParentAt(nodes, 7).unmerged_leaves = {{1}, {6}};  // merged at nodes 1 and 3
            }),
            "mls: unmerged leaf is merged further down");
}

TEST_F(JoinedTree, UnmergedLeafThatIsBlankIsRefused) {
  EXPECT_EQ(RefusalOf([](RatchetTreeNodes& nodes) {
              nodes.nodes.at(8) = std::nullopt;
              ParentAt(nodes, 7).unmerged_leaves = {{4}, {6}};
            }),
            "mls: unmerged leaf is not a member below the node");
}

TEST_F(JoinedTree, UnmergedLeavesOutOfOrderAreRefused) {
  EXPECT_EQ(RefusalOf([](RatchetTreeNodes& nodes) {
              ParentAt(nodes, 7).unmerged_leaves = {{6}, {5}};
            }),
            "mls: unmerged leaves not in increasing order");
}

TEST_F(JoinedTree, EveryLeafIsJudged) {
  EXPECT_TRUE(CheckAllLeaves(Tree(), Context(), world_.Env()).ok());
  for (const std::uint32_t index : {0U, 5U, 6U}) {
    RatchetTree tree = Tree();
    LeafNode leaf = *tree.Leaf({index});
    leaf.signature[0] ^= 1U;
    tree.SetLeaf({index}, leaf);
    EXPECT_EQ(CheckAllLeaves(tree, Context(), world_.Env()).error().code(), Code::kAuthFailed);
  }
}

TEST_F(JoinedTree, KeyLengthOfAParentIsChecked) {
  RatchetTree tree = Tree();
  ParentNode parent = *tree.Parent({7});
  parent.encryption_key.pop_back();
  tree.SetParent({7}, parent);
  EXPECT_FALSE(CheckParentKeyLengths(tree).ok());
  EXPECT_EQ(
      RefusalOf([](RatchetTreeNodes& nodes) { ParentAt(nodes, 7).encryption_key.pop_back(); }),
      "mls: length of a parent's key");
}

TEST_F(JoinedTree, KeyInTwoNodesIsRefused) {
  RatchetTree tree = Tree();
  tree.SetParent({13}, {tree.Parent({1})->encryption_key, {}, {}});
  EXPECT_FALSE(CheckAllKeysUnique(tree).ok());
  tree = Tree();
  LeafNode twin = *tree.Leaf({2});
  twin.encryption_key = world_.random.NextBytes(32);
  tree.SetLeaf({5}, twin);
  EXPECT_FALSE(CheckAllKeysUnique(tree).ok());  // the signature key
}

// A group of two without any parent key: nothing but the leaves' own checks stand in the way.
class JoinedPair : public testing::Test {
 protected:
  JoinedPair() : world_(82), alice_(world_.Create("alice")), bob_(world_.KeyPackageFor("bob")) {
    CommitOptions options;
    options.add = {bob_.message};
    options.force_path = false;
    pending_.emplace(world_.Commit(alice_, {}, options));
  }
  std::string RefusalOf(const std::function<void(GroupSecrets&, GroupInfo&)>& change) {
    const auto joined = Group::JoinWelcome(
        test::RebuildWelcome(alice_, *pending_->welcome, bob_, change, world_.random), bob_, {},
        world_.Env());
    return joined.ok() ? "accepted" : joined.error().where();
  }
  std::string RefusalOfLeaf(const std::function<void(LeafNode&)>& change) {
    return RefusalOf([&](GroupSecrets&, GroupInfo& info) {
      test::ChangeTree(info, [&](RatchetTreeNodes& nodes) {
        change(LeafAt(nodes, 0));
        test::Resign(LeafAt(nodes, 0), *GroupState::Of(alice_).signing_key);
      });
    });
  }

  World world_;
  Group alice_;
  OwnKeyPackage bob_;
  std::optional<PendingCommit> pending_;
};

TEST_F(JoinedPair, LeavesAreJudged) {
  EXPECT_EQ(RefusalOfLeaf([](LeafNode&) {}), "accepted");
  EXPECT_EQ(RefusalOfLeaf([](LeafNode& leaf) { leaf.encryption_key.pop_back(); }),
            "mls: length of a public key");
  EXPECT_EQ(RefusalOfLeaf([](LeafNode& leaf) { leaf.capabilities.credentials.clear(); }),
            "mls: credential type not supported by all members");
  EXPECT_EQ(RefusalOfLeaf([](LeafNode& leaf) { leaf.capabilities.versions.clear(); }),
            "mls: leaf does not speak the group's version or suite");
  EXPECT_EQ(RefusalOf([](GroupSecrets&, GroupInfo& info) {
              test::ChangeTree(
                  info, [](RatchetTreeNodes& nodes) { LeafAt(nodes, 0).signature[0] ^= 1U; });
            }),
            "authentication failed");
}

TEST_F(JoinedPair, ExpiredLeafOfAnOldMemberIsAccepted) {
  Group old =
      Group::Create(world_.Leaf("old"), {world_.random.NextBytes(32), {}, {1, 2}}, world_.random)
          .value();
  const Group joined = world_.Add(old, {}, "new");
  EXPECT_TRUE(test::Agree(old, joined));
}

TEST_F(JoinedPair, TreeWithoutUsIsRefused) {
  EXPECT_EQ(RefusalOf([&](GroupSecrets&, GroupInfo& info) {
              test::ChangeTree(info, [&](RatchetTreeNodes& nodes) {
                nodes.nodes.at(2) = Node{test::MakeLeaf(world_.random)};
              });
            }),
            "mls: our leaf is not in the tree");
}

class KnowsNobody final : public CredentialPolicy {
 public:
  Status Check(const Credential&, ByteView, Millis) const override {
    return Error(Code::kDenied, "test: unknown");
  }
};

TEST_F(JoinedPair, PolicyJudgesEveryMember) {
  const KnowsNobody policy;
  world_.policy = &policy;
  EXPECT_EQ(RefusalOfLeaf([](LeafNode&) {}), "test: unknown");
}

}  // namespace
}  // namespace renkei::mls
