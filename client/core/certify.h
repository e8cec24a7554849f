// Making a person's certificates with the institution's CA, for oneself (an institution's first
// person, the operator) and for others (approving). Functions on values; any thread.
#ifndef RENKEI_CLIENT_CORE_CERTIFY_H_
#define RENKEI_CLIENT_CORE_CERTIFY_H_

#include <optional>
#include <vector>

#include "client/core/identity.h"
#include "crypto/base/clock.h"
#include "crypto/base/random.h"
#include "crypto/pki/issue.h"

namespace renkei::client {

// A device's public keys, and the person's archive key where it is the person's first device.
struct DevicePublicKeys {
  DeviceId device;
  PublicKey signing{};                      // Ed25519
  PublicKey key{};                          // X25519
  PublicKey tls{};                          // Ed25519
  std::optional<PublicKey> person_archive;  // X25519, becomes version 1
};

// What a certificate is asked to be valid for; what may be had is cut from it (pki::Issuer::Clip).
// Begins an hour before `now`: clocks of two institutions differ, and a certificate must not begin
// in the other's future.
pki::Validity ValidityFrom(Millis now);

struct DeviceCertificates {
  pki::Certificate signing;
  pki::Certificate key;
  pki::Certificate tls;
  std::optional<pki::Certificate> person_archive;

  // DER of all of them, signing first.
  std::vector<Bytes> All() const;
};

// From an hour before `now` (clocks differ) for as long as the role allows. kMalformed: a name that
// a certificate cannot hold; kDenied: not an institution's CA, or one about to expire.
Result<DeviceCertificates> CertifyDevice(const pki::Issuer& issuer,
                                         const pki::PersonSubject& subject,
                                         const DevicePublicKeys& keys, Millis now, Random& random);

// The private keys of a new device and person, before anybody has certified them.
struct NewKeys {
  DeviceId device;
  SigningKey signing;
  SigningKey tls;
  SecretBytes device_key;      // 32, X25519
  SecretBytes person_archive;  // 32, X25519; empty for a person's further device

  DevicePublicKeys Public() const;
};
NewKeys GenerateKeys(bool with_archive, Random& random);

// The X25519 public key of a 32-byte private one.
Result<PublicKey> X25519Public(const SecretBytes& private_key);

// The identity that an institution's first person has after certifying themself: device
// certificates, both archive keys at version 1, and the CA. `chain`: institution CA, issuing CA.
struct FirstPerson {
  Bytes root_der;
  std::string relay_address;
  std::vector<pki::Certificate> chain;
  SigningKey institution_key;
  SecretBytes institution_archive;  // 32, X25519
  NewKeys keys;
  pki::PersonSubject subject;
};
Result<Identity> CertifyFirstPerson(FirstPerson person, Millis now, Random& random);

// The pki::Issuer of a key in the vault. kCorrupt: the vault's certificate is damaged.
Result<pki::Issuer> OpenIssuer(const IssuerKey& key);

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_CORE_CERTIFY_H_
