// When proposals, alone and together in a commit, are to be refused (RFC 9420 §12.1, §12.2, §12.4).
// One function a rule, kMalformed unless said otherwise. Proposals of unknown types (§12.2) never
// get here: their length is not known, so decoding says kUnsupported. Functions; one thread for all
// copies of a tree.
#ifndef RENKEI_CRYPTO_MLS_VALIDATION_PROPOSALS_H_
#define RENKEI_CRYPTO_MLS_VALIDATION_PROPOSALS_H_

#include "crypto/base/result.h"
#include "crypto/mls/environment.h"
#include "crypto/mls/group_context.h"
#include "crypto/mls/proposal_list.h"
#include "crypto/mls/ratchet_tree.h"

namespace renkei::mls {

// --- one proposal --------------------------------------------------------------------------------

// §12.1.8: external senders may not send Update and ExternalInit; a new member only Add (§6.1);
// §12.1.6: members not ExternalInit, which only an external commit may hold.
Status CheckSenderMayPropose(const Sender& sender, const Proposal& proposal);
// §12.1.2: sent by a member; a valid leaf of source update, with another encryption key; its
// credential acceptable in place of the old one (§5.3.1).
Status CheckUpdate(const Update& update, const Sender& sender, const RatchetTree& tree,
                   const GroupContext& context, const Environment& environment);
// §12.1.3: names a member.
Status CheckRemove(const Remove& remove, const RatchetTree& tree);
// §12.1.4: usage reinit or branch only in the first commit of such a group (`first`), where it is
// the one there may be; nonce of 32 bytes.
Status CheckPsk(const PreSharedKeyId& psk,
                ResumptionPskUsage first = ResumptionPskUsage::kApplication);
// §12.1.5: no older version than the group's. kTooLarge: its group id or extensions are larger than
// a group's may be.
Status CheckReInit(const ReInit& reinit, const GroupContext& context);
// §12.1.7, §13.4: what the extensions of a GroupContext hold can be read. kTooLarge: more than
// kMaxGroupExtensionBytes.
Status CheckContextExtensions(const Extensions& extensions);
// §12.1.7: the above; §5.3.1: external senders are acceptable.
Status CheckGroupContextExtensions(const Extensions& extensions, const Environment& environment);

// What can be said of a proposal when it arrives, before any commit.
Status CheckProposalAlone(const Proposal& proposal, const Sender& sender, const RatchetTree& tree,
                          const GroupContext& context, const Environment& environment,
                          ResumptionPskUsage first = ResumptionPskUsage::kApplication);

// --- the list of a commit by a member (§12.2) ----------------------------------------------------

Status CheckNoUpdateOfCommitter(const ProposalList& list, LeafIndex committer);
Status CheckNoRemoveOfCommitter(const ProposalList& list, LeafIndex committer);
// At most one Update or Remove for a leaf.
Status CheckOneChangeForLeaf(const ProposalList& list);
// No client twice, among the added and those who stay (by CredentialPolicy::ClientId; signature
// keys are compared in the resulting tree).
Status CheckClientsOnce(const ProposalList& list, const RatchetTree& tree,
                        const Environment& environment);
Status CheckPsksOnce(const ProposalList& list);
Status CheckOneGroupContextExtensions(const ProposalList& list);
Status CheckReInitAlone(const ProposalList& list);

// Everything about a member's list that can be said before it is applied. `tree` and `context` are
// those of the current epoch.
Status CheckProposalList(const ProposalList& list, LeafIndex committer, const RatchetTree& tree,
                         const GroupContext& context, const Environment& environment,
                         ResumptionPskUsage first = ResumptionPskUsage::kApplication);

// --- the list of an external commit (§12.2, §12.4.3.2)
// --------------------------------------------

Status CheckNoReferences(const ProposalList& list);
Status CheckOneExternalInit(const ProposalList& list);
Status CheckAtMostOneRemove(const ProposalList& list);
Status CheckExternalTypes(const ProposalList& list);

Status CheckExternalProposalList(const ProposalList& list, const RatchetTree& tree);

// --- after the list was applied
// -------------------------------------------------------------------

// §12.1.7: every member supports the new extensions and required capabilities.
Status CheckMembersSupport(const RatchetTree& tree, const Extensions& extensions);
// §12.2: the leaves that came in are valid together with all others.
Status CheckTreeAfter(const RatchetTree& tree, const AppliedProposals& applied);

}  // namespace renkei::mls

#endif  // RENKEI_CRYPTO_MLS_VALIDATION_PROPOSALS_H_
