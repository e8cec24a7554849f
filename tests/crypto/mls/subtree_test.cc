#include "crypto/mls/subtree.h"

#include <gtest/gtest.h>

#include "tests/crypto/mls/support/leaves.h"

namespace renkei::mls {
namespace {

using test::MakeLeaf;
using test::MakeParent;

TEST(LeafRanges, AreFoundFromTheArrayIndexAndBack) {  // RFC 9420 Appendix C
  const auto expect = [](std::uint32_t node, std::uint32_t first, std::uint32_t size) {
    const LeafRange range = LeafRange::Of({node});
    EXPECT_EQ(range.first, first) << node;
    EXPECT_EQ(range.size, size) << node;
    EXPECT_EQ(range.index().value, node);
    EXPECT_EQ(range.IsLeaf(), size == 1) << node;
  };
  expect(0, 0, 1);
  expect(1, 0, 2);
  expect(2, 1, 1);
  expect(3, 0, 4);
  expect(5, 2, 2);
  expect(7, 0, 8);
  expect(11, 4, 4);
  expect(14, 7, 1);
}

TEST(LeafRanges, HalvesMeetInTheMiddle) {
  const LeafRange range{8, 8};
  EXPECT_EQ(range.Left().first, 8U);
  EXPECT_EQ(range.Left().size, 4U);
  EXPECT_EQ(range.Right().first, 12U);
  EXPECT_EQ(range.Right().size, 4U);
}

TEST(LeafRanges, ContainWhatIsBelowThemAndThemselves) {
  const LeafRange range{4, 4};  // node 11
  for (std::uint32_t leaf = 0; leaf < 12; ++leaf) {
    EXPECT_EQ(range.Contains(LeafIndex{leaf}), leaf >= 4 && leaf < 8) << leaf;
  }
  for (std::uint32_t node = 0; node < 24; ++node) {
    EXPECT_EQ(range.Contains(NodeIndex{node}), node >= 8 && node <= 14) << node;
  }
}

class Subtrees : public testing::Test {
 protected:
  Subtrees() : random_(211), root_(BlankSubtree(kRange)) {}

  static constexpr LeafRange kRange{0, 4};
  Subtree& LeafAt(std::size_t index) {
    Subtree& half = index < 2 ? *root_->left : *root_->right;
    return index % 2 == 0 ? *half.left : *half.right;
  }
  void SetLeaf(std::size_t index, LeafNode leaf) {
    LeafAt(index).leaf = std::make_shared<const LeafNode>(std::move(leaf));
    RefreshAll();
  }
  void RefreshAll() {
    for (std::size_t i = 0; i < 4; ++i) {
      LeafAt(i).Refresh();
    }
    root_->left->Refresh();
    root_->right->Refresh();
    root_->Refresh();
  }

