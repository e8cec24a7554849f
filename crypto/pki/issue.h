// Making certificates (crypto/pki/README.md "Roles"). Whoever calls has already decided that the
// public key belongs to whom it names; here only the role table is enforced.
#ifndef RENKEI_CRYPTO_PKI_ISSUE_H_
#define RENKEI_CRYPTO_PKI_ISSUE_H_

#include <string>

#include "crypto/base/random.h"
#include "crypto/pki/certificate.h"

namespace renkei::pki {

// From not_before on, up to but not including not_after. Both are cut to whole seconds.
struct Validity {
  Millis not_before;
  Millis not_after;
};

struct InstitutionSubject {
  InstitutionId institution;
  std::string name;  // CheckName()
  InstitutionKind kind = InstitutionKind::kNone;
};

struct PersonSubject {
  PersonId person;
  std::string name;  // CheckName()
  Profession profession = Profession::kNone;
};

// A CA certificate with its private key. Every Issue function
//   public_key  32 bytes, Ed25519 or X25519 as the role says (ProfileOf(role).key);
//   validity    within this CA's own and not longer than the role's max_lifetime: see Clip();
//   random      for the serial;
//   returns     a certificate that Certificate::Parse accepts and this CA has signed;
//   kMalformed  a name that CheckName refuses, a zero id, version 0: ask again;
//   kDenied     this CA's role may not issue that role, or the validity does not fit.
// Immutable; any thread, if `random` allows it. The key is wiped with the object.
class Issuer {
 public:
  // kDenied unless `certificate` is a CA's and `key` is its key.
  static Result<Issuer> Create(Certificate certificate, const SigningKey& key);

  const Certificate& certificate() const { return certificate_; }
  const SigningKey& key() const { return key_; }

  // `wanted` cut to what this CA may give `role`: inside its own validity, at most max_lifetime.
  Validity Clip(CertRole role, Validity wanted) const;

  // Root only.
  Result<Certificate> IssueRegionIssuing(const PublicKey& public_key, Validity validity,
                                         Random& random) const;
  // Region issuing CA only. role: kRelayTls or kRelaySigning.
  Result<Certificate> IssueInstitution(const PublicKey& public_key,
                                       const InstitutionSubject& subject, Validity validity,
                                       Random& random) const;
  Result<Certificate> IssueRelay(CertRole role, const PublicKey& public_key, Validity validity,
                                 Random& random) const;
  // Institution CA only. role: kDeviceSigning, kDeviceKey or kDeviceTls.
  Result<Certificate> IssueDevice(CertRole role, const PublicKey& public_key,
                                  const PersonSubject& subject, const DeviceId& device,
                                  Validity validity, Random& random) const;
  // Institution CA only. version: 1.., one higher at each rotation.
  Result<Certificate> IssuePersonArchive(const PublicKey& public_key, const PersonSubject& subject,
                                         std::uint32_t version, Validity validity,
                                         Random& random) const;
  Result<Certificate> IssueInstitutionArchive(const PublicKey& public_key, std::uint32_t version,
                                              Validity validity, Random& random) const;

 private:
  Issuer(Certificate certificate, SigningKey key)
      : certificate_(std::move(certificate)), key_(std::move(key)) {}
  Result<Certificate> Issue(CertificateFields fields, Validity validity, Random& random) const;

  Certificate certificate_;
  SigningKey key_;
};

// The self-signed certificate of a region. `key` is its root key, to be kept offline once it has
// signed an issuing CA. kMalformed, kDenied as above.
Result<Certificate> CreateRoot(const SigningKey& key, const RegionId& region,
                               const std::string& name, Validity validity, Random& random);

}  // namespace renkei::pki

#endif  // RENKEI_CRYPTO_PKI_ISSUE_H_
