// CertificateFields to and from DER, by OpenSSL. Private to crypto/pki. Functions; any thread.
#ifndef RENKEI_CRYPTO_PKI_CERTIFICATE_CODEC_H_
#define RENKEI_CRYPTO_PKI_CERTIFICATE_CODEC_H_

#include "crypto/pki/certificate.h"
#include "crypto/pki/openssl_util.h"

namespace renkei::pki {

// Whether the role's table row, and what must agree with what, allow these values. kMalformed.
Status CheckFields(const CertificateFields& fields);

// TBSCertificate of checked fields; the one encoding that Parse accepts.
Bytes EncodeToBeSigned(const CertificateFields& fields);

// Picks the values out of a decoded certificate and looks at nothing else: the caller checks them
// and compares EncodeToBeSigned() with what was read. kMalformed.
Result<CertificateFields> ReadFields(const x509_st* x509);

}  // namespace renkei::pki

#endif  // RENKEI_CRYPTO_PKI_CERTIFICATE_CODEC_H_
