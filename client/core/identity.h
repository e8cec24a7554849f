// Who this device is: what enrolment leaves in the vault and a session starts from
// (client/core/README.md "Tables": kMeta "identity", kKeys). A value; one thread.
#ifndef RENKEI_CLIENT_CORE_IDENTITY_H_
#define RENKEI_CLIENT_CORE_IDENTITY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "client/core/relay.h"
#include "client/core/vault.h"
#include "crypto/base/sign.h"

namespace renkei::client {

// One version of a person's or an institution's archive key.
struct ArchiveKey {
  std::uint32_t version = 0;  // 1..
  Bytes certificate;          // DER; its SHA-256 is the key id on cards
  SecretBytes private_key;    // 32, X25519
};

// A key that signs certificates.
struct IssuerKey {
  SigningKey key;
  std::vector<Bytes> chain;  // DER: its own CA certificate first, the root left out unless it is it
};

struct Identity {
  RegionId region{};
  Bytes root_der{};
  std::string relay_address{};  // host:port

  InstitutionId institution{};
  PersonId person{};
  DeviceId device{};

  Bytes signing_certificate{};  // DER; MLS credential leaf, record signatures
  Bytes device_certificate{};   // DER; X25519, archive keys are sealed to it
  Bytes tls_certificate{};      // DER
  std::vector<Bytes> chain{};   // DER: institution CA, issuing CA; the root left out

  SigningKey signing_key;
  SigningKey tls_key;
  SecretBytes device_key{};  // 32, X25519

  std::vector<ArchiveKey> person_archive_keys{};       // all versions, ascending, at least one
  std::vector<ArchiveKey> institution_archive_keys{};  // administrators; ascending, may be empty

  std::optional<IssuerKey> institution_issuer{};  // the institution's administrator
  std::optional<IssuerKey> region_issuer{};       // the operator: the issuing CA
  std::optional<SigningKey> region_root{};        // the operator: root_der's key
};

// kNotFound: the vault has no identity (not joined yet). kCorrupt: it has one that is damaged or
// incomplete. kUnavailable as the vault. Secrets are copied once into the result.
Result<Identity> LoadIdentity(Vault& vault);

// Writes the whole identity over whatever was there, in the caller's transaction if one is open
// (else call it inside one: several rows change). Errors as Vault::Put.
Status SaveIdentity(Vault& vault, const Identity& identity);

// How this device reaches its relay: TLS chain (leaf, then `chain`) and key as PEM. kCorrupt: the
// stored certificates are not certificates.
Result<RelayEndpoint> EndpointOf(const Identity& identity);

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_CORE_IDENTITY_H_
