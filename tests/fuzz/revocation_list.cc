// Revocation lists: the input as a whole, and the input as the signed part of one.
#include "crypto/pki/openssl_util.h"
#include "crypto/pki/revocation.h"
#include "tests/fuzz/fuzz.h"

namespace {

using renkei::ByteView;
namespace pki = renkei::pki;

void Check(ByteView der) {
  const auto list = pki::RevocationList::Parse(der);
  if (list.ok()) {
    RENKEI_CHECK(renkei::Equal(list->der(), der));
    RENKEI_CHECK(list->fields().revoked.size() <= pki::kMaxRevocations);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  Check(input);
  if (size <= pki::kMaxRevocationListBytes) {
    Check(pki::WrapSigned(input, renkei::Signature{}));
  }
  return 0;
}
