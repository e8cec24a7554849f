#include "crypto/mls/group_state.h"

#include <utility>

#include "crypto/mls/grease.h"
#include "crypto/mls/suite.h"
#include "crypto/mls/transcript.h"
#include "crypto/mls/tree_node.h"

namespace renkei::mls {
namespace {

Result<SecretBytes> LookUpPsk(const PreSharedKeyId& id, const GroupState* state,
                              const Environment& environment) {
  const auto* resumption = std::get_if<ResumptionPsk>(&id.value);
  if (resumption != nullptr && state != nullptr &&
      resumption->psk_group_id == state->context.group_id) {
    return ResumptionSecretOf(*state, resumption->psk_epoch);
  }
  if (environment.psks == nullptr) {
    return Error(Code::kNotFound, "mls: pre-shared key not known");
  }
  return resumption != nullptr
             ? environment.psks->Resumption(resumption->psk_group_id, resumption->psk_epoch)
             : environment.psks->External(std::get<ExternalPsk>(id.value).psk_id);
}

}  // namespace

std::unique_ptr<GroupState> GroupState::Successor() const {
  auto next = std::make_unique<GroupState>(signing_key);
  next->context = context;
  ++next->context.epoch.value;
  next->tree = tree;
  next->keys = keys;
  next->past_resumption = past_resumption;
  next->past_resumption[context.epoch] =
      std::make_shared<const SecretBytes>(secrets.resumption_psk.Clone());
  while (next->past_resumption.size() > kMaxPastEpochs) {
    next->past_resumption.erase(next->past_resumption.begin());
  }
  return next;
}

const Bytes* TreeMemberKeys::SignatureKeyOf(LeafIndex leaf) const {
  const LeafNode* node = tree_.Leaf(leaf);
  return node == nullptr ? nullptr : &node->signature_key;
}

FramingEpoch FramingOf(const GroupState& state, const TreeMemberKeys& members) {
  return {state.context, state.encoded_context, members, state.secrets.membership_key,
          state.secrets.sender_data_secret};
}

void UpdateTreeHash(GroupState& next) {
  next.context.tree_hash = ToBytes(next.tree.TreeHash());
  next.encoded_context = wire::Serialize(next.context);
}

EpochOutputs EnterEpoch(GroupState& next, ByteView interim_before,
                        const AuthenticatedContent& commit, const EpochInputs& inputs) {
  next.context.confirmed_transcript_hash = ToBytes(ConfirmedTranscriptHash(interim_before, commit));
  next.encoded_context = wire::Serialize(next.context);
  EpochOutputs out;
  out.joiner_secret = JoinerSecret(inputs.init_secret, inputs.commit_secret, next.encoded_context);
  const JoinedSecret joined(out.joiner_secret, inputs.psk_secret);
  out.welcome_keys = joined.DeriveWelcomeKeys();
  BeginEpoch(next, EpochSecrets::FromEpochSecret(joined.EpochSecret(next.encoded_context)));
  return out;
}

void BeginEpoch(GroupState& next, EpochSecrets secrets) {
  next.secrets = std::move(secrets);
  next.secret_tree = SecretTree(next.tree.leaf_slots(), std::move(next.secrets.encryption_secret));
  next.secrets.encryption_secret = SecretBytes();
}

void EnterEpochAsJoiner(GroupState& next, const JoinedSecret& joined) {
  next.encoded_context = wire::Serialize(next.context);
  BeginEpoch(next, EpochSecrets::FromEpochSecret(joined.EpochSecret(next.encoded_context)));
}

void FinishEpoch(GroupState& next, ByteView confirmation_tag) {
  next.confirmation_tag = ToBytes(confirmation_tag);
  next.interim_transcript_hash =
      ToBytes(InterimTranscriptHash(next.context.confirmed_transcript_hash, confirmation_tag));
}

Result<SecretBytes> ResumptionSecretOf(const GroupState& state, Epoch epoch) {
  if (epoch == state.context.epoch) {
    return state.secrets.resumption_psk.Clone();
  }
  const auto found = state.past_resumption.find(epoch);
  if (found == state.past_resumption.end()) {
    return Error(Code::kNotFound, "mls: resumption secret not kept");
  }
  return found->second->Clone();
}

Result<SecretBytes> LookUpPskSecret(const std::vector<PreSharedKeyId>& ids, const GroupState* state,
                                    const Environment& environment) {
  std::vector<PskInput> inputs;
  for (const PreSharedKeyId& id : ids) {
    RENKEI_ASSIGN(SecretBytes psk, LookUpPsk(id, state, environment));
    inputs.push_back({id, std::move(psk)});
  }
  return PskSecret(inputs);
}

GroupInfo MakeSignedGroupInfo(const GroupState& state, const GroupInfoParts& parts) {
  GroupInfo info;
  info.group_context = state.context;
  info.confirmation_tag = state.confirmation_tag;
  info.signer = state.own();
  if (parts.tree) {
    info.extensions.push_back({ExtensionType::kRatchetTree, state.tree.Serialize()});
  }
  if (parts.external_pub) {
    const HpkeKeyPair external = state.secrets.ExternalKeyPair();
    info.extensions.push_back(MakeExtension(ExternalPub{ToBytes(external.public_key())}));
  }
  // GREASE (§13.5), chosen by what nobody foresees: there is no generator at hand.
  info.extensions.push_back(
      {static_cast<ExtensionType>(GreaseValue(state.confirmation_tag.front())), {}});
  if (parts.more != nullptr) {
    info.extensions.insert(info.extensions.end(), parts.more->begin(), parts.more->end());
  }
  info.signature = SignWithLabel(*state.signing_key, "GroupInfoTBS", GroupInfoTbs(info));
  return info;
}

}  // namespace renkei::mls
