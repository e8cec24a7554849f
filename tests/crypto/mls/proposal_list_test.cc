#include "crypto/mls/proposal_list.h"

#include <gtest/gtest.h>

#include <memory>

#include "crypto/mls/limits.h"
#include "tests/crypto/mls/support/leaves.h"

namespace renkei::mls {
namespace {

using test::MakeLeaf;
using test::MakeTree;

constexpr LeafIndex kCommitter{0};

Sender From(std::uint32_t leaf) {
  return Sender{MemberSender{{leaf}}};
}

std::shared_ptr<const StoredProposal> Stored(std::uint8_t name, std::uint32_t from,
                                             Proposal proposal) {
  return std::make_shared<const StoredProposal>(
      StoredProposal{ProposalRef{{name}}, From(from), std::move(proposal), {}});
}

class ListedProposals : public testing::Test {
 protected:
  ListedProposals() : random_(201), tree_(MakeTree(4, random_)) {}

  void Wait(std::uint8_t name, std::uint32_t from, Proposal proposal) {
    store_[ProposalRef{{name}}] = Stored(name, from, std::move(proposal));
    commit_.proposals.push_back({ProposalRef{{name}}});
  }
  void ByValue(Proposal proposal) { commit_.proposals.push_back({std::move(proposal)}); }
  Result<ProposalList> Resolve() const {
    return ResolveProposals(commit_, From(kCommitter.value), store_);
  }
  static Proposal AddOf(const LeafNode& leaf) {
    KeyPackage key_package;
    key_package.leaf_node = leaf;
    return {Add{key_package}};
  }

