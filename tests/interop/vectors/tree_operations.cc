// "Tree Operations": adding, updating and removing leaves (RFC 9420 §7.7, §7.8, §12.1). No
// encryption is involved, so the suite does not matter.
#include "crypto/mls/framing.h"
#include "crypto/mls/proposal_list.h"
#include "crypto/mls/ratchet_tree.h"
#include "tests/interop/vectors/vectors.h"

namespace renkei::interop {

Verdict RunTreeOperations(const Json& test_case) {
  auto nodes = wire::Parse<mls::RatchetTreeNodes>(Hex(test_case, "tree_before"));
  VECTOR_EXPECT(nodes.ok());
  auto parsed = mls::RatchetTree::FromNodes(std::move(nodes).value());
  VECTOR_EXPECT(parsed.ok());
  mls::RatchetTree tree = std::move(parsed).value();
  VECTOR_EXPECT(Same(tree.TreeHash(), Hex(test_case, "tree_hash_before")));
  VECTOR_EXPECT(Same(tree.Serialize(), Hex(test_case, "tree_before")));

  const auto proposal = wire::Parse<mls::Proposal>(Hex(test_case, "proposal"));
  VECTOR_EXPECT(proposal.ok());
  const mls::Sender sender{
      mls::MemberSender{{test_case.at("proposal_sender").get<std::uint32_t>()}}};
  mls::ProposalList list;
  list.all.push_back({&*proposal, sender, nullptr});
  VECTOR_EXPECT(mls::ApplyProposals(list, tree).ok());
  VECTOR_EXPECT(Same(tree.Serialize(), Hex(test_case, "tree_after")));
  VECTOR_EXPECT(Same(tree.TreeHash(), Hex(test_case, "tree_hash_after")));
  return {};
}

}  // namespace renkei::interop
