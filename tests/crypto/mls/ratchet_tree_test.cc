#include "crypto/mls/ratchet_tree.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "crypto/mls/limits.h"
#include "tests/crypto/mls/support/leaves.h"

namespace renkei::mls {
namespace {

using test::MakeLeaf;
using test::MakeParent;
using test::MakeTree;
using test::Reread;

std::vector<std::uint32_t> Values(const std::vector<NodeIndex>& nodes) {
  std::vector<std::uint32_t> values;
  for (const NodeIndex node : nodes) {
    values.push_back(node.value);
  }
  return values;
}

TEST(RatchetTree, NewMemberTakesTheLeftmostBlankLeaf) {
  SeededRandom random(1);
  RatchetTree tree = MakeTree(5, random);
  EXPECT_EQ(tree.leaf_slots(), 8U);
  tree.RemoveLeaf({1});
  tree.RemoveLeaf({3});
  EXPECT_EQ(tree.AddLeaf(MakeLeaf(random)).value().value, 1U);
  EXPECT_EQ(tree.AddLeaf(MakeLeaf(random)).value().value, 3U);
  EXPECT_EQ(tree.AddLeaf(MakeLeaf(random)).value().value, 5U);
  EXPECT_EQ(tree.member_count(), 6U);
}

TEST(RatchetTree, DoublesOnlyWhenFull) {
  SeededRandom random(2);
  RatchetTree tree = MakeTree(4, random);
  EXPECT_EQ(tree.leaf_slots(), 4U);
  EXPECT_EQ(tree.root().value, 3U);
  EXPECT_EQ(tree.ReserveLeaf().value().value, 4U);
  EXPECT_EQ(tree.leaf_slots(), 8U);
  EXPECT_EQ(tree.root().value, 7U);
}

TEST(RatchetTree, AddedLeafIsUnmergedInEveryParentAboveIt) {
  SeededRandom random(3);
  RatchetTree tree = MakeTree(7, random);
  tree.SetParent({7}, MakeParent(random));
  tree.SetParent({11}, MakeParent(random));
  ASSERT_EQ(tree.AddLeaf(MakeLeaf(random)).value().value, 7U);
  EXPECT_EQ(tree.Parent({7})->unmerged_leaves, std::vector<LeafIndex>{{7}});
  EXPECT_EQ(tree.Parent({11})->unmerged_leaves, std::vector<LeafIndex>{{7}});
  EXPECT_EQ(tree.Parent({13}), nullptr);
  EXPECT_EQ(Values(tree.Resolution({11})), (std::vector<std::uint32_t>{11, 14}));
}

TEST(RatchetTree, RemoveBlanksThePathAndTruncates) {
  SeededRandom random(4);
  RatchetTree tree = MakeTree(5, random);
  tree.SetParent({7}, MakeParent(random));
  tree.SetParent({3}, MakeParent(random));
  tree.RemoveLeaf({4});
  EXPECT_EQ(tree.leaf_slots(), 4U);
  EXPECT_NE(tree.Parent({3}), nullptr);
  tree.RemoveLeaf({0});
  EXPECT_EQ(tree.Parent({3}), nullptr);
  EXPECT_EQ(tree.Leaf({0}), nullptr);
  EXPECT_EQ(tree.leaf_slots(), 4U);
}

TEST(RatchetTree, RemovingTheLastLeafTruncatesPastBlanksBeforeIt) {
  SeededRandom random(5);
  RatchetTree tree = MakeTree(9, random);
  for (std::uint32_t i = 2; i < 8; ++i) {
    tree.RemoveLeaf({i});
  }
  EXPECT_EQ(tree.leaf_slots(), 16U);
  tree.RemoveLeaf({8});
  EXPECT_EQ(tree.leaf_slots(), 2U);
  EXPECT_EQ(tree.TreeHash(), Reread(tree).TreeHash());
}

// The tree of RFC 9420 §4.1.1: [A, X, B, Y, C, Z(blank), D(blank)] with B unmerged at X.
TEST(RatchetTree, ResolutionFollowsTheRfcExample) {
  SeededRandom random(6);
  RatchetTree tree = MakeTree(8, random);
  tree.RemoveLeaf({2});
  tree.SetParent({1}, MakeParent(random));
  ParentNode with_unmerged = MakeParent(random);
  with_unmerged.unmerged_leaves = {{6}};
  tree.SetParent({13}, with_unmerged);
  EXPECT_EQ(Values(tree.Resolution({1})), (std::vector<std::uint32_t>{1}));
  EXPECT_EQ(Values(tree.Resolution({4})), (std::vector<std::uint32_t>{}));
  EXPECT_EQ(Values(tree.Resolution({3})), (std::vector<std::uint32_t>{1, 6}));
  EXPECT_EQ(Values(tree.Resolution({7})), (std::vector<std::uint32_t>{1, 6, 8, 10, 13, 12}));
}

TEST(RatchetTree, FilteredPathLeavesOutNodesWithNobodyOnTheOtherSide) {
  SeededRandom random(7);
  RatchetTree tree = MakeTree(5, random);
  std::vector<std::uint32_t> nodes;
  for (const PathStep& step : tree.DirectPath({4})) {
    nodes.push_back(step.node.value);
  }
  EXPECT_EQ(nodes, (std::vector<std::uint32_t>{9, 11, 7}));
  const auto filtered = tree.FilteredDirectPath({4});
  ASSERT_EQ(filtered.size(), 1U);
  EXPECT_EQ(filtered[0].node.value, 7U);
  EXPECT_EQ(filtered[0].copath.value, 3U);
}

TEST(RatchetTree, CommonAncestorIsTheFirstSharedNodeOfBothPaths) {
  SeededRandom random(8);
  const RatchetTree tree = MakeTree(16, random);
  for (std::uint32_t a = 0; a < 16; ++a) {
    std::set<NodeIndex> above;
    for (const PathStep& step : tree.DirectPath({a})) {
      above.insert(step.node);
    }
    for (std::uint32_t b = 0; b < 16; ++b) {
      if (a == b) {
        continue;
      }
      const auto path = tree.DirectPath({b});
      const auto first = std::find_if(path.begin(), path.end(), [&](const PathStep& step) {
        return above.count(step.node) == 1;
      });
      EXPECT_EQ(RatchetTree::CommonAncestor({a}, {b}), first->node);
    }
  }
}

TEST(RatchetTree, CopyKeepsWhatItHadWhenTheOtherChanges) {
  SeededRandom random(9);
  RatchetTree tree = MakeTree(6, random);
  tree.SetParent({3}, MakeParent(random));
  const RatchetTree before = tree;
  const Hash32 hash = before.TreeHash();
  const Bytes bytes = before.Serialize();
  tree.RemoveLeaf({1});
  tree.SetLeaf({2}, MakeLeaf(random));
  ASSERT_TRUE(tree.AddLeaf(MakeLeaf(random)).ok());
  EXPECT_EQ(before.Serialize(), bytes);
  EXPECT_EQ(before.TreeHash(), hash);
  EXPECT_EQ(Reread(before).TreeHash(), hash);
  EXPECT_NE(tree.TreeHash(), hash);
}

TEST(RatchetTree, KeptHashesEqualThoseOfATreeReadAnew) {
  SeededRandom random(10);
  RatchetTree tree = MakeTree(1, random);
  RatchetTree other = tree;
  for (int step = 0; step < 400; ++step) {
    const std::uint64_t roll = random.NextUint64();
    const LeafIndex leaf{static_cast<std::uint32_t>((roll >> 8U) % tree.leaf_slots())};
    if (roll % 4 == 0 && tree.Leaf(leaf) != nullptr && tree.member_count() > 1) {
      tree.RemoveLeaf(leaf);
    } else if (roll % 4 == 1 && tree.Leaf(leaf) != nullptr) {
      tree.BlankPath(leaf);
      tree.SetLeaf(leaf, MakeLeaf(random));
    } else if (roll % 4 == 2 && tree.leaf_slots() > 1) {
      tree.SetParent(tree.DirectPath(leaf).front().node, MakeParent(random));
    } else {
      ASSERT_TRUE(tree.AddLeaf(MakeLeaf(random)).ok());
    }
    if (roll % 3 == 0) {
      other = tree;  // from here on both share nodes
      EXPECT_EQ(other.TreeHash(), tree.TreeHash());
    }
    ASSERT_EQ(tree.TreeHash(), Reread(tree).TreeHash()) << "step " << step;
    ASSERT_EQ(tree.Serialize(), Reread(tree).Serialize());
  }
}

TEST(RatchetTree, LeavesOutTrailingBlanksWhenWritten) {
  SeededRandom random(11);
  const RatchetTree tree = MakeTree(5, random);
  const auto nodes = wire::Parse<RatchetTreeNodes>(tree.Serialize());
  ASSERT_TRUE(nodes.ok());
  EXPECT_EQ(nodes->nodes.size(), 9U);
}

class HostileTree : public testing::Test {
 protected:
  HostileTree() : random_(12), tree_(MakeTree(5, random_)) {
    nodes_ = wire::Parse<RatchetTreeNodes>(tree_.Serialize()).value();
  }
  Code Refusal() {
    const auto tree = RatchetTree::FromNodes(nodes_);
    EXPECT_FALSE(tree.ok());
    return tree.ok() ? Code::kInternal : tree.error().code();
  }

