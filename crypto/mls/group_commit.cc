// Making commits and proposals as a member (RFC 9420 §12.1, §12.4.1).
#include <utility>

#include "crypto/mls/commit_draft.h"
#include "crypto/mls/grease.h"
#include "crypto/mls/group.h"
#include "crypto/mls/group_state.h"
#include "crypto/mls/message.h"
#include "crypto/mls/private_message.h"
#include "crypto/mls/public_message.h"
#include "crypto/mls/suite.h"
#include "crypto/mls/validation_commit.h"
#include "crypto/mls/validation_leaf.h"
#include "crypto/mls/validation_proposals.h"

namespace renkei::mls {
namespace {

WireFormat FormatOf(Handshake handshake) {
  return handshake == Handshake::kPrivate ? WireFormat::kPrivateMessage
                                          : WireFormat::kPublicMessage;
}

// What we send must hold now (§7.3), whatever the environment forgives others.
Environment Strict(const Environment& environment) {
  Environment strict = environment;
  strict.check_lifetime = true;
  return strict;
}

// Signed content of this epoch becomes a message. A private one uses up a key of our ratchet.
Result<Bytes> ProtectHandshake(GroupState& state, AuthenticatedContent content,
                               std::size_t padding_size, Random& random) {
  if (content.wire_format == WireFormat::kPrivateMessage) {
    RENKEI_ASSIGN(PrivateMessage message,
                  ProtectPrivate(content, state.secret_tree, state.secrets.sender_data_secret,
                                 padding_size, random));
    return wire::Serialize(MlsMessage{std::move(message)});
  }
  RENKEI_ASSIGN(
      PublicMessage message,
      ProtectPublic(std::move(content), &state.secrets.membership_key, state.encoded_context));
  return wire::Serialize(MlsMessage{std::move(message)});
}

Status AddProposals(Commit& commit, const CommitOptions& options) {
  const auto add = [&](auto proposal) {
    commit.proposals.push_back({Proposal{std::move(proposal)}});
  };
  if (options.group_context_extensions.has_value()) {
    add(GroupContextExtensions{*options.group_context_extensions});
  }
  for (const LeafIndex removed : options.remove) {
    add(Remove{removed});
  }
  for (const Bytes& message : options.add) {
    RENKEI_ASSIGN(KeyPackage key_package, ParseKeyPackageMessage(message));
    add(Add{std::move(key_package)});
  }
  for (const PreSharedKeyId& psk : options.psks) {
    add(PreSharedKey{psk});
  }
  if (options.reinit.has_value()) {
    add(ReInit{*options.reinit});
  }
  for (const Proposal& proposal : options.proposals) {
    commit.proposals.push_back({proposal});
  }
  for (const ProposalRef& reference : options.references) {
    commit.proposals.push_back({reference});
  }
  return Ok();
}

// Our leaf as it is, or with what `change` brings; key, source and signature come later.
LeafNode NextOwnLeaf(const LeafNode& now, const OwnLeaf* change, Random& random) {
  LeafNode leaf = now;
  if (change != nullptr) {
    leaf.signature_key = ToBytes(change->signing_key.public_key());
    leaf.credential = change->credential;
    leaf.capabilities = WithGrease(change->capabilities, random);
    leaf.extensions = change->extensions;
  }
  return leaf;
}

std::shared_ptr<const SigningKey> NextSigningKey(const GroupState& state, const OwnLeaf* change) {
  return change == nullptr ? state.signing_key
                           : std::make_shared<const SigningKey>(change->signing_key.Clone());
}

Status FillDraft(CommitDraft& draft, const GroupState& state, const CommitOptions& options,
                 const Environment& environment, Random& random, ResumptionPskUsage first) {
  RENKEI_TRY(AddProposals(draft.commit(), options));
  RENKEI_ASSIGN(draft.list,
                ResolveProposals(draft.commit(), draft.content.content.sender, state.proposals));
  RENKEI_TRY(
      CheckProposalList(draft.list, state.own(), state.tree, state.context, environment, first));
  RENKEI_TRY(CheckEpochFollows(state.context));
  draft.next = state.Successor();
  RENKEI_TRY(draft.Apply());
  const OwnLeaf* change = options.new_leaf.has_value() ? &*options.new_leaf : nullptr;
  if (options.force_path || change != nullptr || NeedsPath(draft.list)) {
    draft.next->signing_key = NextSigningKey(state, change);
    return draft.MakePath(NextOwnLeaf(state.OwnLeafNode(), change, random), &state.OwnLeafNode(),
                          environment, random);
  }
  draft.SkipPath();
  return Ok();
}

}  // namespace

Result<PendingCommit> MakeCommit(GroupState& state, const CommitOptions& options,
                                 const Environment& environment, Random& random,
                                 ResumptionPskUsage first) {
  if (state.reinit.has_value()) {  // §12.4.2
    return Error(Code::kDenied, "mls: group was reinitialized");
  }
  RENKEI_TRY(CheckPublished(options.publish.extensions));
  CommitDraft draft({state.context, state.encoded_context, state.interim_transcript_hash},
                    *state.signing_key, Sender{MemberSender{state.own()}});
  RENKEI_TRY(FillDraft(draft, state, options, Strict(environment), random, first));
  // A successor may have its parent's id (§11.2), but not its secrets.
  const GroupState* holder = first == ResumptionPskUsage::kApplication ? &state : nullptr;
  RENKEI_ASSIGN(const SecretBytes psk_secret,
                LookUpPskSecret(PskIds(draft.list), holder, environment));
  draft.content.content.authenticated_data = options.authenticated_data;
  draft.Sign(FormatOf(options.handshake), state.secrets.init_secret, psk_secret);
  RENKEI_ASSIGN(std::optional<Bytes> welcome, draft.MakeWelcome(options.publish, random));
  std::optional<Bytes> group_info = draft.MakeGroupInfo(options.publish);
  RENKEI_ASSIGN(Bytes message,
                ProtectHandshake(state, std::move(draft.content), options.padding_size, random));
  return PendingCommit{std::move(message), std::move(welcome), std::move(group_info),
                       GroupState::Wrap(std::move(draft.next))};
}

Result<PendingCommit> Group::Commit(const CommitOptions& options, const Environment& environment,
                                    Random& random) {
  return MakeCommit(*state_, options, environment, random);
}

namespace {

Result<SentProposal> SendProposal(GroupState& state, Proposal proposal,
                                  const MessageOptions& options, Random& random) {
  if (state.reinit.has_value()) {  // §12.4.2
    return Error(Code::kDenied, "mls: group was reinitialized");
  }
  const Sender sender{MemberSender{state.own()}};
  FramedContent framed{state.context.group_id, state.context.epoch, sender,
                       options.authenticated_data, proposal};
  AuthenticatedContent content = SignFramedContent(FormatOf(options.handshake), std::move(framed),
                                                   *state.signing_key, state.encoded_context);
  StoredProposal stored{MakeProposalRef(content), sender, std::move(proposal),
                        options.authenticated_data};
  const ProposalRef ref = stored.ref;
  const bool is_new = !state.proposals.contains(ref);
  const std::size_t bytes_before = state.proposal_bytes;
  RENKEI_TRY(state.KeepProposal(std::move(stored)));
  Result<Bytes> message = ProtectHandshake(state, std::move(content), options.padding_size, random);
  if (!message.ok()) {  // nobody has it
    if (is_new) {
      state.proposals.erase(ref);
      state.proposal_bytes = bytes_before;
    }
    return message.error();
  }
  return SentProposal{std::move(message).value(), ref};
}

}  // namespace

Result<SentProposal> Group::Propose(const Proposal& proposal, const MessageOptions& options,
                                    const Environment& environment, Random& random) {
  const Sender sender{MemberSender{own_leaf_index()}};
  if (std::holds_alternative<Update>(proposal.value)) {  // its private key is ours to keep
    return Error(Code::kUnsupported, "mls: an update is made by ProposeUpdate");
  }
  RENKEI_TRY(
      CheckProposalAlone(proposal, sender, state_->tree, state_->context, Strict(environment)));
  return SendProposal(*state_, proposal, options, random);
}

Result<SentProposal> Group::ProposeUpdate(const OwnLeaf* new_leaf, const MessageOptions& options,
                                          Random& random) {
  GroupState& state = *state_;
  auto signing_key = NextSigningKey(state, new_leaf);
  auto key = std::make_shared<const HpkeKeyPair>(HpkeKeyPair::Generate(random));
  LeafNode leaf = NextOwnLeaf(state.OwnLeafNode(), new_leaf, random);
  leaf.encryption_key = ToBytes(key->public_key());
  leaf.source_data = UpdateSource{};
  RENKEI_TRY(CheckOwnLeaf(leaf, state.context.extensions));
  leaf.signature = SignWithLabel(*signing_key, "LeafNodeTBS",
                                 LeafNodeTbs(leaf, state.context.group_id, state.own()));
  RENKEI_ASSIGN(SentProposal sent,
                SendProposal(state, Proposal{Update{std::move(leaf)}}, options, random));
  state.pending_updates[sent.ref] = {std::move(key), std::move(signing_key)};
  return sent;
}

}  // namespace renkei::mls
