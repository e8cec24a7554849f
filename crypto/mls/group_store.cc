// A group's state as bytes, for the vault: format of ours, secret throughout.
//
//   uint8 format = 1
//   GroupContext, opaque interim_transcript_hash<V>, opaque confirmation_tag<V>
//   optional<Node> ratchet_tree<V>
//   TreeKeys, opaque signing_seed[32], EpochSecrets, SecretTree     (Encode() of each)
//   StoredProposal proposals<V>, PendingUpdate pending_updates<V>
//   { uint64 epoch; opaque resumption_psk[32] } past<V>, optional<Proposal> reinit
//
// Increasing order wherever there are keys, so that one state has one encoding.
#include <utility>

#include "crypto/mls/group.h"
#include "crypto/mls/group_state.h"
#include "crypto/mls/limits.h"
#include "crypto/mls/state_codec.h"

namespace renkei::mls {
namespace {

constexpr std::uint8_t kGroupFormat = 1;
constexpr std::uint8_t kPendingFormat = 1;

// Whatever members did, what they made us keep can be written: each in a vector of its own.
constexpr std::size_t kParentsBytes = std::size_t{16} << 20U;  // 64 bytes each, and unmerged leaves
static_assert(kMaxLeaves * kMaxLeafNodeBytes + kParentsBytes < wire::kMaxVectorBytes);
static_assert(kMaxStoredProposalBytes < wire::kMaxVectorBytes);

Error BadOrder() {
  return Error(Code::kMalformed, "mls: stored group out of order");
}

Status CheckFormat(wire::Reader& in, std::uint8_t expected) {
  std::uint8_t format = 0;
  RENKEI_TRY(in.U8(format));
  if (format != expected) {
    return Error(Code::kUnsupported, "mls: stored in another format");
  }
  return Ok();
}

void EncodeProposals(wire::Writer& out, const ProposalStore& proposals) {
  out.Vector([&] {
    for (const auto& [ref, stored] : proposals) {
      Encode(out, *stored);
    }
  });
}

Status DecodeProposals(wire::Reader& in, GroupState& state) {
  wire::Reader body;
  RENKEI_TRY(in.Vector(body));
  while (!body.AtEnd()) {
    StoredProposal stored;
    RENKEI_TRY(Decode(body, stored));
    if ((!state.proposals.empty() && state.proposals.rbegin()->first >= stored.ref) ||
        !state.KeepProposal(std::move(stored)).ok()) {
      return BadOrder();
    }
  }
  return Ok();
}

void EncodeUpdates(wire::Writer& out, const std::map<ProposalRef, PendingUpdate>& updates) {
  out.Vector([&] {
    for (const auto& [ref, update] : updates) {
      Encode(out, ref);
      Encode(out, update);
    }
  });
}

Status DecodeUpdates(wire::Reader& in, std::map<ProposalRef, PendingUpdate>& updates) {
  wire::Reader body;
  RENKEI_TRY(in.Vector(body));
  while (!body.AtEnd()) {
    ProposalRef ref;
    PendingUpdate update;
    RENKEI_TRY(Decode(body, ref));
    RENKEI_TRY(Decode(body, update));
    if (!updates.empty() && updates.rbegin()->first >= ref) {
      return BadOrder();
    }
    updates.emplace_hint(updates.end(), std::move(ref), std::move(update));
  }
  return Ok();
}

void EncodePast(wire::Writer& out, const GroupState& state) {
  out.Vector([&] {
    for (const auto& [epoch, secret] : state.past_resumption) {
      Encode(out, epoch);
      out.Raw(secret->Expose());
    }
  });
}

Status DecodePast(wire::Reader& in, GroupState& state) {
  wire::Reader body;
  RENKEI_TRY(in.Vector(body));
  auto& past = state.past_resumption;
  while (!body.AtEnd()) {
    Epoch epoch;
    ByteView secret;
    RENKEI_TRY(Decode(body, epoch));
    RENKEI_TRY(body.Raw(kHashBytes, secret));
    if (past.size() == kMaxPastEpochs || (!past.empty() && past.rbegin()->first >= epoch)) {
      return BadOrder();
    }
    past.emplace_hint(past.end(), epoch,
                      std::make_shared<const SecretBytes>(SecretBytes::CopyOf(secret)));
  }
  return Ok();
}

void EncodeState(wire::Writer& out, const GroupState& state) {
  out.U8(kGroupFormat);
  Encode(out, state.context);
  out.Opaque(state.interim_transcript_hash);
  out.Opaque(state.confirmation_tag);
  out.Raw(state.tree.Serialize());
  Encode(out, state.keys);
  EncodeSigningKey(out, *state.signing_key);
  Encode(out, state.secrets);
  Encode(out, state.secret_tree);
  EncodeProposals(out, state.proposals);
  EncodeUpdates(out, state.pending_updates);
  EncodePast(out, state);
  EncodeReInit(out, state.reinit);
}

Status DecodePublic(wire::Reader& in, GroupState& state) {
  RENKEI_TRY(Decode(in, state.context));
  state.encoded_context = wire::Serialize(state.context);
  RENKEI_TRY(in.Opaque(state.interim_transcript_hash));
  RENKEI_TRY(in.Opaque(state.confirmation_tag));
  RatchetTreeNodes nodes;
  RENKEI_TRY(Decode(in, nodes));
  RENKEI_ASSIGN(state.tree, RatchetTree::FromNodes(std::move(nodes)));
  return Ok();
}

Result<std::unique_ptr<GroupState>> DecodeState(wire::Reader& in) {
  RENKEI_TRY(CheckFormat(in, kGroupFormat));
  auto state = std::make_unique<GroupState>(nullptr);
  RENKEI_TRY(DecodePublic(in, *state));
  RENKEI_TRY(Decode(in, state->keys));
  RENKEI_TRY(DecodeSigningKey(in, state->signing_key));
  RENKEI_TRY(Decode(in, state->secrets));
  RENKEI_TRY(Decode(in, state->secret_tree));
  RENKEI_TRY(DecodeProposals(in, *state));
  RENKEI_TRY(DecodeUpdates(in, state->pending_updates));
  RENKEI_TRY(DecodePast(in, *state));
  RENKEI_TRY(DecodeReInit(in, state->reinit));
  RENKEI_TRY(CheckTogether(*state));
  return state;
}

}  // namespace

SecretBytes Group::Serialize() const {
  wire::Writer out(4096, wire::Writer::Holds::kSecret);
  EncodeState(out, *state_);
  return std::move(out).TakeSecret();
}

Result<Group> Group::Deserialize(ByteView bytes) {
  wire::Reader in(bytes);
  RENKEI_ASSIGN(auto state, DecodeState(in));
  RENKEI_TRY(in.Finish());
  return Group(std::move(state));
}

SecretBytes PendingCommit::Serialize() const {
  wire::Writer out(4096, wire::Writer::Holds::kSecret);
  out.U8(kPendingFormat);
  out.Opaque(commit);
  wire::EncodeOptional(out, welcome);
  wire::EncodeOptional(out, group_info);
  EncodeState(out, GroupState::Of(next));
  return std::move(out).TakeSecret();
}

Result<PendingCommit> PendingCommit::Deserialize(ByteView bytes) {
  wire::Reader in(bytes);
  RENKEI_TRY(CheckFormat(in, kPendingFormat));
  Bytes commit;
  std::optional<Bytes> welcome;
  std::optional<Bytes> group_info;
  RENKEI_TRY(in.Opaque(commit));
  RENKEI_TRY(wire::DecodeOptional(in, welcome));
  RENKEI_TRY(wire::DecodeOptional(in, group_info));
  RENKEI_ASSIGN(auto state, DecodeState(in));
  RENKEI_TRY(in.Finish());
  return PendingCommit{std::move(commit), std::move(welcome), std::move(group_info),
                       GroupState::Wrap(std::move(state))};
}

}  // namespace renkei::mls
