#include "crypto/mls/validation_proposals.h"

#include <algorithm>
#include <set>
#include <utility>

#include "crypto/base/hash.h"
#include "crypto/mls/limits.h"
#include "crypto/mls/validation_join.h"
#include "crypto/mls/validation_leaf.h"

namespace renkei::mls {
namespace {

template <typename T>
bool Is(const Proposal& proposal) {
  return std::holds_alternative<T>(proposal.value);
}

// The leaf a proposal changes or takes away, if it does.
const LeafIndex* ChangedLeaf(const ListedProposal& listed) {
  if (Is<Update>(*listed.proposal)) {
    return listed.sender.member();
  }
  const auto* remove = std::get_if<Remove>(&listed.proposal->value);
  return remove == nullptr ? nullptr : &remove->removed;
}

Status CheckExtensionBytes(const Extensions& extensions) {
  std::size_t bytes = 0;
  for (const Extension& extension : extensions) {
    bytes += extension.data.size();
  }
  if (bytes > kMaxGroupExtensionBytes) {
    return Error(Code::kTooLarge, "mls: group extensions over kMaxGroupExtensionBytes");
  }
  return Ok();
}

bool IsExternalSenderType(const Proposal& proposal) {
  return Is<Add>(proposal) || Is<Remove>(proposal) || Is<PreSharedKey>(proposal) ||
         Is<ReInit>(proposal) || Is<GroupContextExtensions>(proposal);
}

}  // namespace

Status CheckSenderMayPropose(const Sender& sender, const Proposal& proposal) {
  bool may = true;
  switch (sender.type()) {
    case SenderType::kMember:
      may = !Is<ExternalInit>(proposal);  // §12.1.6, §12.2
      break;
    case SenderType::kExternal:
      may = IsExternalSenderType(proposal);  // §12.1.8
      break;
    case SenderType::kNewMemberProposal:
      may = Is<Add>(proposal);  // §6.1
      break;
    case SenderType::kNewMemberCommit:
      may = !Is<Update>(proposal);  // by value in its own commit only; types: CheckExternalTypes
      break;
  }
  if (!may) {
    return Error(Code::kMalformed, "mls: sender may not propose this");
  }
  return Ok();
}

Status CheckUpdate(const Update& update, const Sender& sender, const RatchetTree& tree,
                   const GroupContext& context, const Environment& environment) {
  const LeafIndex* index = sender.member();
  const LeafNode* old = index == nullptr ? nullptr : tree.Leaf(*index);
  if (old == nullptr) {
    return Error(Code::kMalformed, "mls: update by somebody who is not a member");
  }
  const LeafNode& leaf = update.leaf_node;
  RENKEI_TRY(CheckSource(leaf, LeafNodeSource::kUpdate));
  RENKEI_TRY(CheckLeafContents(leaf, context.extensions));
  if (leaf.encryption_key == old->encryption_key) {
    return Error(Code::kMalformed, "mls: update keeps the encryption key");  // §7.3
  }
  RENKEI_TRY(CheckLeafSignature(leaf, context.group_id, *index));
  return CheckReplacement(*old, leaf, environment);
}

Status CheckRemove(const Remove& remove, const RatchetTree& tree) {
  if (tree.Leaf(remove.removed) == nullptr) {
    return Error(Code::kMalformed, "mls: remove of a blank leaf");
  }
  return Ok();
}

Status CheckPsk(const PreSharedKeyId& psk, ResumptionPskUsage first) {
  const auto* resumption = std::get_if<ResumptionPsk>(&psk.value);
  if (resumption != nullptr && resumption->usage != ResumptionPskUsage::kApplication &&
      resumption->usage != first) {
    return Error(Code::kMalformed, "mls: psk usage reinit or branch in a running group");
  }
  if (psk.psk_nonce.size() != kHashBytes) {
    return Error(Code::kMalformed, "mls: psk nonce of a wrong length");
  }
  return Ok();
}

Status CheckReInit(const ReInit& reinit, const GroupContext& context) {
  if (reinit.version < context.version) {
    return Error(Code::kMalformed, "mls: reinit to an older version");
  }
  RENKEI_TRY(CheckGroupId(reinit.group_id));
  return CheckExtensionBytes(reinit.extensions);
}

Status CheckContextExtensions(const Extensions& extensions) {
  RENKEI_TRY(CheckNoRepeatedExtension(extensions));
  RENKEI_TRY(CheckExtensionBytes(extensions));
  if (FindExtension(extensions, ExtensionType::kRequiredCapabilities) != nullptr) {
    RENKEI_TRY(ParseExtension<RequiredCapabilities>(extensions));
  }
  if (FindExtension(extensions, ExtensionType::kExternalSenders) != nullptr) {
    RENKEI_TRY(ParseExtension<ExternalSenders>(extensions));
  }
  return Ok();
}

Status CheckGroupContextExtensions(const Extensions& extensions, const Environment& environment) {
  RENKEI_TRY(CheckContextExtensions(extensions));
  if (FindExtension(extensions, ExtensionType::kExternalSenders) != nullptr) {
    RENKEI_ASSIGN(const auto senders, ParseExtension<ExternalSenders>(extensions));
    for (const ExternalSender& sender : senders.senders) {
      RENKEI_TRY(
          environment.credentials.Check(sender.credential, sender.signature_key, environment.now));
    }
  }
  return Ok();
}

Status CheckProposalAlone(const Proposal& proposal, const Sender& sender, const RatchetTree& tree,
                          const GroupContext& context, const Environment& environment,
                          ResumptionPskUsage first) {
  RENKEI_TRY(CheckSenderMayPropose(sender, proposal));
  if (const auto* add = std::get_if<Add>(&proposal.value)) {
    return CheckKeyPackage(add->key_package, context.extensions, environment);  // §12.1.1
  }
  if (const auto* update = std::get_if<Update>(&proposal.value)) {
    return CheckUpdate(*update, sender, tree, context, environment);
  }
  if (const auto* remove = std::get_if<Remove>(&proposal.value)) {
    return CheckRemove(*remove, tree);
  }
  if (const auto* psk = std::get_if<PreSharedKey>(&proposal.value)) {
    return CheckPsk(psk->psk, first);
  }
  if (const auto* reinit = std::get_if<ReInit>(&proposal.value)) {
    return CheckReInit(*reinit, context);
  }
  if (const auto* extensions = std::get_if<GroupContextExtensions>(&proposal.value)) {
    return CheckGroupContextExtensions(extensions->extensions, environment);
  }
  return Ok();
}

Status CheckNoUpdateOfCommitter(const ProposalList& list, LeafIndex committer) {
  for (const ListedProposal& listed : list.all) {
    if (Is<Update>(*listed.proposal) && listed.sender.member() != nullptr &&
        *listed.sender.member() == committer) {
      return Error(Code::kMalformed, "mls: committer commits its own update");
    }
  }
  return Ok();
}

Status CheckNoRemoveOfCommitter(const ProposalList& list, LeafIndex committer) {
  for (const Remove* remove : list.Of<Remove>()) {
    if (remove->removed == committer) {
      return Error(Code::kMalformed, "mls: committer removes itself");
    }
  }
  return Ok();
}

Status CheckOneChangeForLeaf(const ProposalList& list) {
  std::set<LeafIndex> changed;
  for (const ListedProposal& listed : list.all) {
    const LeafIndex* leaf = ChangedLeaf(listed);
    if (leaf != nullptr && !changed.insert(*leaf).second) {
      return Error(Code::kMalformed, "mls: two updates or removes of one leaf");
    }
  }
  return Ok();
}

Status CheckClientsOnce(const ProposalList& list, const RatchetTree& tree,
                        const Environment& environment) {
  const std::vector<const Add*> adds = list.Of<Add>();
  if (adds.empty()) {
    return Ok();
  }
  std::set<LeafIndex> gone;
  for (const Remove* remove : list.Of<Remove>()) {
    gone.insert(remove->removed);
  }
  std::set<Bytes> clients;
  tree.ForEachLeaf([&](LeafIndex index, const LeafNode& leaf) {
    if (gone.count(index) == 0) {
      clients.insert(environment.credentials.ClientId(leaf.credential));
    }
  });
  for (const Add* add : adds) {
    Bytes client = environment.credentials.ClientId(add->key_package.leaf_node.credential);
    if (!client.empty() && !clients.insert(std::move(client)).second) {
      return Error(Code::kMalformed, "mls: client added twice");
    }
  }
  return Ok();
}

Status CheckPsksOnce(const ProposalList& list) {
  std::set<Bytes> seen;
  for (const PreSharedKey* psk : list.Of<PreSharedKey>()) {
    if (!seen.insert(wire::Serialize(psk->psk)).second) {
      return Error(Code::kMalformed, "mls: psk twice in a commit");
    }
  }
  return Ok();
}

Status CheckOneGroupContextExtensions(const ProposalList& list) {
  if (list.Of<GroupContextExtensions>().size() > 1) {
    return Error(Code::kMalformed, "mls: group context extensions twice in a commit");
  }
  return Ok();
}

Status CheckReInitAlone(const ProposalList& list) {
  if (!list.Of<ReInit>().empty() && list.all.size() != 1) {
    return Error(Code::kMalformed, "mls: reinit beside other proposals");
  }
  return Ok();
}

Status CheckProposalList(const ProposalList& list, LeafIndex committer, const RatchetTree& tree,
                         const GroupContext& context, const Environment& environment,
                         ResumptionPskUsage first) {
  RENKEI_TRY(CheckNoUpdateOfCommitter(list, committer));
  RENKEI_TRY(CheckNoRemoveOfCommitter(list, committer));
  RENKEI_TRY(CheckOneChangeForLeaf(list));
  RENKEI_TRY(CheckPsksOnce(list));
  RENKEI_TRY(CheckOneGroupContextExtensions(list));
  RENKEI_TRY(CheckReInitAlone(list));
  // §12.3: new extensions hold for everything else in the list.
  GroupContext judged = context;
  judged.extensions = ExtensionsAfter(list, context.extensions);
  for (const ListedProposal& listed : list.all) {
    RENKEI_TRY(
        CheckProposalAlone(*listed.proposal, listed.sender, tree, judged, environment, first));
  }
  return CheckClientsOnce(list, tree, environment);
}

Status CheckNoReferences(const ProposalList& list) {
  for (const ListedProposal& listed : list.all) {
    if (listed.stored != nullptr) {
      return Error(Code::kMalformed, "mls: external commit with a proposal by reference");
    }
  }
  return Ok();
}

Status CheckOneExternalInit(const ProposalList& list) {
  if (list.Of<ExternalInit>().size() != 1) {
    return Error(Code::kMalformed, "mls: external commit needs one external init");
  }
  return Ok();
}

Status CheckAtMostOneRemove(const ProposalList& list) {
  if (list.Of<Remove>().size() > 1) {
    return Error(Code::kMalformed, "mls: external commit with two removes");
  }
  return Ok();
}

Status CheckExternalTypes(const ProposalList& list) {
  for (const ListedProposal& listed : list.all) {
    const Proposal& proposal = *listed.proposal;
    if (!Is<ExternalInit>(proposal) && !Is<Remove>(proposal) && !Is<PreSharedKey>(proposal)) {
      return Error(Code::kMalformed, "mls: proposal not allowed in an external commit");
    }
  }
  return Ok();
}

Status CheckExternalProposalList(const ProposalList& list, const RatchetTree& tree) {
  RENKEI_TRY(CheckNoReferences(list));
  RENKEI_TRY(CheckOneExternalInit(list));
  RENKEI_TRY(CheckAtMostOneRemove(list));
  RENKEI_TRY(CheckExternalTypes(list));
  RENKEI_TRY(CheckPsksOnce(list));
  for (const PreSharedKey* psk : list.Of<PreSharedKey>()) {
    RENKEI_TRY(CheckPsk(psk->psk));
  }
  for (const Remove* remove : list.Of<Remove>()) {
    RENKEI_TRY(CheckRemove(*remove, tree));
  }
  return Ok();
}

Status CheckMembersSupport(const RatchetTree& tree, const Extensions& extensions) {
  Status status;
  tree.ForEachLeaf([&](LeafIndex, const LeafNode& leaf) {
    if (status.ok()) {
      status = CheckRequiredCapabilities(leaf.capabilities, extensions);
    }
    if (status.ok()) {
      status = CheckGroupExtensions(leaf.capabilities, extensions);
    }
  });
  return status;
}

Status CheckTreeAfter(const RatchetTree& tree, const AppliedProposals& applied) {
  std::vector<LeafIndex> leaves = applied.added;
  leaves.insert(leaves.end(), applied.updated.begin(), applied.updated.end());
  // An updated leaf may have been removed only by a list that CheckOneChangeForLeaf refuses.
  std::vector<NodeIndex> nodes;
  nodes.reserve(leaves.size());
  for (const LeafIndex leaf : leaves) {
    nodes.push_back({2 * leaf.value});
  }
  if (leaves.empty()) {
    return Ok();
  }
  RENKEI_TRY(CheckSignatureKeysUnique(tree, leaves));
  RENKEI_TRY(CheckEncryptionKeysUnique(tree, nodes));
  return CheckCredentialTypes(tree, leaves);
}

}  // namespace renkei::mls
