// A group's state in pieces, format of ours, secret throughout. Names are a letter and a key,
// integers big-endian:
//
//   h             uint8 format = 1, GroupContext, opaque interim_transcript_hash<V>,
//                 opaque confirmation_tag<V>, opaque signing_seed[32], EpochSecrets,
//                 optional<Proposal> reinit
//   k             TreeKeys
//   c             how many there are: uint32 nodes, secret nodes, leaves, proposals, updates,
//   epochs n u32         a node of the ratchet tree that is not blank: Node s u32         a secret
//   of the secret tree l u32         a leaf's two ratchets p ref         StoredProposal u ref
//   PendingUpdate e u64         an earlier epoch's resumption_psk
#include "crypto/mls/saved_state.h"

#include <array>
#include <map>
#include <set>
#include <utility>

#include "crypto/mls/group.h"
#include "crypto/mls/group_state.h"
#include "crypto/mls/limits.h"
#include "crypto/mls/state_codec.h"

namespace renkei::mls {
namespace {

Bytes Name(char letter) {
  return {static_cast<std::uint8_t>(letter)};
}

template <typename Key>
Bytes Name(char letter, const Key& key) {
  wire::Writer out(kMaxPartNameBytes);
  using wire::Encode;
  out.U8(static_cast<std::uint8_t>(letter));
  Encode(out, key);
  return std::move(out).Take();
}

Bytes Name(char letter, const ProposalRef& ref) {
  Bytes name = Name(letter);
  name.insert(name.end(), ref.value.begin(), ref.value.end());
  return name;
}

template <typename Body>
SecretBytes Written(const Body& body) {
  wire::Writer out(512, wire::Writer::Holds::kSecret);
  body(out);
  return std::move(out).TakeSecret();
}

SecretBytes Head(const GroupState& state) {
  return Written([&](wire::Writer& out) {
    out.U8(kPartsFormat);
    Encode(out, state.context);
    out.Opaque(state.interim_transcript_hash);
    out.Opaque(state.confirmation_tag);
    EncodeSigningKey(out, *state.signing_key);
    Encode(out, state.secrets);
    EncodeReInit(out, state.reinit);
  });
}

// Puts what is new or different in `now`, erases what is not in it.
template <typename Map, typename Write>
void Difference(const Map& before, const Map& now, char letter, const Write& write,
                StateChanges& changes) {
  for (const auto& [key, value] : now) {
    const auto found = before.find(key);
    if (found == before.end() || !(found->second == value)) {
      changes.put.push_back({Name(letter, key), write(key)});
    }
  }
  for (const auto& [key, value] : before) {
    if (!now.contains(key)) {
      changes.erased.push_back(Name(letter, key));
    }
  }
}

}  // namespace

// What is there, by what tells whether it changed.
struct SavedState::Contents {
  Hash32 head{};
  Hash32 keys{};
  PartCounts counts{};
  std::optional<RatchetTree> tree;  // empty: nothing is saved
  SecretTree::Marks marks;
  ProposalStore proposals;
  std::map<ProposalRef, std::shared_ptr<const HpkeKeyPair>> updates;
  std::map<Epoch, std::shared_ptr<const SecretBytes>> past;
};

SavedState::SavedState() = default;
SavedState::SavedState(SavedState&& other) noexcept = default;
SavedState& SavedState::operator=(SavedState&& other) noexcept = default;
SavedState::~SavedState() = default;

namespace {

using Marks = SecretTree::Marks;

void SaveTree(const std::optional<RatchetTree>& before, const RatchetTree& now,
              StateChanges& changes) {
  const auto write = [&](NodeIndex index, const Node* node) {
    if (node == nullptr) {
      changes.erased.push_back(Name('n', index.value));
      return;
    }
    changes.put.push_back(
        {Name('n', index.value), Written([&](wire::Writer& out) { Encode(out, *node); })});
  };
  now.ForEachChange(before.has_value() ? *before : RatchetTree(), write);
}

// `same_epoch`: else nothing of what was there is the same, whatever its mark says.
void SaveSecretTree(const Marks& before, const Marks& now, bool same_epoch, const SecretTree& tree,
                    StateChanges& changes) {
  for (const std::uint32_t node : now.nodes) {
    if (!same_epoch || !before.nodes.contains(node)) {
      changes.put.push_back({Name('s', node), tree.SerializeNode(node)});
    }
  }
  for (const std::uint32_t node : before.nodes) {
    if (!now.nodes.contains(node)) {
      changes.erased.push_back(Name('s', node));
    }
  }
  for (const auto& [leaf, mark] : now.leaves) {
    const auto found = before.leaves.find(leaf);
    if (!same_epoch || found == before.leaves.end() || found->second != mark) {
      changes.put.push_back({Name('l', leaf), tree.SerializeLeaf(leaf)});
    }
  }
  for (const auto& [leaf, mark] : before.leaves) {
    if (!now.leaves.contains(leaf)) {
      changes.erased.push_back(Name('l', leaf));
    }
  }
}

// Proposals, updates of ours, earlier epochs. Takes the two states' contents, whatever their type.
template <typename Contents>
void SaveLists(const Contents& before, const Contents& now, const GroupState& state,
               StateChanges& changes) {
  const auto proposal = [&](const ProposalRef& ref) {
    return Written([&](wire::Writer& out) { Encode(out, *state.proposals.at(ref)); });
  };
  const auto update = [&](const ProposalRef& ref) {
    return Written([&](wire::Writer& out) { Encode(out, state.pending_updates.at(ref)); });
  };
  const auto past = [&](Epoch epoch) { return now.past.at(epoch)->Clone(); };
  Difference(before.proposals, now.proposals, 'p', proposal, changes);
  Difference(before.updates, now.updates, 'u', update, changes);
  Difference(before.past, now.past, 'e', past, changes);
}

}  // namespace

Group::Saving Group::Save(const SavedState& saved) const {
  static const SavedState::Contents nothing;
  const SavedState::Contents& before = saved.contents_ == nullptr ? nothing : *saved.contents_;
  const GroupState& state = *state_;
  SecretBytes head = Head(state);
  SecretBytes keys = Written([&](wire::Writer& out) { Encode(out, state.keys); });
  auto now = std::make_unique<SavedState::Contents>();
  now->head = Sha256(head.Expose());
  now->keys = Sha256(keys.Expose());
  now->tree = state.tree;
  now->marks = state.secret_tree.CurrentMarks();
  now->counts = CountParts(state, now->marks);
  now->proposals = state.proposals;
  for (const auto& [ref, update] : state.pending_updates) {
    now->updates[ref] = update.encryption_key;
  }
  now->past = state.past_resumption;

  StateChanges changes;
  const bool same_epoch = before.head == now->head;
  if (!same_epoch) {
    changes.put.push_back({Name('h'), std::move(head)});
  }
  if (before.keys != now->keys) {
    changes.put.push_back({Name('k'), std::move(keys)});
  }
  if (before.counts != now->counts) {
    changes.put.push_back({Name('c'), Written([&](wire::Writer& out) {
                             for (const std::uint32_t count : now->counts) {
                               out.U32(count);
                             }
                           })});
  }
  SaveTree(before.tree, state.tree, changes);
  SaveSecretTree(before.marks, now->marks, same_epoch, state.secret_tree, changes);
  SaveLists(before, *now, state, changes);
  Saving out{std::move(changes), SavedState()};
  out.after.contents_ = std::move(now);
  return out;
}

SavedState Group::AsSaved() const {
  return Save(SavedState()).after;
}

std::size_t StateChanges::ValueBytes() const {
  std::size_t bytes = 0;
  for (const StatePart& part : put) {
    bytes += part.value.size();
  }
  return bytes;
}

void Encode(wire::Writer& out, const StateChanges& value) {
  out.Vector([&] {
    for (const StatePart& part : value.put) {
      out.Opaque(part.name);
      out.Opaque(part.value.Expose());
    }
  });
  out.Vector([&] {
    for (const Bytes& name : value.erased) {
      out.Opaque(name);
    }
  });
}

Status Decode(wire::Reader& in, StateChanges& value) {
  wire::Reader put;
  wire::Reader erased;
  RENKEI_TRY(in.Vector(put));
  RENKEI_TRY(in.Vector(erased));
  while (!put.AtEnd()) {
    StatePart part;
    RENKEI_TRY(put.Opaque(part.name));
    RENKEI_TRY(put.OpaqueSecret(part.value));
    value.put.push_back(std::move(part));
  }
  while (!erased.AtEnd()) {
    Bytes name;
    RENKEI_TRY(erased.Opaque(name));
    value.erased.push_back(std::move(name));
  }
  return Ok();
}

void Apply(StateChanges changes, std::vector<StatePart>& parts) {
  std::map<Bytes, SecretBytes> by_name;
  for (StatePart& part : parts) {
    by_name[std::move(part.name)] = std::move(part.value);
  }
  for (const Bytes& name : changes.erased) {
    by_name.erase(name);
  }
  for (StatePart& part : changes.put) {
    by_name[std::move(part.name)] = std::move(part.value);
  }
  parts.clear();
  for (auto& [name, value] : by_name) {
    parts.push_back({name, std::move(value)});
  }
}

}  // namespace renkei::mls
