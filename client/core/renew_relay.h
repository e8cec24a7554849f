// Renewing the relay's TLS certificate: the region's operator makes a new key and certificate,
// under the same issuing CA, and the relay takes them while it serves (server/README.md
// "Certificates").
#ifndef RENKEI_CLIENT_CORE_RENEW_RELAY_H_
#define RENKEI_CLIENT_CORE_RENEW_RELAY_H_

#include <vector>

#include "client/core/enrolment.h"

namespace renkei::client {

struct RenewedRelay {
  RegionId region;
  Millis not_after;
  // "tls.key.pem" (secret), then "tls.crt.pem": with the key first, a relay that looks in between
  // sees two files that do not belong together, and goes on with what it has.
  std::vector<RelayFile> files;
};

// Nothing is kept in the vault. kDenied: this vault has no issuing CA, so it is not the operator's.
// kNotFound, kCorrupt, kUnavailable as LoadIdentity; kDenied too when the CA has expired. One
// thread.
Result<RenewedRelay> RenewRelayTls(const Environment& environment);

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_CORE_RENEW_RELAY_H_