  SeededRandom random_;
  RatchetTree tree_;
  Commit commit_;
  ProposalStore store_;
};

TEST_F(ListedProposals, KeepTheCommitsOrderAndSayWhoSentEach) {
  Wait(7, 2, {Remove{{1}}});
  ByValue({Remove{{3}}});
  Wait(5, 1, {GroupContextExtensions{}});
  const auto list = Resolve();
  ASSERT_TRUE(list.ok());
  ASSERT_EQ(list->all.size(), 3U);
  EXPECT_EQ(*list->all[0].proposal, Proposal{Remove{{1}}});
  EXPECT_EQ(list->all[0].sender, From(2));
  EXPECT_EQ(list->all[0].stored, store_.at(ProposalRef{{7}}).get());
  EXPECT_EQ(*list->all[1].proposal, Proposal{Remove{{3}}});
  EXPECT_EQ(list->all[1].sender, From(kCommitter.value));  // by value: the committer's
  EXPECT_EQ(list->all[1].stored, nullptr);
  EXPECT_EQ(list->all[2].stored->ref, ProposalRef{{5}});
  ASSERT_EQ(list->Of<Remove>().size(), 2U);
  EXPECT_EQ(list->Of<Remove>()[0]->removed, LeafIndex{1});
  EXPECT_EQ(list->Of<Remove>()[1]->removed, LeafIndex{3});
  EXPECT_TRUE(list->Of<Add>().empty());
}

TEST_F(ListedProposals, ReferenceToAProposalThatIsNotThereIsNotFound) {
  Wait(1, 1, {Remove{{2}}});
  store_.clear();
  const auto list = Resolve();
  ASSERT_FALSE(list.ok());
  EXPECT_EQ(list.error().code(), Code::kNotFound);
}

TEST_F(ListedProposals, AreAppliedUpdatesFirstThenRemovesThenAdds) {  // RFC 9420 §12.3
  const LeafNode added = MakeLeaf(random_);
  const LeafNode updated = MakeLeaf(random_);
  const LeafNode former = *tree_.Leaf({1});
  ByValue(AddOf(added));  // takes the leaf that the Remove below makes free
  ByValue({Remove{{1}}});
  Wait(1, 2, {Update{updated}});
  const auto applied = ApplyProposals(*Resolve(), tree_);
  ASSERT_TRUE(applied.ok());
  EXPECT_EQ(applied->added, std::vector<LeafIndex>{{1}});
  EXPECT_EQ(applied->updated, std::vector<LeafIndex>{{2}});
  ASSERT_EQ(applied->removed.size(), 1U);
  EXPECT_EQ(applied->removed[0].index, LeafIndex{1});
  EXPECT_EQ(applied->removed[0].leaf, former);
  EXPECT_EQ(*tree_.Leaf({1}), added);
  EXPECT_EQ(*tree_.Leaf({2}), updated);
  EXPECT_EQ(tree_.member_count(), 4U);
}

TEST_F(ListedProposals, UpdatesAndRemovesBlankThePathAddsDoNot) {  // §12.1.1 - §12.1.3
  const auto with_parents = [&] {
    RatchetTree tree = tree_;
    for (const std::uint32_t node : {1U, 3U, 5U}) {
      tree.SetParent({node}, test::MakeParent(random_));
    }
    return tree;
  };
  Wait(1, 1, {Update{MakeLeaf(random_)}});
  RatchetTree tree = with_parents();
  ASSERT_TRUE(ApplyProposals(*Resolve(), tree).ok());
  EXPECT_EQ(tree.Parent({1}), nullptr);
  EXPECT_EQ(tree.Parent({3}), nullptr);
  EXPECT_NE(tree.Parent({5}), nullptr);

  commit_.proposals.clear();
  ByValue({Remove{{2}}});
  tree = with_parents();
  ASSERT_TRUE(ApplyProposals(*Resolve(), tree).ok());
  EXPECT_NE(tree.Parent({1}), nullptr);
  EXPECT_EQ(tree.Parent({3}), nullptr);
  EXPECT_EQ(tree.Parent({5}), nullptr);

  commit_.proposals.clear();
  ByValue(AddOf(MakeLeaf(random_)));
  tree = with_parents();
  ASSERT_TRUE(ApplyProposals(*Resolve(), tree).ok());
  EXPECT_NE(tree.Parent({3}), nullptr);
  EXPECT_EQ(tree.leaf_slots(), 8U);
}

TEST_F(ListedProposals, AddsTakeLeavesInTheirOrder) {
  const LeafNode first = MakeLeaf(random_);
  const LeafNode second = MakeLeaf(random_);
  ByValue(AddOf(first));
  ByValue(AddOf(second));
  const auto applied = ApplyProposals(*Resolve(), tree_);
  ASSERT_TRUE(applied.ok());
  EXPECT_EQ(applied->added, (std::vector<LeafIndex>{{4}, {5}}));
  EXPECT_EQ(*tree_.Leaf({5}), second);
}

TEST_F(ListedProposals, OneAddTooManyIsTooLarge) {
  RatchetTreeNodes nodes;
  nodes.nodes.assign(kMaxTreeNodes, std::nullopt);
  for (std::size_t i = 0; i < kMaxTreeNodes; i += 2) {
    nodes.nodes[i] = Node{LeafNode{}};
  }
  RatchetTree full = RatchetTree::FromNodes(std::move(nodes)).value();
  ByValue(AddOf(MakeLeaf(random_)));
  EXPECT_EQ(ApplyProposals(*Resolve(), full).error().code(), Code::kTooLarge);
}

TEST_F(ListedProposals, ReplaceTheGroupsExtensionsOrLeaveThem) {  // §12.1.7
  const Extensions before{{static_cast<ExtensionType>(0xF001), {}}};
  const Extensions after{{static_cast<ExtensionType>(0xF002), {}}};
  EXPECT_EQ(ExtensionsAfter(*Resolve(), before), before);
  ByValue({GroupContextExtensions{after}});
  EXPECT_EQ(ExtensionsAfter(*Resolve(), before), after);
  commit_.proposals.clear();
  ByValue({GroupContextExtensions{}});
  EXPECT_TRUE(ExtensionsAfter(*Resolve(), before).empty());
}

TEST_F(ListedProposals, NamePsksInTheirOrder) {  // §8.4
  const PreSharedKeyId one{ExternalPsk{{1}}, Bytes(32, 1)};
  const PreSharedKeyId two{ExternalPsk{{2}}, Bytes(32, 2)};
  ByValue({PreSharedKey{two}});
  ByValue({Remove{{1}}});
  ByValue({PreSharedKey{one}});
  EXPECT_EQ(PskIds(*Resolve()), (std::vector<PreSharedKeyId>{two, one}));
}

}  // namespace
}  // namespace renkei::mls