  SeededRandom random_;
  RatchetTree tree_;
  RatchetTreeNodes nodes_;
};

TEST_F(HostileTree, WithoutNodesIsRefused) {
  nodes_.nodes.clear();
  EXPECT_EQ(Refusal(), Code::kMalformed);
}

TEST_F(HostileTree, EndingInABlankNodeIsRefused) {
  nodes_.nodes.emplace_back();
  EXPECT_EQ(Refusal(), Code::kMalformed);
}

TEST_F(HostileTree, WithAParentInALeafsPlaceIsRefused) {
  nodes_.nodes[2] = Node{MakeParent(random_)};
  EXPECT_EQ(Refusal(), Code::kMalformed);
}

TEST_F(HostileTree, WithALeafInAParentsPlaceIsRefused) {
  nodes_.nodes[3] = Node{MakeLeaf(random_)};
  EXPECT_EQ(Refusal(), Code::kMalformed);
}

TEST_F(HostileTree, WithNobodyInTheRightHalfIsRefused) {
  nodes_.nodes[8] = std::nullopt;
  nodes_.nodes[7] = Node{MakeParent(random_)};
  nodes_.nodes.resize(8);
  EXPECT_EQ(Refusal(), Code::kMalformed);
}

TEST_F(HostileTree, WithAnUnmergedLeafOutsideTheNodeIsRefused) {
  ParentNode parent = MakeParent(random_);
  parent.unmerged_leaves = {{2}};
  nodes_.nodes[1] = Node{parent};
  EXPECT_EQ(Refusal(), Code::kMalformed);
}

TEST_F(HostileTree, WithABlankUnmergedLeafIsRefused) {
  nodes_.nodes[4] = std::nullopt;
  ParentNode parent = MakeParent(random_);
  parent.unmerged_leaves = {{2}};
  nodes_.nodes[3] = Node{parent};
  EXPECT_EQ(Refusal(), Code::kMalformed);
}

TEST_F(HostileTree, WithMoreNodesThanTheLimitIsTooLarge) {
  nodes_.nodes.resize(kMaxTreeNodes + 2);
  nodes_.nodes.back() = nodes_.nodes[0];
  EXPECT_EQ(Refusal(), Code::kTooLarge);
}

TEST_F(HostileTree, WithEveryLeafTakenUpToTheLimitTakesNoMore) {
  nodes_.nodes.assign(kMaxTreeNodes, std::nullopt);
  for (std::size_t i = 0; i < kMaxTreeNodes; i += 2) {
    nodes_.nodes[i] = Node{LeafNode{}};
  }
  auto full = RatchetTree::FromNodes(std::move(nodes_));
  ASSERT_TRUE(full.ok());
  EXPECT_EQ(full->ReserveLeaf().error().code(), Code::kTooLarge);
  EXPECT_EQ(full->AddLeaf(LeafNode{}).error().code(), Code::kTooLarge);
  full->RemoveLeaf({7});
  EXPECT_EQ(*full->AddLeaf(LeafNode{}), (LeafIndex{7}));
}

}  // namespace
}  // namespace renkei::mls
