#include "crypto/mls/parent_hash.h"

#include <gtest/gtest.h>

#include "crypto/mls/group_state.h"
#include "tests/crypto/mls/support/grown_group.h"
#include "tests/crypto/mls/support/leaves.h"

namespace renkei::mls {
namespace {

using test::ParentAt;

using test::MakeLeaf;
using test::MakeTree;

TEST(ParentHash, IsTheRfcsAndCoversEachPart) {  // RFC 9420 §7.9
  const Bytes key(32, 1);
  const Bytes above(32, 2);
  const Hash32 sibling = Sha256(AsBytes("sibling"));
  wire::Writer out;
  out.Opaque(key);
  out.Opaque(above);
  out.Opaque(sibling);
  EXPECT_EQ(ParentHash(key, above, sibling), Sha256(out.view()));
  EXPECT_NE(ParentHash(key, {}, sibling), ParentHash(key, above, sibling));
}

class NewPaths : public testing::Test {
 protected:
  NewPaths() : random_(221), tree_(MakeTree(8, random_)) {
    for (const std::uint32_t node : {1U, 5U}) {
      tree_.SetParent({node}, test::MakeParent(random_));
    }
  }
  // A leaf of source commit with this parent hash.
  void SetCommitLeaf(LeafIndex index, const Bytes& parent_hash) {
    LeafNode leaf = *tree_.Leaf(index);
    leaf.source_data = CommitSource{parent_hash};
    tree_.SetLeaf(index, leaf);
  }
  Bytes GivePath(LeafIndex leaf) {
    const auto filtered = tree_.FilteredDirectPath(leaf);
    std::vector<Bytes> keys;
    for (std::size_t i = 0; i < filtered.size(); ++i) {
      keys.push_back(random_.NextBytes(32));
    }
    const Bytes hash = SetPath(tree_, leaf, filtered, keys);
    SetCommitLeaf(leaf, hash);
    return hash;
  }

  SeededRandom random_;
  RatchetTree tree_;
};

TEST_F(NewPaths, AreValidAndBlankWhatIsNotOnThem) {  // §7.5
  tree_.RemoveLeaf({1});  // so that node 1 is not on the filtered path of leaf 0
  tree_.SetParent({1}, test::MakeParent(random_));
  tree_.SetParent({5}, {random_.NextBytes(32), {}, {{2}, {3}}});
  const auto filtered = tree_.FilteredDirectPath({0});
  ASSERT_EQ(filtered.size(), 2U);
  tree_.BlankPath({2});
  const std::vector<Bytes> keys{Bytes(32, 1), Bytes(32, 2)};
  const Bytes hash = SetPath(tree_, {0}, filtered, keys);
  SetCommitLeaf({0}, hash);
  EXPECT_EQ(tree_.Parent({1}), nullptr);
  EXPECT_EQ(tree_.Parent({3})->encryption_key, keys[0]);
  EXPECT_EQ(tree_.Parent({7})->encryption_key, keys[1]);
  EXPECT_TRUE(tree_.Parent({3})->unmerged_leaves.empty());
  EXPECT_TRUE(tree_.Parent({7})->parent_hash.empty());  // the topmost
  EXPECT_EQ(tree_.Parent({3})->parent_hash,
            ToBytes(ParentHash(keys[1], {}, tree_.TreeHash(NodeIndex{11}))));
  EXPECT_EQ(hash, ToBytes(ParentHash(keys[0], tree_.Parent({3})->parent_hash,
                                     tree_.TreeHash(NodeIndex{5}))));
  EXPECT_TRUE(CheckParentHashes(tree_).ok());
}

TEST_F(NewPaths, OfWhoIsAloneAreEmpty) {
  RatchetTree alone = MakeTree(1, random_);
  EXPECT_TRUE(SetPath(alone, {0}, alone.FilteredDirectPath({0}), {}).empty());
}

TEST_F(NewPaths, ReplaceEachOtherWhereTheyMeet) {
  tree_.BlankPath({0});
  tree_.BlankPath({2});
  EXPECT_TRUE(CheckParentHashes(tree_).ok());  // no parents, nothing to be wrong
  for (const std::uint32_t leaf : {0U, 5U, 3U, 1U, 6U}) {
    GivePath({leaf});
    EXPECT_TRUE(CheckParentHashes(tree_).ok()) << leaf;
  }
}

TEST_F(NewPaths, StandOnlyWithALeafOfSourceCommit) {  // §7.9.2
  tree_.BlankPath({0});
  tree_.BlankPath({2});
  GivePath({0});
  LeafNode leaf = *tree_.Leaf({0});
  leaf.source_data = UpdateSource{};
  tree_.SetLeaf({0}, leaf);
  EXPECT_EQ(CheckParentHashes(tree_).error().code(), Code::kMalformed);
  SetCommitLeaf({0}, {});
  EXPECT_EQ(CheckParentHashes(tree_).error().code(), Code::kMalformed);
}

TEST_F(NewPaths, SurviveLeavesThatComeLater) {
  tree_.RemoveLeaf({1});
  tree_.RemoveLeaf({6});
  tree_.BlankPath({2});
  GivePath({0});
  ASSERT_TRUE(tree_.AddLeaf(MakeLeaf(random_)).ok());
  ASSERT_TRUE(tree_.AddLeaf(MakeLeaf(random_)).ok());
  EXPECT_EQ(tree_.Parent({7})->unmerged_leaves, (std::vector<LeafIndex>{{1}, {6}}));
  EXPECT_TRUE(CheckParentHashes(tree_).ok());
  LeafNode other = MakeLeaf(random_);
  tree_.SetLeaf({7}, other);  // who was there: that the hash covers
  EXPECT_EQ(CheckParentHashes(tree_).error().code(), Code::kMalformed);
}

// In a Welcome, whose signer vouches for the broken tree.
class SignedTree : public test::GrownGroup {};

TEST_F(SignedTree, ParentKeyNobodySignedIsRefused) {
  for (const std::size_t node : {1U, 3U, 7U}) {
    EXPECT_EQ(RefusalOf([&](RatchetTreeNodes& nodes) {
                ParentAt(nodes, node).encryption_key = world_.random.NextBytes(32);
              }),
              "mls: parent hash");
  }
}

TEST_F(SignedTree, ParentWithoutTheLeafThatSignedItIsRefused) {
  EXPECT_EQ(
      RefusalOf([](RatchetTreeNodes& nodes) { ParentAt(nodes, 1).parent_hash = Bytes(32, 1); }),
      "mls: parent hash");
}

TEST_F(SignedTree, ParentWhereThereWasNoneIsRefused) {
  ASSERT_EQ(Tree().Parent({13}), nullptr);
  EXPECT_EQ(RefusalOf([&](RatchetTreeNodes& nodes) {
              nodes.nodes.at(13) = Node{ParentNode{world_.random.NextBytes(32), {}, {{6}}}};
            }),
            "mls: parent hash");
}

TEST_F(SignedTree, UnmergedLeafLeftOutIsRefused) {
  EXPECT_EQ(RefusalOf([](RatchetTreeNodes& nodes) { ParentAt(nodes, 7).unmerged_leaves.clear(); }),
            "mls: parent hash");
}

}  // namespace
}  // namespace renkei::mls
