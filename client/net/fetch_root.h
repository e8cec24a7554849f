// Learns a region's root certificate from the relay itself, before anything is trusted: takes the
// chain that the relay sends and keeps only the certificate whose fingerprint the invitation names.
#ifndef RENKEI_CLIENT_NET_FETCH_ROOT_H_
#define RENKEI_CLIENT_NET_FETCH_ROOT_H_

#include <string>

#include "crypto/base/bytes.h"
#include "crypto/base/hash.h"
#include "crypto/base/result.h"

namespace renkei::client {

// `address` host:port. Returns the DER whose SHA-256 is `fingerprint`. Blocks at most 10 s for each
// step. kMalformed: not an address; kUnavailable: nobody answers there in TLS 1.3;
// kAuthFailed: somebody answers without that certificate: another region, or an impostor.
Result<Bytes> FetchRootCertificate(const std::string& address, const Hash32& fingerprint);

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_NET_FETCH_ROOT_H_
