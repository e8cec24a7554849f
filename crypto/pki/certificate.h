// One X.509 certificate of ours. Parsing is strict: what was read is built again from the role
// table, and the bytes must be the same, so that nothing is inside that this class does not show
// (no other extension, order, encoding or algorithm). That the right issuer signed it is chain.h.
#ifndef RENKEI_CRYPTO_PKI_CERTIFICATE_H_
#define RENKEI_CRYPTO_PKI_CERTIFICATE_H_

#include <memory>
#include <string>
#include <vector>

#include "crypto/base/hash.h"
#include "crypto/base/sign.h"
#include "crypto/pki/names.h"
#include "crypto/pki/profession.h"
#include "crypto/pki/role.h"

namespace renkei::pki {

inline constexpr std::size_t kMaxCertificateBytes = 4096;
inline constexpr std::size_t kSerialBytes = 20;
inline constexpr std::size_t kKeyIdBytes = 20;
// 20 bytes, first byte 0x40..0x7F, the rest random.
using Serial = ByteArray<kSerialBytes>;
// The first 20 bytes of the SHA-256 of the public key (RFC 7093 §2 method 1).
using KeyId = ByteArray<kKeyIdBytes>;

KeyId KeyIdOf(const PublicKey& key);

// An X.500 name of ours. Empty parts are absent.
struct DistinguishedName {
  std::string common_name;        // person, institution or region
  std::string organization;       // institution or region
  std::string title;              // profession, certificate spelling
  std::string business_category;  // kind of institution, certificate spelling
  std::string dn_qualifier;       // CAs: their key id in hexadecimal, so that no two share a name

  friend bool operator==(const DistinguishedName&, const DistinguishedName&) = default;
};

struct CertificateFields {
  CertRole role = CertRole::kRegionRoot;
  Serial serial{};
  DistinguishedName issuer;
  DistinguishedName subject;
  SubjectIds ids;
  PublicKey public_key{};  // Ed25519 or X25519, as the role's table row says
  KeyId issuer_key_id{};   // zero in a root
  Millis not_before;       // whole seconds, UTC
  Millis not_after;        // the first moment at which it is not valid any more

  friend bool operator==(const CertificateFields&, const CertificateFields&) = default;
};

// Immutable; copies share the content; any thread.
class Certificate {
 public:
  // der  1..kMaxCertificateBytes bytes.
  // kTooLarge, kMalformed: drop it. Nothing about its signature is known afterwards.
  static Result<Certificate> Parse(ByteView der);

  const Bytes& der() const;
  const CertificateFields& fields() const;
  // SHA-256 of der().
  const Hash32& fingerprint() const;

  CertRole role() const { return fields().role; }
  const RoleProfile& profile() const { return ProfileOf(role()); }
  const PublicKey& public_key() const { return fields().public_key; }
  KeyType key_type() const { return profile().key; }
  const Serial& serial() const { return fields().serial; }
  const SubjectIds& ids() const { return fields().ids; }
  Millis not_before() const { return fields().not_before; }
  Millis not_after() const { return fields().not_after; }
  // The person's name; the institution's or region's where there is no person.
  const std::string& name() const { return fields().subject.common_name; }
  // The institution's name as this certificate says it (chain.h compares it with the CA's).
  const std::string& organization() const { return fields().subject.organization; }
  // kNone unless a person's.
  Profession profession() const;
  // kNone unless an institution's CA.
  InstitutionKind institution_kind() const;
  KeyId subject_key_id() const { return KeyIdOf(public_key()); }
  const KeyId& issuer_key_id() const { return fields().issuer_key_id; }

  // not_before <= at < not_after, in whole seconds.
  bool ValidAt(Millis at) const;
  // True if `issuer` has the name, key id and key that this certificate claims, and its key signed
  // it. Looks neither at time nor at roles.
  bool SignedBy(const Certificate& issuer) const;

  friend bool operator==(const Certificate& a, const Certificate& b) { return a.der() == b.der(); }

 private:
  struct Content;
  explicit Certificate(std::shared_ptr<const Content> content) : content_(std::move(content)) {}

  std::shared_ptr<const Content> content_;
};

}  // namespace renkei::pki

#endif  // RENKEI_CRYPTO_PKI_CERTIFICATE_H_
