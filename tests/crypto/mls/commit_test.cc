#include "crypto/mls/commit.h"

#include "crypto/mls/limits.h"
#include "tests/crypto/mls/support/examples.h"

namespace renkei::mls {
namespace {

TEST(Commits, WithAndWithoutPathAreCanonical) {
  Commit commit = test::ExampleCommit();
  test::ExpectCanonicalAndEqual(commit);
  commit.path.reset();
  test::ExpectCanonicalAndEqual(commit);
  test::ExpectCanonicalAndEqual(Commit{});
  test::ExpectCanonicalAndEqual(test::ExamplePath());
}

TEST(Commits, NeitherProposalNorReferenceIsMalformed) {
  const ProposalOrRef reference{ProposalRef{test::Filler(32, 1)}};
  test::ExpectCanonicalAndEqual(reference);
  EXPECT_EQ(test::ParseError<ProposalOrRef>(test::SerializeWithByte(reference, 0, 0)),
            Code::kMalformed);
  EXPECT_EQ(test::ParseError<ProposalOrRef>(test::SerializeWithByte(reference, 0, 3)),
            Code::kMalformed);
}

TEST(Commits, MoreProposalsThanAllowedAreTooLarge) {
  Commit commit;
  commit.proposals.resize(kMaxProposals, {ProposalRef{{1}}});
  EXPECT_TRUE(wire::Parse<Commit>(wire::Serialize(commit)).ok());
  commit.proposals.push_back({ProposalRef{{1}}});
  EXPECT_EQ(test::ParseError<Commit>(wire::Serialize(commit)), Code::kTooLarge);
}

TEST(Commits, MoreCiphertextsForANodeThanATreeHasLeavesAreTooLarge) {
  UpdatePathNode node{{1}, {}};
  node.encrypted_path_secret.resize(kMaxLeaves);
  EXPECT_TRUE(wire::Parse<UpdatePathNode>(wire::Serialize(node)).ok());
  node.encrypted_path_secret.emplace_back();
  EXPECT_EQ(test::ParseError<UpdatePathNode>(wire::Serialize(node)), Code::kTooLarge);
}

TEST(Commits, PathLongerThanAnyTreeIsTooLarge) {
  UpdatePath path = test::ExamplePath();
  path.nodes.resize(kMaxPathNodes);
  EXPECT_TRUE(wire::Parse<UpdatePath>(wire::Serialize(path)).ok());
  path.nodes.emplace_back();
  EXPECT_EQ(test::ParseError<UpdatePath>(wire::Serialize(path)), Code::kTooLarge);
}

}  // namespace
}  // namespace renkei::mls
