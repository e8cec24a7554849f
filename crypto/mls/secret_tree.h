// Keys for encrypted messages of one epoch (RFC 9420 §9): two ratchets per sender, grown out of a
// tree of secrets only where they are needed. A key opens one message and is then gone, and so is
// everything it came from. Keys that were passed over wait for late messages, within bounds. Does
// not parse framing. One thread.
#ifndef RENKEI_CRYPTO_MLS_SECRET_TREE_H_
#define RENKEI_CRYPTO_MLS_SECRET_TREE_H_

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "crypto/base/result.h"
#include "crypto/base/secret.h"
#include "crypto/mls/types.h"

namespace renkei::mls {

// How far ahead of the last message a message may be: the work one message may cause.
inline constexpr std::uint32_t kMaxForwardGenerations = 2048;
// How many passed-over keys wait, per ratchet; the oldest go first.
inline constexpr std::size_t kMaxSkippedKeys = 512;

// Which of a sender's two ratchets: proposals and commits, or application data.
enum class RatchetKind : std::uint8_t { kHandshake, kApplication };

struct MessageKey {
  SecretBytes key;    // AEAD.Nk = 32 bytes
  SecretBytes nonce;  // AEAD.Nn = 12 bytes, before the reuse guard
};

class SecretTree {
 public:
  SecretTree() = default;  // of no leaves: gives no key
  // `leaf_count` is a power of two, 1..kMaxLeaves; `encryption_secret` 32 bytes.
  SecretTree(std::uint32_t leaf_count, SecretBytes encryption_secret);

  struct SendKey {
    Generation generation;
    MessageKey message_key;
  };
  // The next unused key of our own ratchet, used up by this call: store the tree before what it
  // sealed is sent. kMalformed: no such leaf; kTooLarge: the ratchet has come to its end.
  Result<SendKey> NextSendKey(LeafIndex own, RatchetKind kind);

  // A key for opening a message, on trial: a forged message must not move the ratchet. Everything
  // it would change is in here until Accept().
  class Trial;
  // kNotFound: used already, or passed over too long ago. kTooLarge: more than
  // kMaxForwardGenerations ahead. kMalformed: no such leaf.
  Result<Trial> TryKey(LeafIndex sender, RatchetKind kind, Generation generation) const;
  // The message was good: its key is gone for ever. Not after another Accept() of the same ratchet.
  void Accept(Trial trial);

  std::uint32_t leaf_count() const { return leaf_count_; }

  // For saving in pieces (saved_state.h): which there are, and how far each ratchet is. Within one
  // epoch a node's secret never changes, and ratchets of equal marks are equal.
  struct RatchetMark {
    std::uint32_t next = 0;
    std::size_t waiting = 0;
    friend bool operator==(const RatchetMark&, const RatchetMark&) = default;
  };
  struct Marks {
    std::set<std::uint32_t> nodes;
    std::map<std::uint32_t, std::array<RatchetMark, 2>> leaves;  // by RatchetKind
  };
  Marks CurrentMarks() const;
  // One piece; it must be there. Secret.
  SecretBytes SerializeNode(std::uint32_t node) const;
  SecretBytes SerializeLeaf(std::uint32_t leaf) const;
  // A tree of this many leaves (a power of two, at most kMaxLeaves) that has no piece yet, and
  // pieces put back into it. kMalformed for what was not written by the above, or stands there.
  static SecretTree Empty(std::uint32_t leaf_count);
  Status RestoreNode(std::uint32_t node, ByteView piece);
  Status RestoreLeaf(std::uint32_t leaf, ByteView piece);

  // For the vault, secret; ours. Decode: kMalformed for anything Encode() did not write.
  friend void Encode(wire::Writer& out, const SecretTree& value);
  friend Status Decode(wire::Reader& in, SecretTree& value);

 private:
  struct Ratchet {
    std::uint32_t next = 0;  // generation that `secret` gives the key of
    SecretBytes secret;
    std::map<std::uint32_t, MessageKey> skipped;
  };
  using Ratchets = std::array<Ratchet, 2>;  // by RatchetKind
  // The way down to a leaf that has not spoken: the ancestor whose secret goes, what comes of it.
  struct Expansion {
    std::uint32_t from = 0;
    std::map<std::uint32_t, SecretBytes> nodes;
    Ratchets ratchets;
  };

  // Null: no such leaf, or no secret for it.
  Ratchets* FindRatchets(LeafIndex leaf);
  std::optional<Expansion> Expand(LeafIndex leaf) const;
  Ratchets& Adopt(LeafIndex leaf, Expansion expansion);
  static void EncodeRatchet(wire::Writer& out, const Ratchet& value);
  static Status DecodeRatchet(wire::Reader& in, Ratchet& value);

  std::uint32_t leaf_count_ = 0;
  std::map<std::uint32_t, SecretBytes> nodes_;  // secrets of subtrees in which nobody has spoken
  std::map<std::uint32_t, Ratchets> ratchets_;  // by leaf
};

class SecretTree::Trial {
 public:
  const MessageKey& message_key() const { return message_key_; }

 private:
  friend class SecretTree;

  LeafIndex leaf_;
  RatchetKind kind_ = RatchetKind::kHandshake;
  Generation generation_;
  MessageKey message_key_;
  // Where the ratchet stood when the trial began, and where it would go. Equal for a key that
  // was waiting.
  std::uint32_t from_ = 0;
  std::uint32_t next_ = 0;
  SecretBytes next_secret_;
  std::map<std::uint32_t, MessageKey> passed_over_;
  std::optional<Expansion> expansion_;  // if the leaf has not spoken before
};

void Encode(wire::Writer& out, const SecretTree& value);
Status Decode(wire::Reader& in, SecretTree& value);

}  // namespace renkei::mls

#endif  // RENKEI_CRYPTO_MLS_SECRET_TREE_H_
