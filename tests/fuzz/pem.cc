// PEM text, as gRPC hands over a peer's chain: what is read and written again reads the same.
#include "crypto/pki/pem.h"

#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace pki = renkei::pki;
  const auto read = pki::CertificatesFromPem(renkei::AsText({data, size}));
  if (read.ok()) {
    const auto again = pki::CertificatesFromPem(pki::ToPem(*read));
    RENKEI_CHECK(again.ok() && *again == *read);
  }
  return 0;
}
