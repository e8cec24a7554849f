// Certificates and lists that our own code would never make, for tests: a real one is taken apart
// by OpenSSL, changed, and signed again.
#ifndef RENKEI_TESTS_CRYPTO_PKI_FORGE_H_
#define RENKEI_TESTS_CRYPTO_PKI_FORGE_H_

#include <functional>
#include <string>

#include "crypto/base/sign.h"
#include "crypto/pki/certificate.h"
#include "crypto/pki/revocation.h"

struct x509_st;
struct X509_crl_st;

namespace renkei::test {

// The DER of `model` after `change`, signed by `signer` with Ed25519.
Bytes Forge(const pki::Certificate& model, const SigningKey& signer,
            const std::function<void(x509_st*)>& change);
Bytes ForgeCrl(const pki::RevocationList& model, const SigningKey& signer,
               const std::function<void(X509_crl_st*)>& change);

// Signs these bytes as TBSCertificate or TBSCertList, whatever they are.
Bytes SignBytes(ByteView to_be_signed, const SigningKey& signer);
// The TBS part of a certificate or list.
Bytes ToBeSigned(ByteView der);

// Changes for Forge(). `value` as openssl.cnf would say it, e.g. "critical,CA:TRUE".
void AddExtension(x509_st* x509, int nid, const std::string& value);
void RemoveExtension(x509_st* x509, int nid);
void ReplaceExtension(x509_st* x509, int nid, const std::string& value);
void SetCritical(x509_st* x509, int nid, bool critical);

}  // namespace renkei::test

#endif  // RENKEI_TESTS_CRYPTO_PKI_FORGE_H_
