// A group from its pieces; what they are: saved_state.cc.
#include <map>
#include <set>
#include <utility>

#include "crypto/mls/group.h"
#include "crypto/mls/group_state.h"
#include "crypto/mls/limits.h"
#include "crypto/mls/state_codec.h"

namespace renkei::mls {
namespace {

Error BadPart() {
  return Error(Code::kMalformed, "mls: stored piece of a group");
}

// The pieces while they are put together.
struct Loading {
  GroupState& state;
  std::map<std::uint32_t, ByteView> secret_nodes{};
  std::map<std::uint32_t, ByteView> leaves{};
  std::map<std::uint32_t, Node> nodes{};
  PartCounts counts{};
  std::set<char> singles{};
};

Status LoadHead(wire::Reader& in, GroupState& state) {
  std::uint8_t format = 0;
  RENKEI_TRY(in.U8(format));
  if (format != kPartsFormat) {
    return Error(Code::kUnsupported, "mls: stored in another format");
  }
  RENKEI_TRY(Decode(in, state.context));
  state.encoded_context = wire::Serialize(state.context);
  RENKEI_TRY(in.Opaque(state.interim_transcript_hash));
  RENKEI_TRY(in.Opaque(state.confirmation_tag));
  RENKEI_TRY(DecodeSigningKey(in, state.signing_key));
  RENKEI_TRY(Decode(in, state.secrets));
  return DecodeReInit(in, state.reinit);
}

Status LoadSingle(char letter, wire::Reader& in, Loading& loading) {
  if (!loading.singles.insert(letter).second) {
    return BadPart();
  }
  if (letter == 'h') {
    return LoadHead(in, loading.state);
  }
  if (letter == 'k') {
    return Decode(in, loading.state.keys);
  }
  for (std::uint32_t& count : loading.counts) {
    RENKEI_TRY(in.U32(count));
  }
  return Ok();
}

Status LoadProposal(const ProposalRef& ref, wire::Reader& in, GroupState& state) {
  StoredProposal stored;
  RENKEI_TRY(Decode(in, stored));
  if (stored.ref != ref || state.proposals.contains(ref) ||
      !state.KeepProposal(std::move(stored)).ok()) {
    return BadPart();
  }
  return Ok();
}

Status LoadUpdate(const ProposalRef& ref, wire::Reader& in, GroupState& state) {
  PendingUpdate update;
  RENKEI_TRY(Decode(in, update));
  return state.pending_updates.emplace(ref, std::move(update)).second ? Ok() : Status(BadPart());
}

Status LoadPast(Epoch epoch, wire::Reader& in, GroupState& state) {
  ByteView secret;
  RENKEI_TRY(in.Raw(kHashBytes, secret));
  auto kept = std::make_shared<const SecretBytes>(SecretBytes::CopyOf(secret));
  const bool is_new = state.past_resumption.emplace(epoch, std::move(kept)).second;
  return is_new && state.past_resumption.size() <= kMaxPastEpochs ? Ok() : Status(BadPart());
}

// The pieces of which there are many, by the number in their name.
Status LoadNumbered(char letter, std::uint32_t number, wire::Reader& in, Loading& loading) {
  if (letter == 'n') {
    Node node;
    RENKEI_TRY(Decode(in, node));
    const bool fits = number < kMaxTreeNodes;
    return fits && loading.nodes.emplace(number, std::move(node)).second ? Ok() : Status(BadPart());
  }
  auto& pieces = letter == 's' ? loading.secret_nodes : loading.leaves;
  const bool is_new = pieces.emplace(number, in.rest()).second;
  in = wire::Reader();
  return is_new ? Ok() : Status(BadPart());
}

Status LoadPart(const StatePart& part, Loading& loading) {
  wire::Reader name(part.name);
  wire::Reader in(part.value.Expose());
  std::uint8_t first = 0;
  RENKEI_TRY(name.U8(first));
  const char letter = static_cast<char>(first);
  std::uint32_t number = 0;
  Epoch epoch;
  switch (letter) {
    case 'h':
    case 'k':
    case 'c':
      RENKEI_TRY(LoadSingle(letter, in, loading));
      break;
    case 'n':
    case 's':
    case 'l':
      RENKEI_TRY(name.U32(number));
      RENKEI_TRY(LoadNumbered(letter, number, in, loading));
      break;
    case 'p':
      RENKEI_TRY(LoadProposal({ToBytes(name.rest())}, in, loading.state));
      name = wire::Reader();
      break;
    case 'u':
      RENKEI_TRY(LoadUpdate({ToBytes(name.rest())}, in, loading.state));
      name = wire::Reader();
      break;
    case 'e':
      RENKEI_TRY(Decode(name, epoch));
      RENKEI_TRY(LoadPast(epoch, in, loading.state));
      break;
    default:
      return BadPart();
  }
  RENKEI_TRY(name.Finish());
  return in.Finish();
}

// Everything is there: the tree first, then what is measured by it.
Status FinishLoading(Loading& loading) {
  GroupState& state = loading.state;
  if (loading.singles.size() != 3 || loading.nodes.empty()) {
    return BadPart();
  }
  RatchetTreeNodes nodes;
  nodes.nodes.resize(std::size_t{loading.nodes.rbegin()->first} + 1);
  for (auto& [index, node] : loading.nodes) {
    nodes.nodes[index] = std::move(node);
  }
  RENKEI_ASSIGN(state.tree, RatchetTree::FromNodes(std::move(nodes)));
  state.secret_tree = SecretTree::Empty(state.tree.leaf_slots());
  for (const auto& [node, piece] : loading.secret_nodes) {
    RENKEI_TRY(state.secret_tree.RestoreNode(node, piece));
  }
  for (const auto& [leaf, piece] : loading.leaves) {
    RENKEI_TRY(state.secret_tree.RestoreLeaf(leaf, piece));
  }
  if (CountParts(state, state.secret_tree.CurrentMarks()) != loading.counts) {
    return BadPart();
  }
  return CheckTogether(state);
}

}  // namespace

Result<Group> Group::Load(const std::vector<StatePart>& parts) {
  auto state = std::make_unique<GroupState>(nullptr);
  Loading loading{*state};
  for (const StatePart& part : parts) {
    RENKEI_TRY(LoadPart(part, loading));
  }
  RENKEI_TRY(FinishLoading(loading));
  return Group(std::move(state));
}

}  // namespace renkei::mls
