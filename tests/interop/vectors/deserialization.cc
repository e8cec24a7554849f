// "Vector Deserialization": the length in front of a vector (RFC 9420 §2.1.2).
#include "crypto/wire/codec.h"
#include "tests/interop/vectors/vectors.h"

namespace renkei::interop {

Verdict RunDeserialization(const Json& test_case) {
  const Bytes header = Hex(test_case, "vlbytes_header");
  const auto expected = test_case.at("length").get<std::size_t>();
  wire::Reader in(header);
  std::size_t length = 0;
  VECTOR_EXPECT(in.Length(length).ok());
  VECTOR_EXPECT(in.AtEnd());
  VECTOR_EXPECT(length == expected);
  wire::Writer out;
  out.Length(length);
  VECTOR_EXPECT(Same(out.view(), header));
  return {};
}

}  // namespace renkei::interop
