// Joining by an external commit (RFC 9420 §12.4.3.2).
#include <utility>

#include "crypto/mls/commit_draft.h"
#include "crypto/mls/grease.h"
#include "crypto/mls/group.h"
#include "crypto/mls/group_state.h"
#include "crypto/mls/message.h"
#include "crypto/mls/public_message.h"
#include "crypto/mls/suite.h"
#include "crypto/mls/transcript.h"
#include "crypto/mls/validation_commit.h"
#include "crypto/mls/validation_join.h"
#include "crypto/mls/validation_proposals.h"

namespace renkei::mls {
namespace {

Result<GroupInfo> ParseGroupInfo(ByteView bytes) {
  RENKEI_ASSIGN(MlsMessage message, ParseMessage(bytes));
  auto* info = std::get_if<GroupInfo>(&message.value);
  if (info == nullptr) {
    return Error(Code::kMalformed, "mls: not a group info");
  }
  return std::move(*info);
}

void AddProposals(Commit& commit, const ExternalJoinOptions& options, Bytes kem_output) {
  commit.proposals.push_back({Proposal{ExternalInit{std::move(kem_output)}}});
  if (options.resync.has_value()) {
    commit.proposals.push_back({Proposal{Remove{*options.resync}}});
  }
  for (const PreSharedKeyId& psk : options.psks) {
    commit.proposals.push_back({Proposal{PreSharedKey{psk}}});
  }
}

LeafNode JoinerLeaf(const OwnLeaf& own, Random& random) {
  LeafNode leaf;
  leaf.signature_key = ToBytes(own.signing_key.public_key());
  leaf.credential = own.credential;
  leaf.capabilities = WithGrease(own.capabilities, random);
  leaf.extensions = own.extensions;
  leaf.source_data = CommitSource{};
  return leaf;
}

// The state of the epoch to come, before anything is applied to it.
std::unique_ptr<GroupState> NextOf(const GroupInfo& info, const RatchetTree& tree,
                                   const OwnLeaf& leaf) {
  auto next =
      std::make_unique<GroupState>(std::make_shared<const SigningKey>(leaf.signing_key.Clone()));
  next->context = info.group_context;
  ++next->context.epoch.value;
  next->tree = tree;
  return next;
}

// Applies the list, takes a leaf and makes its path.
Status Enter(CommitDraft& draft, const RatchetTree& tree, const OwnLeaf& leaf,
             const Environment& environment, Random& random) {
  RENKEI_ASSIGN(draft.list,
                ResolveProposals(draft.commit(), draft.content.content.sender, ProposalStore()));
  RENKEI_TRY(CheckExternalProposalList(draft.list, tree));
  RENKEI_TRY(draft.Apply());
  RENKEI_ASSIGN(const LeafIndex own, draft.next->tree.ReserveLeaf());
  draft.next->keys = TreeKeys(own, HpkeKeyPair::Generate(random));  // replaced with the path
  const LeafNode* old =
      draft.applied.removed.empty() ? nullptr : &draft.applied.removed.front().leaf;
  return draft.MakePath(JoinerLeaf(leaf, random), old, environment, random);
}

}  // namespace

Result<PendingCommit> Group::ExternalJoin(ByteView group_info, const OwnLeaf& leaf,
                                          const ExternalJoinOptions& options,
                                          const Environment& environment, Random& random) {
  RENKEI_ASSIGN(const GroupInfo info, ParseGroupInfo(group_info));
  RENKEI_ASSIGN(const RatchetTree tree, TreeFor(info, options.ratchet_tree));
  RENKEI_TRY(CheckGroupInfo(info, tree, options.existing_group_ids, environment));
  RENKEI_TRY(CheckEpochFollows(info.group_context));
  RENKEI_TRY(CheckPublished(options.publish.extensions));
  RENKEI_ASSIGN(const ExternalPub external, ParseExtension<ExternalPub>(info.extensions));
  RENKEI_ASSIGN(ExternalInitSecret init, MakeExternalInit(external.external_pub, random));

  const Bytes encoded_context = wire::Serialize(info.group_context);
  const Hash32 interim =
      InterimTranscriptHash(info.group_context.confirmed_transcript_hash, info.confirmation_tag);
  CommitDraft draft({info.group_context, encoded_context, interim}, leaf.signing_key,
                    Sender{NewMemberCommitSender{}});
  AddProposals(draft.commit(), options, std::move(init.kem_output));
  draft.content.content.authenticated_data = options.authenticated_data;
  draft.next = NextOf(info, tree, leaf);
  RENKEI_TRY(Enter(draft, tree, leaf, environment, random));
  RENKEI_ASSIGN(const SecretBytes psk_secret,
                LookUpPskSecret(PskIds(draft.list), nullptr, environment));
  draft.Sign(WireFormat::kPublicMessage, init.init_secret, psk_secret);
  std::optional<Bytes> next_info = draft.MakeGroupInfo(options.publish);
  RENKEI_ASSIGN(PublicMessage message,
                ProtectPublic(std::move(draft.content), nullptr, encoded_context));
  return PendingCommit{wire::Serialize(MlsMessage{std::move(message)}), std::nullopt,
                       std::move(next_info), GroupState::Wrap(std::move(draft.next))};
}

}  // namespace renkei::mls
