// Receiving handshakes: proposals are kept, commits are staged (RFC 9420 §12.1, §12.4.2).
#include <algorithm>
#include <utility>

#include "crypto/mls/group.h"
#include "crypto/mls/group_state.h"
#include "crypto/mls/message.h"
#include "crypto/mls/private_message.h"
#include "crypto/mls/public_message.h"
#include "crypto/mls/suite.h"
#include "crypto/mls/tree_math.h"
#include "crypto/mls/validation_commit.h"
#include "crypto/mls/validation_proposals.h"

namespace renkei::mls {
namespace {

// One commit on its way from the old state to the next.
struct Staging {
  const GroupState& old;
  const AuthenticatedContent& message;
  const Environment& environment;
  const Commit& commit;
  bool external = false;
  LeafIndex committer{};
  ProposalList list{};
  AppliedProposals applied{};
  std::unique_ptr<GroupState> next{};

  bool RemovesUs() const {
    return std::any_of(applied.removed.begin(), applied.removed.end(),
                       [this](const FormerMember& one) { return one.index == old.own(); });
  }
};

Status CheckList(const Staging& staging) {
  RENKEI_TRY(CheckPathPresent(staging.list, staging.commit.path.has_value()));  // §12.4
  if (staging.external) {
    return CheckExternalProposalList(staging.list, staging.old.tree);  // §12.4.3.2
  }
  return CheckProposalList(staging.list, staging.committer, staging.old.tree, staging.old.context,
                           staging.environment);  // §12.2
}

// Our own Update, committed by another: its private half comes into force.
Status TakeOwnUpdate(Staging& staging) {
  for (const ListedProposal& listed : staging.list.all) {
    if (!std::holds_alternative<Update>(listed.proposal->value) ||
        *listed.sender.member() != staging.old.own()) {
      continue;
    }
    const auto found = staging.old.pending_updates.find(listed.stored->ref);
    if (found == staging.old.pending_updates.end()) {
      return Error(Code::kNotFound, "mls: private key of our update is lost");
    }
    staging.next->keys.Set(ToNode(staging.old.own()), found->second.encryption_key->Clone());
    staging.next->signing_key = found->second.signing_key;
  }
  return Ok();
}

Status ApplyList(Staging& staging) {
  GroupState& next = *staging.next;
  next.context.extensions = ExtensionsAfter(staging.list, staging.old.context.extensions);
  RENKEI_ASSIGN(staging.applied, ApplyProposals(staging.list, next.tree));
  RENKEI_TRY(CheckTreeAfter(next.tree, staging.applied));
  if (!staging.list.Of<GroupContextExtensions>().empty()) {
    RENKEI_TRY(CheckMembersSupport(next.tree, next.context.extensions));  // §12.1.7
  }
  RENKEI_TRY(TakeOwnUpdate(staging));
  next.keys.Retain(next.tree);
  if (const auto reinit = staging.list.Of<ReInit>(); !reinit.empty()) {
    next.reinit = *reinit.front();
  }
  return Ok();
}

// The leaf that the path's leaf replaces; null for a joiner who was not there.
const LeafNode* ReplacedLeaf(const Staging& staging) {
  if (!staging.external) {
    return staging.old.tree.Leaf(staging.committer);
  }
  return staging.applied.removed.empty() ? nullptr : &staging.applied.removed.front().leaf;
}

// Merges the path; returns the commit_secret, or zeros without a path or if it is not for us.
Result<SecretBytes> ApplyPath(Staging& staging) {
  GroupState& next = *staging.next;
  if (!staging.commit.path.has_value()) {
    UpdateTreeHash(next);
    return ZeroSecret();
  }
  const UpdatePath& path = *staging.commit.path;
  if (staging.external) {
    RENKEI_ASSIGN(staging.committer, next.tree.ReserveLeaf());
  }
  RENKEI_TRY(CheckPath(path, staging.committer, ReplacedLeaf(staging), next.tree, next.context,
                       staging.environment));
  RENKEI_TRY(MergePath(next.tree, staging.committer, path, staging.applied.added));
  RENKEI_TRY(CheckTreeAfterPath(next.tree, staging.committer));
  UpdateTreeHash(next);
  if (staging.RemovesUs()) {
    return ZeroSecret();
  }
  return OpenPath(next.tree, next.keys, staging.committer, path, staging.applied.added,
                  next.encoded_context);
}

Result<SecretBytes> InitSecret(const Staging& staging) {
  if (!staging.external) {
    return staging.old.secrets.init_secret.Clone();
  }
  return OpenExternalInit(staging.old.secrets.ExternalKeyPair(),
                          staging.list.Of<ExternalInit>().front()->kem_output);  // §8.3
}

// From here on the commit is known to be its sender's; the tag says that we are where it is.
Status EnterNext(Staging& staging, const SecretBytes& commit_secret) {
  GroupState& next = *staging.next;
  RENKEI_ASSIGN(const SecretBytes psk_secret,
                LookUpPskSecret(PskIds(staging.list), &staging.old, staging.environment));
  RENKEI_ASSIGN(const SecretBytes init_secret, InitSecret(staging));
  EnterEpoch(next, staging.old.interim_transcript_hash, staging.message,
             {init_secret, commit_secret, psk_secret});
  const Bytes& tag = staging.message.auth.confirmation_tag;
  RENKEI_TRY(next.secrets.VerifyConfirmationTag(next.context.confirmed_transcript_hash,
                                                tag));  // §12.4.2
  FinishEpoch(next, tag);
  return Ok();
}

StagedCommit Describe(Staging& staging) {
  StagedCommit out;
  out.sender = staging.message.content.sender;
  out.committer = staging.committer;
  out.is_external = staging.external;
  out.has_path = staging.commit.path.has_value();
  for (const LeafIndex index : staging.applied.added) {
    out.added.push_back({index, *staging.next->tree.Leaf(index)});
  }
  out.updated = staging.applied.updated;
  if (out.has_path && !out.is_external) {
    out.updated.push_back(staging.committer);
  }
  if (!staging.list.Of<GroupContextExtensions>().empty()) {
    out.extensions = staging.next->context.extensions;
  }
  for (const ListedProposal& listed : staging.list.all) {
    out.proposals.push_back(listed.stored != nullptr
                                ? *listed.stored
                                : StoredProposal{{}, listed.sender, *listed.proposal, {}});
  }
  out.authenticated_data = staging.message.content.authenticated_data;
  if (!staging.RemovesUs()) {
    out.next = GroupState::Wrap(std::move(staging.next));
  }
  out.removed = std::move(staging.applied.removed);
  return out;
}

Result<StagedCommit> StageCommit(const GroupState& old, const AuthenticatedContent& message,
                                 const Environment& environment) {
  const LeafIndex* member = message.content.sender.member();
  if (member != nullptr && *member == old.own()) {
    return Error(Code::kUnsupported, "mls: our own commit; the pending one is to be used");
  }
  if (old.reinit.has_value()) {  // §12.4.2: nobody may send any more
    return Error(Code::kMalformed, "mls: commit after reinit");
  }
  Staging staging{old, message, environment, std::get<Commit>(message.content.content)};
  staging.external = member == nullptr;
  staging.committer = member == nullptr ? LeafIndex{} : *member;
  RENKEI_ASSIGN(staging.list,
                ResolveProposals(staging.commit, message.content.sender, old.proposals));
  RENKEI_TRY(CheckList(staging));
  RENKEI_TRY(CheckEpochFollows(old.context));
  staging.next = old.Successor();
  RENKEI_TRY(ApplyList(staging));
  RENKEI_ASSIGN(const SecretBytes commit_secret, ApplyPath(staging));
  if (!staging.RemovesUs()) {
    RENKEI_TRY(EnterNext(staging, commit_secret));
  }
  return Describe(staging);
}

// Judges a proposal that has come and keeps it (§12.1).
Result<StoredProposal> KeepProposal(GroupState& state, AuthenticatedContent message,
                                    const Environment& environment) {
  const Proposal& proposal = std::get<Proposal>(message.content.content);
  RENKEI_TRY(
      CheckProposalAlone(proposal, message.content.sender, state.tree, state.context, environment));
  StoredProposal stored{MakeProposalRef(message), message.content.sender, proposal,
                        message.content.authenticated_data};
  RENKEI_TRY(state.KeepProposal(stored));
  return stored;
}

Result<Processed> TakeContent(GroupState& state, AuthenticatedContent message,
                              const Environment& environment) {
  if (message.content.content_type() == ContentType::kProposal) {
    RENKEI_ASSIGN(StoredProposal stored, KeepProposal(state, std::move(message), environment));
    return Processed(std::move(stored));
  }
  RENKEI_ASSIGN(StagedCommit staged, StageCommit(state, message, environment));
  return Processed(std::move(staged));
}

}  // namespace

Result<Processed> Group::Process(ByteView message, const Environment& environment) {
  RENKEI_ASSIGN(MlsMessage parsed, ParseMessage(message));
  const TreeMemberKeys members(state_->tree);
  if (auto* in_public = std::get_if<PublicMessage>(&parsed.value)) {
    RENKEI_ASSIGN(AuthenticatedContent content,
                  UnprotectPublic(std::move(*in_public), FramingOf(*state_, members)));
    return TakeContent(*state_, std::move(content), environment);
  }
  const auto* in_private = std::get_if<PrivateMessage>(&parsed.value);
  if (in_private == nullptr || in_private->content_type == ContentType::kApplication) {
    return Error(Code::kUnsupported, "mls: not a handshake message");
  }
  RENKEI_ASSIGN(OpenedPrivate opened,
                OpenPrivate(*in_private, FramingOf(*state_, members), state_->secret_tree));
  // The key is used up only by a proposal that was kept: a commit ends the epoch and all its keys,
  // or is refused and changes nothing.
  const bool is_proposal = opened.content.content.content_type() == ContentType::kProposal;
  RENKEI_ASSIGN(Processed processed, TakeContent(*state_, std::move(opened.content), environment));
  if (is_proposal) {
    state_->secret_tree.Accept(std::move(opened.trial));
  }
  return processed;
}

}  // namespace renkei::mls
