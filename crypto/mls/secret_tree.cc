#include "crypto/mls/secret_tree.h"

#include <bit>
#include <limits>
#include <utility>

#include "crypto/mls/limits.h"
#include "crypto/mls/suite.h"
#include "crypto/mls/tree_math.h"

namespace renkei::mls {
namespace {

// The last generation number is never used, so that `next` never wraps.
constexpr std::uint32_t kLastGeneration = std::numeric_limits<std::uint32_t>::max();

// The key of generation `next` (RFC 9420 §9.1); `secret` moves on to the one behind it.
MessageKey Step(SecretBytes& secret, std::uint32_t next) {
  MessageKey out{DeriveTreeSecret(secret, "key", {next}, kAeadKeyBytes),
                 DeriveTreeSecret(secret, "nonce", {next}, kAeadNonceBytes)};
  secret = DeriveTreeSecret(secret, "secret", {next}, kHashBytes);
  return out;
}

MessageKey CloneKey(const MessageKey& key) {
  return {key.key.Clone(), key.nonce.Clone()};
}

Status DecodeSecret(wire::Reader& in, std::size_t size, SecretBytes& out) {
  ByteView view;
  RENKEI_TRY(in.Raw(size, view));
  out = SecretBytes::CopyOf(view);
  return Ok();
}

}  // namespace

SecretTree::SecretTree(std::uint32_t leaf_count, SecretBytes encryption_secret)
    : leaf_count_(leaf_count) {
  RENKEI_CHECK(encryption_secret.size() == kHashBytes);
  nodes_.emplace(Root(leaf_count).value, std::move(encryption_secret));
}

// Walks down from the lowest ancestor that still has a secret.
std::optional<SecretTree::Expansion> SecretTree::Expand(LeafIndex leaf) const {
  if (leaf.value >= leaf_count_) {
    return std::nullopt;
  }
  const NodeIndex target = ToNode(leaf);
  NodeIndex at = target;
  while (!nodes_.contains(at.value)) {
    const auto parent = Parent(at, leaf_count_);
    if (!parent) {
      return std::nullopt;
    }
    at = *parent;
  }
  Expansion out;
  out.from = at.value;
  SecretBytes secret = nodes_.at(at.value).Clone();
  while (at != target) {
    SecretBytes left = ExpandWithLabel(secret, "tree", AsBytes("left"), kHashBytes);
    SecretBytes right = ExpandWithLabel(secret, "tree", AsBytes("right"), kHashBytes);
    const bool go_left = IsInSubtree(target, Left(at));
    out.nodes.emplace(go_left ? Right(at).value : Left(at).value,
                      std::move(go_left ? right : left));
    secret = std::move(go_left ? left : right);
    at = go_left ? Left(at) : Right(at);
  }
  out.ratchets[static_cast<std::size_t>(RatchetKind::kHandshake)].secret =
      ExpandWithLabel(secret, "handshake", {}, kHashBytes);
  out.ratchets[static_cast<std::size_t>(RatchetKind::kApplication)].secret =
      ExpandWithLabel(secret, "application", {}, kHashBytes);
  return out;
}

// The ancestor's secret goes once everything below it has its own (RFC 9420 §9.2).
SecretTree::Ratchets& SecretTree::Adopt(LeafIndex leaf, Expansion expansion) {
  RENKEI_CHECK(nodes_.erase(expansion.from) == 1);
  nodes_.merge(expansion.nodes);
  return ratchets_[leaf.value] = std::move(expansion.ratchets);
}

SecretTree::Ratchets* SecretTree::FindRatchets(LeafIndex leaf) {
  if (const auto found = ratchets_.find(leaf.value); found != ratchets_.end()) {
    return &found->second;
  }
  auto expansion = Expand(leaf);
  return expansion.has_value() ? &Adopt(leaf, std::move(*expansion)) : nullptr;
}

Result<SecretTree::SendKey> SecretTree::NextSendKey(LeafIndex own, RatchetKind kind) {
  Ratchets* ratchets = FindRatchets(own);
  if (ratchets == nullptr) {
    return Error(Code::kMalformed, "mls: no such leaf in the secret tree");
  }
  Ratchet& ratchet = (*ratchets)[static_cast<std::size_t>(kind)];
  if (ratchet.next == kLastGeneration) {
    return Error(Code::kTooLarge, "mls: ratchet used up, commit first");
  }
  SendKey out{{ratchet.next}, Step(ratchet.secret, ratchet.next)};
  ++ratchet.next;
  return out;
}

Result<SecretTree::Trial> SecretTree::TryKey(LeafIndex sender, RatchetKind kind,
                                             Generation generation) const {
  Trial trial;
  const auto found = ratchets_.find(sender.value);
  if (found == ratchets_.end()) {
    trial.expansion_ = Expand(sender);
    if (!trial.expansion_.has_value()) {
      return Error(Code::kMalformed, "mls: no such leaf in the secret tree");
    }
  }
  const Ratchets& ratchets = found == ratchets_.end() ? trial.expansion_->ratchets : found->second;
  const Ratchet& ratchet = ratchets[static_cast<std::size_t>(kind)];
  trial.leaf_ = sender;
  trial.kind_ = kind;
  trial.generation_ = generation;
  trial.from_ = ratchet.next;
  trial.next_ = ratchet.next;
  if (generation.value < ratchet.next) {
    const auto waiting = ratchet.skipped.find(generation.value);
    if (waiting == ratchet.skipped.end()) {  // RFC 9420 §9.2
      return Error(Code::kNotFound, "mls: message key used or dropped");
    }
    trial.message_key_ = CloneKey(waiting->second);
    return trial;
  }
  if (generation.value - ratchet.next > kMaxForwardGenerations ||  // RFC 9420 §15.3
      generation.value == kLastGeneration) {
    return Error(Code::kTooLarge, "mls: generation too far ahead");
  }
  trial.next_secret_ = ratchet.secret.Clone();
  for (; trial.next_ < generation.value; ++trial.next_) {
    if (generation.value - trial.next_ <= kMaxSkippedKeys) {
      trial.passed_over_.emplace(trial.next_, Step(trial.next_secret_, trial.next_));
    } else {
      trial.next_secret_ =
          DeriveTreeSecret(trial.next_secret_, "secret", {trial.next_}, kHashBytes);
    }
  }
  trial.message_key_ = Step(trial.next_secret_, trial.next_);
  ++trial.next_;
  return trial;
}

void SecretTree::Accept(Trial trial) {
  // Another sender's first message may have gone the same way down meanwhile.
  const bool adopt = trial.expansion_.has_value() && !ratchets_.contains(trial.leaf_.value) &&
                     nodes_.contains(trial.expansion_->from);
  Ratchets* ratchets =
      adopt ? &Adopt(trial.leaf_, std::move(*trial.expansion_)) : FindRatchets(trial.leaf_);
  RENKEI_CHECK(ratchets != nullptr);
  Ratchet& ratchet = (*ratchets)[static_cast<std::size_t>(trial.kind_)];
  if (trial.next_ == trial.from_) {
    RENKEI_CHECK(ratchet.skipped.erase(trial.generation_.value) == 1);
    return;
  }
  RENKEI_CHECK(ratchet.next == trial.from_);
  ratchet.next = trial.next_;
  ratchet.secret = std::move(trial.next_secret_);
  ratchet.skipped.merge(trial.passed_over_);
  while (ratchet.skipped.size() > kMaxSkippedKeys) {
    ratchet.skipped.erase(ratchet.skipped.begin());
  }
}

void SecretTree::EncodeRatchet(wire::Writer& out, const Ratchet& value) {
  out.U32(value.next);
  out.Raw(value.secret.Expose());
  out.Vector([&] {
    for (const auto& [generation, key] : value.skipped) {
      out.U32(generation);
      out.Raw(key.key.Expose());
      out.Raw(key.nonce.Expose());
    }
  });
}

Status SecretTree::DecodeRatchet(wire::Reader& in, Ratchet& value) {
  RENKEI_TRY(in.U32(value.next));
  RENKEI_TRY(DecodeSecret(in, kHashBytes, value.secret));
  wire::Reader skipped;
  RENKEI_TRY(in.Vector(skipped));
  while (!skipped.AtEnd()) {
    std::uint32_t generation = 0;
    MessageKey key;
    RENKEI_TRY(skipped.U32(generation));
    RENKEI_TRY(DecodeSecret(skipped, kAeadKeyBytes, key.key));
    RENKEI_TRY(DecodeSecret(skipped, kAeadNonceBytes, key.nonce));
    const bool in_order = value.skipped.empty() || value.skipped.rbegin()->first < generation;
    if (!in_order || generation >= value.next || value.skipped.size() == kMaxSkippedKeys) {
      return Error(Code::kMalformed, "mls: stored skipped keys");
    }
    value.skipped.emplace_hint(value.skipped.end(), generation, std::move(key));
  }
  return Ok();
}

SecretTree::Marks SecretTree::CurrentMarks() const {
  Marks marks;
  for (const auto& [node, secret] : nodes_) {
    marks.nodes.insert(marks.nodes.end(), node);
  }
  for (const auto& [leaf, ratchets] : ratchets_) {
    auto& mark =
        marks.leaves.emplace_hint(marks.leaves.end(), leaf, std::array<RatchetMark, 2>())->second;
    for (std::size_t kind = 0; kind < ratchets.size(); ++kind) {
      mark[kind] = {ratchets[kind].next, ratchets[kind].skipped.size()};
    }
  }
  return marks;
}

SecretBytes SecretTree::SerializeNode(std::uint32_t node) const {
  return nodes_.at(node).Clone();
}

SecretBytes SecretTree::SerializeLeaf(std::uint32_t leaf) const {
  wire::Writer out(128, wire::Writer::Holds::kSecret);
  for (const Ratchet& ratchet : ratchets_.at(leaf)) {
    EncodeRatchet(out, ratchet);
  }
  return std::move(out).TakeSecret();
}

SecretTree SecretTree::Empty(std::uint32_t leaf_count) {
  SecretTree tree;
  tree.leaf_count_ = leaf_count;
  return tree;
}

Status SecretTree::RestoreNode(std::uint32_t node, ByteView piece) {
  if (node >= NodeCount(leaf_count_) || piece.size() != kHashBytes ||
      !nodes_.emplace(node, SecretBytes::CopyOf(piece)).second) {
    return Error(Code::kMalformed, "mls: stored secret tree nodes");
  }
  return Ok();
}

Status SecretTree::RestoreLeaf(std::uint32_t leaf, ByteView piece) {
  Ratchets ratchets;
  wire::Reader in(piece);
  for (Ratchet& ratchet : ratchets) {
    RENKEI_TRY(DecodeRatchet(in, ratchet));
  }
  RENKEI_TRY(in.Finish());
  if (leaf >= leaf_count_ || !ratchets_.emplace(leaf, std::move(ratchets)).second) {
    return Error(Code::kMalformed, "mls: stored secret tree leaves");
  }
  return Ok();
}

void Encode(wire::Writer& out, const SecretTree& value) {
  out.U32(value.leaf_count_);
  out.Vector([&] {
    for (const auto& [node, secret] : value.nodes_) {
      out.U32(node);
      out.Raw(secret.Expose());
    }
  });
  out.Vector([&] {
    for (const auto& [leaf, ratchets] : value.ratchets_) {
      out.U32(leaf);
      for (const SecretTree::Ratchet& ratchet : ratchets) {
        SecretTree::EncodeRatchet(out, ratchet);
      }
    }
  });
}

Status Decode(wire::Reader& in, SecretTree& value) {
  SecretTree tree;
  RENKEI_TRY(in.U32(tree.leaf_count_));
  if (tree.leaf_count_ != 0 &&
      (!std::has_single_bit(tree.leaf_count_) || tree.leaf_count_ > kMaxLeaves)) {
    return Error(Code::kMalformed, "mls: stored secret tree size");
  }
  wire::Reader nodes;
  RENKEI_TRY(in.Vector(nodes));
  while (!nodes.AtEnd()) {
    std::uint32_t node = 0;
    SecretBytes secret;
    RENKEI_TRY(nodes.U32(node));
    RENKEI_TRY(DecodeSecret(nodes, kHashBytes, secret));
    const bool in_order = tree.nodes_.empty() || tree.nodes_.rbegin()->first < node;
    if (!in_order || node >= NodeCount(tree.leaf_count_)) {
      return Error(Code::kMalformed, "mls: stored secret tree nodes");
    }
    tree.nodes_.emplace_hint(tree.nodes_.end(), node, std::move(secret));
  }
  wire::Reader leaves;
  RENKEI_TRY(in.Vector(leaves));
  while (!leaves.AtEnd()) {
    std::uint32_t leaf = 0;
    RENKEI_TRY(leaves.U32(leaf));
    const bool in_order = tree.ratchets_.empty() || tree.ratchets_.rbegin()->first < leaf;
    if (!in_order || leaf >= tree.leaf_count_) {
      return Error(Code::kMalformed, "mls: stored secret tree leaves");
    }
    for (SecretTree::Ratchet& ratchet : tree.ratchets_[leaf]) {
      RENKEI_TRY(SecretTree::DecodeRatchet(leaves, ratchet));
    }
  }
  value = std::move(tree);
  return Ok();
}

}  // namespace renkei::mls
