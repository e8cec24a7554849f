#include "crypto/mls/tree_math.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace renkei::mls {
namespace {

// The eight-leaf tree of RFC 9420 Appendix C, written out.
TEST(TreeMath, EightLeafTreeIsTheRfcs) {
  EXPECT_EQ(NodeCount(8), 15U);
  EXPECT_EQ(Root(8), NodeIndex{7});
  EXPECT_EQ(Left({7}), NodeIndex{3});
  EXPECT_EQ(Right({7}), NodeIndex{11});
  EXPECT_EQ(Left({11}), NodeIndex{9});
  EXPECT_EQ(Right({11}), NodeIndex{13});
  EXPECT_EQ(Parent({4}, 8), NodeIndex{5});
  EXPECT_EQ(Parent({5}, 8), NodeIndex{3});
  EXPECT_EQ(Parent({7}, 8), std::nullopt);
  EXPECT_EQ(Sibling({0}, 8), NodeIndex{2});
  EXPECT_EQ(Sibling({11}, 8), NodeIndex{3});
  EXPECT_EQ(Sibling({7}, 8), std::nullopt);
  EXPECT_EQ(DirectPath({4}, 8), (std::vector<NodeIndex>{{5}, {3}, {7}}));
  EXPECT_EQ(Copath({4}, 8), (std::vector<NodeIndex>{{6}, {1}, {11}}));
  EXPECT_EQ(CommonAncestor({0}, {4}), NodeIndex{3});
  EXPECT_EQ(CommonAncestor({0}, {14}), NodeIndex{7});
  EXPECT_EQ(CommonAncestor({4}, {3}), NodeIndex{3});
  EXPECT_EQ(CommonAncestor({6}, {6}), NodeIndex{6});
}

TEST(TreeMath, TreeOfOneLeafHasNoPaths) {
  EXPECT_EQ(NodeCount(1), 1U);
  EXPECT_EQ(Root(1), NodeIndex{0});
  EXPECT_TRUE(DirectPath({0}, 1).empty());
  EXPECT_TRUE(Copath({0}, 1).empty());
}

TEST(TreeMath, LevelsLeavesAndRanges) {
  EXPECT_EQ(Level({6}), 0U);
  EXPECT_EQ(Level({5}), 1U);
  EXPECT_EQ(Level({7}), 3U);
  EXPECT_EQ(ToNode({3}), NodeIndex{6});
  EXPECT_EQ(ToLeaf({6}), LeafIndex{3});
  EXPECT_EQ(FirstLeaf({11}), LeafIndex{4});
  EXPECT_EQ(LastLeaf({11}), LeafIndex{7});
  EXPECT_EQ(FirstLeaf({6}), LeafIndex{3});
  EXPECT_EQ(LastLeaf({6}), LeafIndex{3});
}

TEST(TreeMath, FullLeafCountRoundsUpToAPowerOfTwo) {
  EXPECT_EQ(FullLeafCount(0), 1U);
  EXPECT_EQ(FullLeafCount(1), 1U);
  EXPECT_EQ(FullLeafCount(3), 4U);
  EXPECT_EQ(FullLeafCount(1000), 1024U);
}

// Every relation against the others, in every tree up to 256 leaves.
TEST(TreeMath, RelationsAgreeWithEachOther) {
  for (std::uint32_t leaves = 1; leaves <= 256; leaves *= 2) {
    for (std::uint32_t i = 0; i < NodeCount(leaves); ++i) {
      const NodeIndex node{i};
      const auto path = DirectPath(node, leaves);
      EXPECT_EQ(path.size(), Copath(node, leaves).size());
      EXPECT_EQ(path.empty() ? node : path.back(), Root(leaves));
      if (!IsLeaf(node)) {
        EXPECT_EQ(Parent(Left(node), leaves), node);
        EXPECT_EQ(Parent(Right(node), leaves), node);
        EXPECT_EQ(CommonAncestor(Left(node), Right(node)), node);
        EXPECT_EQ(Level(node), Level(Left(node)) + 1);
      }
      for (std::uint32_t j = 0; j < NodeCount(leaves); j += 7) {
        const NodeIndex top{j};
        const bool above = top == node || std::find(path.begin(), path.end(), top) != path.end();
        EXPECT_EQ(IsInSubtree(node, top), above) << i << " " << j;
        EXPECT_EQ(CommonAncestor(node, top), CommonAncestor(top, node));
        EXPECT_TRUE(IsInSubtree(node, CommonAncestor(node, top)));
        EXPECT_TRUE(IsInSubtree(top, CommonAncestor(node, top)));
      }
    }
  }
}

TEST(TreeMathDeathTest, TreeThatIsNotFullIsOurBug) {
  EXPECT_DEATH((void)Root(3), "internal check failed");
  EXPECT_DEATH((void)Root(0), "internal check failed");
  EXPECT_DEATH((void)Left({4}), "internal check failed");
}

}  // namespace
}  // namespace renkei::mls
