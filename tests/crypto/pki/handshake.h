// A TLS handshake in memory, with the checks that gRPC leaves to OpenSSL: both chains against the
// region's root, purposes, and the relay's name. OpenSSL knows nothing of our roles here.
#ifndef RENKEI_TESTS_CRYPTO_PKI_HANDSHAKE_H_
#define RENKEI_TESTS_CRYPTO_PKI_HANDSHAKE_H_

#include <string>
#include <vector>

#include "crypto/base/clock.h"
#include "crypto/base/sign.h"

namespace renkei::test {

struct TlsParty {
  std::vector<Bytes> chain;  // DER, leaf first, without the root; none for no certificate
  SigningKey key;
};

struct TlsOutcome {
  bool client_accepts = false;  // the relay's certificate
  bool server_accepts = false;  // the device's
  std::string version;          // "TLSv1.3", where both accept
  Bytes client_saw;             // DER of the other's leaf
  Bytes server_saw;
};

struct TlsSetting {
  Bytes client_root;  // DER
  Bytes server_root;
  std::string relay_name;
  Millis now;
  bool only_tls12 = false;  // what the client offers
};

TlsOutcome Handshake(const TlsParty& client, const TlsParty& server, const TlsSetting& setting);

}  // namespace renkei::test

#endif  // RENKEI_TESTS_CRYPTO_PKI_HANDSHAKE_H_
