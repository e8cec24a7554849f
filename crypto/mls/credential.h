// Credentials (RFC 9420 §5.3): who a member says it is. Whether that is believed is decided
// outside MLS. Values; any thread.
#ifndef RENKEI_CRYPTO_MLS_CREDENTIAL_H_
#define RENKEI_CRYPTO_MLS_CREDENTIAL_H_

#include <variant>
#include <vector>

#include "crypto/mls/types.h"

namespace renkei::mls {

struct BasicCredential {
  Bytes identity;
  friend bool operator==(const BasicCredential&, const BasicCredential&) = default;
};

struct X509Credential {
  std::vector<Bytes> certificates;  // DER, the member's own first, each signed by the next
  friend bool operator==(const X509Credential&, const X509Credential&) = default;
};

struct Credential {
  std::variant<BasicCredential, X509Credential> value;

  CredentialType type() const;
  friend bool operator==(const Credential&, const Credential&) = default;
};

// An unknown type has no known length and must not be sent (RFC 9420 §13.5): kUnsupported.
// More than kMaxCertificates: kTooLarge.
void Encode(wire::Writer& out, const Credential& value);
Status Decode(wire::Reader& in, Credential& value);

}  // namespace renkei::mls

#endif  // RENKEI_CRYPTO_MLS_CREDENTIAL_H_
