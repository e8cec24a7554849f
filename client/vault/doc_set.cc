#include "client/vault/doc_set.h"

#include <algorithm>
#include <bit>

namespace renkei::client {
namespace {

constexpr std::uint8_t kGaps = 0;
constexpr std::uint8_t kBitmap = 1;
constexpr Error kDamaged(Code::kCorrupt, "vault: the index is damaged");

Status DecodeGaps(ByteView bytes, DocSet& out) {
  std::size_t next = 0;  // the lowest number the next member can be
  std::size_t gap = 0;
  unsigned shift = 0;
  for (const std::uint8_t byte : bytes) {
    gap |= static_cast<std::size_t>(byte & 0x7FU) << shift;
    if ((byte & 0x80U) != 0) {
      shift += 7;
      if (shift > 14) {
        return kDamaged;
      }
      continue;
    }
    if (next + gap >= DocSet::kCapacity) {
      return kDamaged;
    }
    out.Add(next + gap);
    next += gap + 1;
    gap = 0;
    shift = 0;
  }
  return shift == 0 ? Ok() : Status(kDamaged);
}

}  // namespace

std::size_t DocSet::Count() const {
  std::size_t count = 0;
  for (const std::uint64_t word : words_) {
    count += static_cast<std::size_t>(std::popcount(word));
  }
  return count;
}

void DocSet::Intersect(const DocSet& other) {
  for (std::size_t i = 0; i < words_.size(); ++i) {
    words_[i] &= other.words_[i];
  }
}

Status DocSet::AddShifted(const DocSet& other, std::size_t shift) {
  const std::vector<std::size_t> docs = other.Descending();
  if (!docs.empty() && docs.front() + shift >= kCapacity) {
    return kDamaged;
  }
  for (const std::size_t doc : docs) {
    Add(doc + shift);
  }
  return Ok();
}

std::vector<std::size_t> DocSet::Descending() const {
  std::vector<std::size_t> docs;
  for (std::size_t i = words_.size(); i > 0; --i) {
    for (std::uint64_t left = words_[i - 1]; left != 0;) {
      const auto bit = static_cast<std::size_t>(63 - std::countl_zero(left));
      docs.push_back((i - 1) * 64 + bit);
      left &= ~(std::uint64_t{1} << bit);
    }
  }
  return docs;
}

Bytes DocSet::Encode() const {
  std::vector<std::size_t> docs = Descending();
  const std::size_t bitmap_bytes = docs.empty() ? 0 : docs.front() / 8 + 1;
  Bytes out = {kGaps};
  std::size_t next = 0;
  for (auto doc = docs.rbegin(); doc != docs.rend(); ++doc) {
    std::size_t gap = *doc - next;
    for (; gap >= 0x80; gap >>= 7U) {
      out.push_back(static_cast<std::uint8_t>(gap | 0x80U));
    }
    out.push_back(static_cast<std::uint8_t>(gap));
    next = *doc + 1;
  }
  if (out.size() <= bitmap_bytes + 1) {
    return out;
  }
  out.assign(1, kBitmap);
  for (std::size_t i = 0; i < bitmap_bytes; ++i) {
    out.push_back(static_cast<std::uint8_t>(words_[i / 8] >> (8 * (i % 8))));
  }
  return out;
}

Result<DocSet> DocSet::Decode(ByteView bytes) {
  if (bytes.empty() || bytes.front() > kBitmap || bytes.size() > kCapacity / 8 + 1) {
    return kDamaged;
  }
  const bool gaps = bytes.front() == kGaps;
  bytes = bytes.subspan(1);
  DocSet out;
  if (gaps) {
    RENKEI_TRY(DecodeGaps(bytes, out));
    return out;
  }
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    out.words_[i / 8] |= static_cast<std::uint64_t>(bytes[i]) << (8 * (i % 8));
  }
  return out;
}

}  // namespace renkei::client
