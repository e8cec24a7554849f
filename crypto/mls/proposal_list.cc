#include "crypto/mls/proposal_list.h"

namespace renkei::mls {
namespace {

void ApplyUpdates(const ProposalList& list, RatchetTree& tree, AppliedProposals& applied) {
  for (const ListedProposal& listed : list.all) {
    if (const auto* update = std::get_if<Update>(&listed.proposal->value)) {
      const LeafIndex leaf = *listed.sender.member();
      tree.BlankPath(leaf);
      tree.SetLeaf(leaf, update->leaf_node);
      applied.updated.push_back(leaf);
    }
  }
}

}  // namespace

Result<ProposalList> ResolveProposals(const Commit& commit, const Sender& committer,
                                      const ProposalStore& store) {
  ProposalList list;
  list.all.reserve(commit.proposals.size());
  for (const ProposalOrRef& entry : commit.proposals) {
    if (const auto* by_value = std::get_if<Proposal>(&entry.value)) {
      list.all.push_back({by_value, committer, nullptr});
      continue;
    }
    const auto found = store.find(std::get<ProposalRef>(entry.value));
    if (found == store.end()) {
      return Error(Code::kNotFound, "mls: commit refers to an unknown proposal");
    }
    list.all.push_back({&found->second->proposal, found->second->sender, found->second.get()});
  }
  return list;
}

Result<AppliedProposals> ApplyProposals(const ProposalList& list, RatchetTree& tree) {
  AppliedProposals applied;
  ApplyUpdates(list, tree, applied);
  for (const Remove* remove : list.Of<Remove>()) {
    applied.removed.push_back({remove->removed, *tree.Leaf(remove->removed)});
    tree.RemoveLeaf(remove->removed);
  }
  for (const Add* add : list.Of<Add>()) {
    RENKEI_ASSIGN(const LeafIndex leaf, tree.AddLeaf(add->key_package.leaf_node));
    applied.added.push_back(leaf);
  }
  return applied;
}

const Extensions& ExtensionsAfter(const ProposalList& list, const Extensions& before) {
  const auto replaced = list.Of<GroupContextExtensions>();
  return replaced.empty() ? before : replaced.front()->extensions;
}

std::vector<PreSharedKeyId> PskIds(const ProposalList& list) {
  std::vector<PreSharedKeyId> ids;
  for (const PreSharedKey* psk : list.Of<PreSharedKey>()) {
    ids.push_back(psk->psk);
  }
  return ids;
}

}  // namespace renkei::mls
