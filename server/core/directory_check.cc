#include "server/core/directory_check.h"

#include "crypto/pki/certificate.h"
#include "crypto/pki/revocation.h"

namespace renkei::server {

const char* CheckDirectoryItem(ReadTransaction& transaction, const DirectoryItem& item) {
  if (item.is_revocation_list) {
    return pki::RevocationList::Parse(item.der).ok() ? nullptr
                                                     : "the revocation list cannot be read";
  }
  const auto certificate = pki::Certificate::Parse(item.der);
  if (!certificate.ok()) {
    return "the certificate cannot be read";
  }
  const auto row = transaction.FindCertificate(certificate->fingerprint());
  if (!row.ok() || !*row || (*row)->der != item.der) {
    return "the certificate is not found by its fingerprint";
  }
  return nullptr;
}

}  // namespace renkei::server
