// PEM, as gRPC's credentials want it (RFC 7468). Functions; any thread.
#ifndef RENKEI_CRYPTO_PKI_PEM_H_
#define RENKEI_CRYPTO_PKI_PEM_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/pki/certificate.h"

namespace renkei::pki {

inline constexpr std::size_t kMaxPemCertificates = 4;
inline constexpr std::size_t kMaxPemBytes = std::size_t{32} * 1024;

// One block after the other, in the given order (leaf first for a TLS chain).
std::string ToPem(std::span<const Certificate> certificates);
std::string ToPem(const Certificate& certificate);

// 1..kMaxPemCertificates blocks. kTooLarge over the limits; kMalformed for anything else than
// CERTIFICATE blocks with certificates that Certificate::Parse accepts.
Result<std::vector<Certificate>> CertificatesFromPem(std::string_view pem);

// The Ed25519 private key as PKCS#8 (RFC 8410 §7), for a TLS library. Secret.
SecretBytes PrivateKeyPem(const SigningKey& key);
// Whether `pem` (secret) is what PrivateKeyPem writes for the key of this certificate.
bool IsPrivateKeyPemOf(ByteView pem, const Certificate& certificate);

}  // namespace renkei::pki

#endif  // RENKEI_CRYPTO_PKI_PEM_H_
