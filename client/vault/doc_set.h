// Which of the texts of one block of the index have a gram: a set of numbers below kCapacity, and
// its form on disk. Values; any thread.
#ifndef RENKEI_CLIENT_VAULT_DOC_SET_H_
#define RENKEI_CLIENT_VAULT_DOC_SET_H_

#include <array>
#include <cstdint>
#include <vector>

#include "crypto/base/bytes.h"
#include "crypto/base/result.h"

namespace renkei::client {

class DocSet {
 public:
  static constexpr std::size_t kCapacity = 16'384;

  // `doc` < kCapacity.
  void Add(std::size_t doc) { words_[doc / 64] |= std::uint64_t{1} << (doc % 64); }
  bool Contains(std::size_t doc) const { return ((words_[doc / 64] >> (doc % 64)) & 1U) != 0; }
  std::size_t Count() const;
  // Keeps what is in both.
  void Intersect(const DocSet& other);
  // Adds the members of `other`, each `shift` higher; kCorrupt if one would pass the capacity.
  Status AddShifted(const DocSet& other, std::size_t shift);
  // Highest first.
  std::vector<std::size_t> Descending() const;

  // The shorter of two forms: 0x00 and the gaps between members in base 128, or 0x01 and a bitmap
  // up to the last member.
  Bytes Encode() const;
  // kCorrupt: not what Encode writes.
  static Result<DocSet> Decode(ByteView bytes);

  friend bool operator==(const DocSet&, const DocSet&) = default;

 private:
  std::array<std::uint64_t, kCapacity / 64> words_{};
};

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_VAULT_DOC_SET_H_
