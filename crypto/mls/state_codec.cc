#include "crypto/mls/state_codec.h"

#include <algorithm>
#include <utility>

namespace renkei::mls {

void Encode(wire::Writer& out, const StoredProposal& value) {
  Encode(out, value.ref);
  Encode(out, value.sender);
  Encode(out, value.proposal);
  out.Opaque(value.authenticated_data);
}

Status Decode(wire::Reader& in, StoredProposal& value) {
  RENKEI_TRY(Decode(in, value.ref));
  RENKEI_TRY(Decode(in, value.sender));
  RENKEI_TRY(Decode(in, value.proposal));
  return in.Opaque(value.authenticated_data);
}

void Encode(wire::Writer& out, const PendingUpdate& value) {
  out.Raw(value.encryption_key->private_key().Expose());
  EncodeSigningKey(out, *value.signing_key);
}

Status Decode(wire::Reader& in, PendingUpdate& value) {
  ByteView key;
  RENKEI_TRY(in.Raw(kHpkeKeyBytes, key));
  RENKEI_ASSIGN(HpkeKeyPair pair, HpkeKeyPair::FromPrivate(key));
  value.encryption_key = std::make_shared<const HpkeKeyPair>(std::move(pair));
  return DecodeSigningKey(in, value.signing_key);
}

void EncodeSigningKey(wire::Writer& out, const SigningKey& value) {
  out.Raw(value.Seed().Expose());
}

Status DecodeSigningKey(wire::Reader& in, std::shared_ptr<const SigningKey>& value) {
  ByteView seed;
  RENKEI_TRY(in.Raw(kSeedBytes, seed));
  RENKEI_ASSIGN(SigningKey key, SigningKey::FromSeed(seed));
  value = std::make_shared<const SigningKey>(std::move(key));
  return Ok();
}

void EncodeReInit(wire::Writer& out, const std::optional<ReInit>& value) {
  std::optional<Proposal> proposal;
  if (value.has_value()) {
    proposal.emplace(Proposal{*value});
  }
  wire::EncodeOptional(out, proposal);
}

Status DecodeReInit(wire::Reader& in, std::optional<ReInit>& value) {
  std::optional<Proposal> proposal;
  RENKEI_TRY(wire::DecodeOptional(in, proposal));
  if (!proposal.has_value()) {
    return Ok();
  }
  auto* reinit = std::get_if<ReInit>(&proposal->value);
  if (reinit == nullptr) {
    return Error(Code::kMalformed, "mls: stored reinit");
  }
  value = std::move(*reinit);
  return Ok();
}

PartCounts CountParts(const GroupState& state, const SecretTree::Marks& marks) {
  const auto count = [](std::size_t size) { return static_cast<std::uint32_t>(size); };
  return {state.tree.occupied(),
          count(marks.nodes.size()),
          count(marks.leaves.size()),
          count(state.proposals.size()),
          count(state.pending_updates.size()),
          count(state.past_resumption.size())};
}

Status CheckTogether(const GroupState& state) {
  const LeafNode* own = state.tree.Leaf(state.own());
  const auto& updates = state.pending_updates;
  const bool updates_fit = std::all_of(updates.begin(), updates.end(), [&](const auto& entry) {
    return state.proposals.contains(entry.first);
  });
  if (!Equal(state.tree.TreeHash(), state.context.tree_hash) || own == nullptr ||
      !Equal(own->signature_key, state.signing_key->public_key()) ||
      !state.keys.Matches(state.tree) ||
      state.secret_tree.leaf_count() != state.tree.leaf_slots() || !updates_fit) {
    return Error(Code::kMalformed, "mls: stored group does not fit together");
  }
  return Ok();
}

}  // namespace renkei::mls
