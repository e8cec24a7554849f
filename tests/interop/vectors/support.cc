#include <algorithm>
#include <stdexcept>
#include <utility>

#include "tests/interop/vectors/vectors.h"

namespace renkei::interop {

Bytes Hex(const Json& object, const char* field) {
  return HexText(object.at(field));
}

Bytes HexText(const Json& text) {
  auto bytes = FromHex(text.get<std::string>());
  if (!bytes.ok()) {
    throw std::invalid_argument("not hexadecimal");
  }
  return std::move(bytes).value();
}

SigningKey HexSigningKey(const Json& object, const char* field) {
  const Bytes bytes = Hex(object, field);
  const bool with_public = bytes.size() == 2 * kSeedBytes;
  auto key = SigningKey::FromSeed(with_public ? ByteView(bytes).first(kSeedBytes) : bytes);
  if (!key.ok()) {
    throw std::invalid_argument("not a signing key");
  }
  return std::move(key).value();
}

SecretBytes HexSecret(const Json& object, const char* field) {
  return SecretBytes::CopyOf(Hex(object, field));
}

bool Same(ByteView a, ByteView b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

bool Same(const SecretBytes& a, ByteView b) {
  return Same(a.Expose(), b);
}

Random& TestRandom() {
  static SeededRandom random(20240701);
  return random;
}

}  // namespace renkei::interop
