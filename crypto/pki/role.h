// What each kind of certificate is for, and what it may contain: one table, read both when a
// certificate is issued and when one is parsed (crypto/pki/README.md "Roles"). Constants; any
// thread.
#ifndef RENKEI_CRYPTO_PKI_ROLE_H_
#define RENKEI_CRYPTO_PKI_ROLE_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "crypto/base/clock.h"

namespace renkei::pki {

// The numbers are the last arc of the role's policy OID: never reuse one.
enum class CertRole : std::uint8_t {
  kRegionRoot = 1,
  kRegionIssuing = 2,
  kInstitution = 3,
  kDeviceSigning = 4,
  kDeviceKey = 5,
  kDeviceTls = 6,
  kPersonArchive = 7,
  kInstitutionArchive = 8,
  kRelayTls = 9,
  kRelaySigning = 10,
  // 11 is kept for the wake certificate: a locked device's, whose stream says "urgent" and no more.
};

enum class KeyType : std::uint8_t { kEd25519, kX25519 };

// KeyUsage bits as X.509 numbers them (RFC 5280 §4.2.1.3); a CA has both last ones.
enum class KeyUse : std::uint8_t { kDigitalSignature, kKeyAgreement, kCertAndCrlSign };

// Extended key usage. TLS libraries look at it in CAs too, so an institution's CA, which has no
// server use, can never stand behind a certificate that passes for the relay's.
enum class ExtendedUse : std::uint8_t {
  kNone,         // region CAs
  kApplication,  // our own OID only: TLS refuses the certificate
  kTlsClient,
  kTlsServer,
  kInstitutionCa,  // kTlsClient and kApplication
};

// The OID of ExtendedUse::kApplication, dotted.
inline constexpr std::string_view kApplicationUseOid =
    "2.25.65633550142358869154825329332928003072.2";

// Which URI stands in the subject's alternative name (names.h).
enum class UriForm : std::uint8_t {
  kRegion,              // renkei://region/<region>
  kRelay,               // renkei://region/<region>/relay
  kInstitution,         // renkei://<institution>
  kInstitutionArchive,  // renkei://<institution>/archive/<version>
  kPersonArchive,       // renkei://<institution>/<person>/archive/<version>
  kDevice,              // renkei://<institution>/<person>/<device>
};

struct RoleProfile {
  CertRole role;
  std::string_view name;  // "device signing", for logs and screens
  std::string_view oid;   // the role's policy OID, dotted
  CertRole issuer;        // the only role that may issue it (itself for the root)
  KeyType key;
  KeyUse use;
  ExtendedUse extended;
  UriForm uri;
  int path_length;        // CAs: 0..2; leaves: -1
  bool has_dns;           // relay.<region>.renkei.internal beside the URI
  bool names_profession;  // a title: certificates of a person
  Millis max_lifetime;    // not_after - not_before at most

  bool is_ca() const { return path_length >= 0; }
};

// The table, in the order of the enum.
std::span<const RoleProfile> AllRoles();
const RoleProfile& ProfileOf(CertRole role);
// The role whose policy OID is `oid` (dotted), if any.
std::optional<CertRole> RoleFromOid(std::string_view oid);

}  // namespace renkei::pki

#endif  // RENKEI_CRYPTO_PKI_ROLE_H_
