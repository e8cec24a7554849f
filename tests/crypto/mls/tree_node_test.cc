#include "crypto/mls/tree_node.h"

#include "crypto/mls/limits.h"
#include "tests/crypto/mls/support/examples.h"

namespace renkei::mls {
namespace {

TEST(TreeNodes, LeavesAndParentsAreCanonical) {
  test::ExpectCanonicalAndEqual(test::ExampleParent());
  test::ExpectCanonicalAndEqual(Node{test::ExampleParent()});
  test::ExpectCanonicalAndEqual(Node{test::ExampleLeaf(LeafNodeSource::kCommit)});
  EXPECT_EQ(Node{test::ExampleParent()}.type(), NodeType::kParent);
}

TEST(TreeNodes, TreeIsCanonicalBlanksIncluded) {
  test::ExpectCanonicalAndEqual(test::ExampleTree());
  test::ExpectCanonicalAndEqual(RatchetTreeNodes{});
}

TEST(TreeNodes, UnknownNodeTypeIsMalformed) {
  const Node node{test::ExampleParent()};
  for (const int type : {0, 3}) {
    EXPECT_EQ(
        test::ParseError<Node>(test::SerializeWithByte(node, 0, static_cast<std::uint8_t>(type))),
        Code::kMalformed);
  }
}

TEST(TreeNodes, UnmergedLeavesOutOfOrderAreMalformed) {  // RFC 9420 §7.1
  ParentNode parent = test::ExampleParent();
  parent.unmerged_leaves = {{3}, {1}};
  EXPECT_EQ(test::ParseError<ParentNode>(wire::Serialize(parent)), Code::kMalformed);
}

TEST(TreeNodes, UnmergedLeafTwiceIsMalformed) {  // RFC 9420 §7.1
  ParentNode parent = test::ExampleParent();
  parent.unmerged_leaves = {{1}, {1}};
  EXPECT_EQ(test::ParseError<ParentNode>(wire::Serialize(parent)), Code::kMalformed);
}

TEST(TreeNodes, MoreUnmergedLeavesThanATreeHasAreTooLarge) {
  ParentNode parent = test::ExampleParent();
  parent.unmerged_leaves.clear();
  for (std::uint32_t leaf = 0; leaf < kMaxLeaves; ++leaf) {
    parent.unmerged_leaves.push_back({leaf});
  }
  EXPECT_TRUE(wire::Parse<ParentNode>(wire::Serialize(parent)).ok());
  parent.unmerged_leaves.push_back({kMaxLeaves});
  EXPECT_EQ(test::ParseError<ParentNode>(wire::Serialize(parent)), Code::kTooLarge);
}

TEST(TreeNodes, TreeWithMoreNodesThanAllowedIsTooLarge) {
  wire::Writer out;
  out.Opaque(Bytes(kMaxTreeNodes + 1));  // blanks
  EXPECT_EQ(test::ParseError<RatchetTreeNodes>(out.view()), Code::kTooLarge);
}

}  // namespace
}  // namespace renkei::mls
