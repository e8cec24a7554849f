#include "client/vault/cursor.h"

namespace renkei::client {

void AppendNumber(Bytes& out, std::uint64_t value, std::size_t size) {
  for (std::size_t i = size; i > 0; --i) {
    out.push_back(static_cast<std::uint8_t>(value >> (8 * (i - 1))));
  }
}

ByteView Cursor::Take(std::size_t size) {
  RENKEI_CHECK(size <= rest_.size());
  const ByteView taken = rest_.first(size);
  rest_ = rest_.subspan(size);
  return taken;
}

std::uint64_t Cursor::Number(std::size_t size) {
  std::uint64_t value = 0;
  for (const std::uint8_t byte : Take(size)) {
    value = (value << 8U) | byte;
  }
  return value;
}

}  // namespace renkei::client
