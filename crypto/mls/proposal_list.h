// The proposals that one commit covers, looked up and applied (RFC 9420 §12.3, §12.4). Whether the
// list may be: validation_proposals.h. Views into the commit and the group's stored proposals; they
// must outlive it. One thread.
#ifndef RENKEI_CRYPTO_MLS_PROPOSAL_LIST_H_
#define RENKEI_CRYPTO_MLS_PROPOSAL_LIST_H_

#include <map>
#include <memory>
#include <vector>

#include "crypto/base/result.h"
#include "crypto/mls/commit.h"
#include "crypto/mls/extension.h"
#include "crypto/mls/framing.h"
#include "crypto/mls/group_types.h"
#include "crypto/mls/proposal.h"
#include "crypto/mls/ratchet_tree.h"

namespace renkei::mls {

// Proposals of the current epoch by reference (§12.1).
using ProposalStore = std::map<ProposalRef, std::shared_ptr<const StoredProposal>>;

struct ListedProposal {
  const Proposal* proposal = nullptr;
  Sender sender;
  const StoredProposal* stored = nullptr;  // null: sent by value
};

struct ProposalList {
  std::vector<ListedProposal> all;  // in the commit's order

  // Of one type, in order: List<Add>() and so on. The pointers are into the proposals.
  template <typename T>
  std::vector<const T*> Of() const {
    std::vector<const T*> out;
    for (const ListedProposal& listed : all) {
      if (const T* one = std::get_if<T>(&listed.proposal->value)) {
        out.push_back(one);
      }
    }
    return out;
  }
};

// kNotFound: a reference that is not in `store`; a proposal is missing, or the commit is bad.
Result<ProposalList> ResolveProposals(const Commit& commit, const Sender& committer,
                                      const ProposalStore& store);

// What a list did to the tree.
struct AppliedProposals {
  std::vector<LeafIndex> added;  // in the order of the Add proposals
  std::vector<LeafIndex> updated;
  std::vector<FormerMember> removed;
};

// Applies Update, Remove and Add proposals in that order (§12.3); the list must have been checked.
// kTooLarge: more members than kMaxLeaves.
Result<AppliedProposals> ApplyProposals(const ProposalList& list, RatchetTree& tree);

// The GroupContext extensions after the commit.
const Extensions& ExtensionsAfter(const ProposalList& list, const Extensions& before);

std::vector<PreSharedKeyId> PskIds(const ProposalList& list);

}  // namespace renkei::mls

#endif  // RENKEI_CRYPTO_MLS_PROPOSAL_LIST_H_
