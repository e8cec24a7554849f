#include "crypto/thread/head.h"

#include "crypto/base/labels.h"
#include "crypto/thread/encoding.h"

namespace renkei::thread {
namespace {

Bytes SerializeHead(const Head& head) {
  return Encode([&](FieldWriter& out) {
    out.Blob(1, head.case_id.view());
    out.U64(2, head.seq);
    out.Blob(3, head.hash);
    out.Time(4, head.received_at);
    out.Blob(5, head.incarnation.view());
  });
}

Result<Head> ParseHead(ByteView bytes) {
  FieldReader in(bytes);
  Head head;
  head.case_id = in.Read<CaseId>(1);
  head.seq = in.U64(2);
  head.hash = in.Fixed<kHashBytes>(3);
  head.received_at = in.Time(4);
  head.incarnation = in.Read<IncarnationId>(5);
  RENKEI_TRY(in.Finish(Error(Code::kMalformed, "head: not the one encoding of a head")));
  if (head.received_at < Millis{0}) {
    return Error(Code::kMalformed, "head: time before 1970");
  }
  return head;
}

Hash32 LeafOf(ByteView head) {
  return Sha256({AsBytes(labels::kHeadLeaf), head});
}

Hash32 NodeOf(const Hash32& left, const Hash32& right) {
  return Sha256({AsBytes(labels::kHeadNode), left, right});
}

// What leads from a head to the root that was signed.
struct Path {
  Bytes siblings;           // kHashBytes each, from the leaf up
  std::uint32_t sides = 0;  // bit k: the k-th sibling stands on the left
};

// The level above `level`, of which position i becomes i / 2; a last one without a neighbour moves
// up as it is. `places`: where each head's node stands; their paths grow.
std::vector<Hash32> LevelAbove(const std::vector<Hash32>& level, std::vector<std::size_t>& places,
                               std::vector<Path>& paths) {
  for (std::size_t i = 0; i < places.size(); ++i) {
    const std::size_t sibling = places[i] ^ 1U;
    if (sibling < level.size()) {
      paths[i].sides |= static_cast<std::uint32_t>(places[i] & 1U)
                        << (paths[i].siblings.size() / kHashBytes);
      Append(paths[i].siblings, level[sibling]);
    }
    places[i] /= 2;
  }
  std::vector<Hash32> above;
  for (std::size_t i = 0; i + 1 < level.size(); i += 2) {
    above.push_back(NodeOf(level[i], level[i + 1]));
  }
  if (level.size() % 2 == 1) {
    above.push_back(level.back());
  }
  return above;
}

// kMalformed: more siblings than any batch has, or sides without siblings.
Result<Hash32> RootOf(ByteView head, ByteView siblings, std::uint32_t sides) {
  const std::size_t depth = siblings.size() / kHashBytes;
  if (siblings.size() % kHashBytes != 0 || depth > kMaxHeadPath || (sides >> depth) != 0) {
    return Error(Code::kMalformed, "head: path");
  }
  Hash32 node = LeafOf(head);
  for (; !siblings.empty(); siblings = siblings.subspan(kHashBytes), sides >>= 1U) {
    RENKEI_ASSIGN(const auto sibling, ToArray<kHashBytes>(siblings.first(kHashBytes)));
    node = (sides & 1U) != 0 ? NodeOf(sibling, node) : NodeOf(node, sibling);
  }
  return node;
}

Bytes SerializeSigned(ByteView head, const Signature& signature, const Path& path) {
  return Encode([&](FieldWriter& out) {
    out.Blob(1, head);
    out.Blob(2, signature);
    out.Blob(3, path.siblings);
    out.U64(4, path.sides);
  });
}

}  // namespace

Bytes SignHead(const Head& head, const SigningKey& relay_key) {
  const Bytes bytes = SerializeHead(head);
  return SerializeSigned(bytes, relay_key.SignLabelled(labels::kThreadHead, bytes), {});
}

std::vector<Bytes> SignHeads(std::span<const Head> heads, const SigningKey& relay_key) {
  RENKEI_CHECK(heads.size() <= kMaxHeadsInBatch);
  if (heads.size() == 1) {
    return {SignHead(heads.front(), relay_key)};
  }
  std::vector<Bytes> serialized;
  std::vector<Hash32> level;
  std::vector<std::size_t> places;
  for (const Head& head : heads) {
    places.push_back(serialized.size());
    serialized.push_back(SerializeHead(head));
    level.push_back(LeafOf(serialized.back()));
  }
  std::vector<Path> paths(heads.size());
  while (level.size() > 1) {
    level = LevelAbove(level, places, paths);
  }
  std::vector<Bytes> out;
  if (!level.empty()) {
    const Signature signature = relay_key.SignLabelled(labels::kHeadBatch, level.front());
    for (std::size_t i = 0; i < heads.size(); ++i) {
      out.push_back(SerializeSigned(serialized[i], signature, paths[i]));
    }
  }
  return out;
}

Result<Head> VerifyHead(ByteView signed_head, ByteView relay_key) {
  if (signed_head.size() > kMaxSignedHeadBytes) {
    return Error(Code::kMalformed, "head: too long");
  }
  FieldReader in(signed_head);
  const ByteView bytes = in.Blob(1);
  const auto signature = in.Fixed<kSignatureBytes>(2);
  const ByteView siblings = in.Blob(3);
  const std::uint32_t sides = in.U32(4);
  RENKEI_TRY(in.Finish(Error(Code::kMalformed, "head: not the one encoding")));
  RENKEI_ASSIGN(const Head head, ParseHead(bytes));
  RENKEI_ASSIGN(const Hash32 root, RootOf(bytes, siblings, sides));
  if (siblings.empty()) {
    RENKEI_TRY(VerifyLabelled(relay_key, labels::kThreadHead, bytes, signature));
  } else {
    RENKEI_TRY(VerifyLabelled(relay_key, labels::kHeadBatch, root, signature));
  }
  return head;
}

bool Contradict(const Head& a, const Head& b) {
  const bool same_place =
      a.case_id == b.case_id && a.incarnation == b.incarnation && a.seq == b.seq;
  return same_place && (a.hash != b.hash || a.received_at != b.received_at);
}

}  // namespace renkei::thread
