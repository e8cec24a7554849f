#include "crypto/thread/link.h"

#include <algorithm>

#include "crypto/thread/encoding.h"
#include "tests/fuzz/fuzz.h"

// What parses is written again as the same bytes; nobody's signature is found by accident.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace renkei;
  const ByteView input(data, size);
  const auto link = thread::ParseSignedLink(input);
  if (!link.ok()) {
    return 0;
  }
  const Bytes again = thread::Encode([&](thread::FieldWriter& out) {
    out.Blob(1, link->link_bytes);
    out.Blob(2, link->signature);
    out.Blob(3, link->linking_certificate);
  });
  RENKEI_CHECK(std::equal(again.begin(), again.end(), input.begin(), input.end()));
  thread::Signer nobody;
  nobody.certificate_hash = Sha256(link->linking_certificate);
  RENKEI_CHECK(!thread::VerifyLink(*link, nobody).ok());
  return 0;
}
