// Numbers and fixed lengths in the room's own small files (header, sealed key, counter); all
// numbers are big endian. Functions and values; any thread.
#ifndef RENKEI_CLIENT_VAULT_CURSOR_H_
#define RENKEI_CLIENT_VAULT_CURSOR_H_

#include <algorithm>
#include <cstdint>

#include "crypto/base/bytes.h"

namespace renkei::client {

// Appends the lowest `size` bytes (1..8) of `value`.
void AppendNumber(Bytes& out, std::uint64_t value, std::size_t size);

// Takes bytes from the front. Whoever reads hostile bytes checks the length first: taking more than
// is left is our bug.
class Cursor {
 public:
  explicit Cursor(ByteView bytes) : rest_(bytes) {}

  std::size_t left() const { return rest_.size(); }
  // A view into the bytes given.
  ByteView Take(std::size_t size);
  // `size` bytes, 1..8.
  std::uint64_t Number(std::size_t size);
  template <std::size_t N>
  void Into(ByteArray<N>& out) {
    const ByteView taken = Take(N);
    std::copy(taken.begin(), taken.end(), out.begin());
  }

 private:
  ByteView rest_;
};

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_VAULT_CURSOR_H_
