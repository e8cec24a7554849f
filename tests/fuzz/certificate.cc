// Certificates: the input as a whole, and the input as the signed part of one, so that a mutation
// need not hit the outer lengths.
#include "crypto/pki/certificate.h"

#include "crypto/pki/certificate_codec.h"
#include "crypto/pki/chain.h"
#include "tests/fuzz/fuzz.h"

namespace {

using renkei::Bytes;
using renkei::ByteView;
namespace pki = renkei::pki;

void Check(ByteView der) {
  const auto certificate = pki::Certificate::Parse(der);
  if (!certificate.ok()) {
    return;
  }
  RENKEI_CHECK(renkei::Equal(certificate->der(), der));
  RENKEI_CHECK(pki::CheckFields(certificate->fields()).ok());
  const auto parts = pki::SplitSigned(der);
  const Bytes again = pki::EncodeToBeSigned(certificate->fields());
  RENKEI_CHECK(parts.ok() && renkei::Equal(again, parts->to_be_signed));
  // No input is signed by itself except a true root, which nobody makes by chance.
  (void)pki::ChainVerifier::Create(*certificate).ok();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  Check(input);
  if (size <= pki::kMaxCertificateBytes) {
    Check(pki::WrapSigned(input, renkei::Signature{}));
  }
  return 0;
}