  SeededRandom random_;
  std::shared_ptr<Subtree> root_;
};

TEST_F(Subtrees, BlankOnesHaveTheirShapeAndNobody) {
  ASSERT_NE(root_->left, nullptr);
  EXPECT_TRUE(root_->IsBlank());
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(LeafAt(i).left, nullptr);
    EXPECT_EQ(LeafAt(i).right, nullptr);
    EXPECT_TRUE(LeafAt(i).IsBlank());
  }
  RefreshAll();
  EXPECT_EQ(root_->members, 0U);
  EXPECT_EQ(root_->occupied, 0U);
}

TEST_F(Subtrees, CountMembersAndOccupiedNodesOfBothHalves) {
  SetLeaf(0, MakeLeaf(random_));
  SetLeaf(2, MakeLeaf(random_));
  SetLeaf(3, MakeLeaf(random_));
  root_->left->parent = std::make_shared<const ParentNode>(MakeParent(random_));
  RefreshAll();
  EXPECT_EQ(root_->members, 3U);
  EXPECT_EQ(root_->occupied, 4U);
  EXPECT_EQ(root_->left->members, 1U);
  EXPECT_EQ(root_->left->occupied, 2U);
  EXPECT_FALSE(root_->left->IsBlank());
  EXPECT_TRUE(root_->right->IsBlank());
}

TEST_F(Subtrees, AreCopiedOnlyIfSomebodyElseHoldsThem) {
  Subtree* const alone = root_.get();
  EXPECT_EQ(&Writable(root_), alone);
  const std::shared_ptr<Subtree> other = root_;
  Subtree& copy = Writable(root_);
  EXPECT_NE(&copy, other.get());
  EXPECT_EQ(&copy, root_.get());
  EXPECT_EQ(copy.left, other->left);  // this one node only
  copy.parent = std::make_shared<const ParentNode>(MakeParent(random_));
  EXPECT_TRUE(other->IsBlank());
}

TEST_F(Subtrees, HashIsTheRfcs) {  // §7.8
  const LeafNode leaf = MakeLeaf(random_);
  SetLeaf(1, leaf);
  const ParentNode parent{random_.NextBytes(32), {}, {{1}}};
  root_->left->parent = std::make_shared<const ParentNode>(parent);
  RefreshAll();
  const auto hash_of = [](const auto& body) {
    wire::Writer out;
    body(out);
    return Sha256(out.view());
  };
  const Hash32 blank_leaf = hash_of([](wire::Writer& out) {
    out.U8(1);
    out.U32(0);
    out.U8(0);
  });
  const Hash32 full_leaf = hash_of([&](wire::Writer& out) {
    out.U8(1);
    out.U32(1);
    wire::EncodeOptional(out, std::optional(leaf));
  });
  const Hash32 expected = hash_of([&](wire::Writer& out) {
    out.U8(2);
    wire::EncodeOptional(out, std::optional(parent));
    out.Opaque(blank_leaf);
    out.Opaque(full_leaf);
  });
  EXPECT_EQ(TreeHash(LeafAt(0), {0, 1}), blank_leaf);
  EXPECT_EQ(TreeHash(LeafAt(1), {1, 1}), full_leaf);
  EXPECT_EQ(TreeHash(*root_->left, kRange.Left()), expected);
  const Hash32 blank_parent = hash_of([&](wire::Writer& out) {
    out.U8(2);
    out.U8(0);
    out.Opaque(expected);
    out.Opaque(TreeHash(*root_->right, kRange.Right()));
  });
  EXPECT_EQ(TreeHash(*root_, kRange), blank_parent);
}

TEST_F(Subtrees, HashIsKeptUntilTheNodeIsRefreshed) {
  SetLeaf(1, MakeLeaf(random_));
  const Hash32 before = TreeHash(*root_, kRange);
  LeafAt(1).leaf = std::make_shared<const LeafNode>(MakeLeaf(random_));
  EXPECT_EQ(TreeHash(*root_, kRange), before);
  RefreshAll();
  EXPECT_NE(TreeHash(*root_, kRange), before);
}

TEST_F(Subtrees, HashWithoutLeavesIsThatOfATreeWithoutThem) {  // §7.9
  for (std::size_t i = 0; i < 4; ++i) {
    SetLeaf(i, MakeLeaf(random_));
  }
  ParentNode top{random_.NextBytes(32), random_.NextBytes(32), {{1}, {2}, {3}}};
  root_->parent = std::make_shared<const ParentNode>(top);
  RefreshAll();
  const Hash32 all = TreeHash(*root_, kRange);
  EXPECT_EQ(TreeHashWithout(*root_, kRange, {}), all);
  const std::vector<LeafIndex> elsewhere{{4}, {9}};
  EXPECT_EQ(TreeHashWithout(*root_, kRange, elsewhere), all);
  const std::vector<LeafIndex> blanked{{1}, {3}};
  const Hash32 without = TreeHashWithout(*root_, kRange, blanked);
  EXPECT_EQ(TreeHash(*root_, kRange), all);  // and nothing was changed
  LeafAt(1).leaf = nullptr;
  LeafAt(3).leaf = nullptr;
  top.unmerged_leaves = {{2}};
  root_->parent = std::make_shared<const ParentNode>(top);
  RefreshAll();
  EXPECT_EQ(TreeHash(*root_, kRange), without);
  EXPECT_NE(without, all);
  root_->parent = nullptr;
  RefreshAll();
  EXPECT_EQ(TreeHashWithout(*root_, kRange, blanked), TreeHash(*root_, kRange));
}

}  // namespace
}  // namespace renkei::mls
