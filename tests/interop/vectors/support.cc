#include <algorithm>

#include "tests/interop/vectors/vectors.h"

namespace renkei::interop {

Bytes Hex(const Json& object, const char* field) {
  const auto text = object.at(field).get<std::string>();
  return FromHex(text).value();
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
