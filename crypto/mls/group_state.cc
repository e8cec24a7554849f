#include "crypto/mls/group_state.h"

#include <utility>

#include "crypto/mls/grease.h"
#include "crypto/mls/state_codec.h"
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
    Result<SecretBytes> own = ResumptionSecretOf(*state, resumption->psk_epoch);
    if (own.ok() || environment.psks == nullptr) {
      return own;
    }  // else from before we came back to the group, or too old for us: the application may have it
  }
  if (environment.psks == nullptr) {
    return Error(Code::kNotFound, "mls: pre-shared key not known");
  }
  return resumption != nullptr
             ? environment.psks->Resumption(resumption->psk_group_id, resumption->psk_epoch)
             : environment.psks->External(std::get<ExternalPsk>(id.value).psk_id);
}

// GREASE (§13.5), chosen by what nobody foresees: there is no generator at hand. A value that the
// application took for itself is passed over.
void AddGrease(Extensions& extensions, std::uint8_t choice) {
  for (std::uint64_t i = 0; i < kGreaseValues; ++i) {
    const auto type = static_cast<ExtensionType>(GreaseValue(choice + i));
    if (FindExtension(extensions, type) == nullptr) {
      extensions.push_back({type, {}});
      return;
    }
  }
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

Status GroupState::KeepProposal(StoredProposal stored) {
  if (proposals.contains(stored.ref)) {
    return Ok();
  }
  const std::size_t bytes = wire::Serialize(stored).size();
  if (proposals.size() >= kMaxStoredProposals || bytes > kMaxStoredProposalBytes - proposal_bytes) {
    return Error(Code::kTooLarge, "mls: too many or too large proposals wait");
  }
  ProposalRef ref = stored.ref;
  proposals[std::move(ref)] = std::make_shared<const StoredProposal>(std::move(stored));
  proposal_bytes += bytes;
  return Ok();
}

const Bytes* TreeMemberKeys::SignatureKeyOf(LeafIndex leaf) const {
  const LeafNode* node = tree_.Leaf(leaf);
  return node == nullptr ? nullptr : &node->signature_key;
}

FramingEpoch FramingOf(const GroupState& state, const TreeMemberKeys& members) {
  return {state.context,
          state.encoded_context,
          members,
          state.secrets.membership_key,
          state.secrets.sender_data_secret,
          state.own()};
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

Status CheckPublished(const Extensions& more) {
  if (FindExtension(more, ExtensionType::kRatchetTree) != nullptr ||
      FindExtension(more, ExtensionType::kExternalPub) != nullptr) {
    return Error(Code::kMalformed, "mls: tree or external_pub among the extensions to publish");
  }
  return CheckNoRepeatedExtension(more);
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
  if (parts.more != nullptr) {
    info.extensions.insert(info.extensions.end(), parts.more->begin(), parts.more->end());
  }
  AddGrease(info.extensions, state.confirmation_tag.front());
  info.signature = SignWithLabel(*state.signing_key, "GroupInfoTBS", GroupInfoTbs(info));
  return info;
}

}  // namespace renkei::mls
