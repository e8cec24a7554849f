#include "crypto/pki/issue.h"

#include <algorithm>

#include "crypto/pki/certificate_codec.h"
#include "crypto/pki/openssl_util.h"

namespace renkei::pki {
namespace {

Serial NewSerial(Random& random) {
  auto out = random.NextArray<kSerialBytes>();
  out[0] = static_cast<std::uint8_t>((out[0] & 0x3FU) | 0x40U);
  return out;
}

Result<Certificate> Sign(const CertificateFields& fields, const SigningKey& key) {
  RENKEI_TRY(CheckFields(fields));
  const ErrorQueueScope errors;
  const Bytes to_be_signed = EncodeToBeSigned(fields);
  return Certificate::Parse(WrapSigned(to_be_signed, SignRaw(key, to_be_signed)));
}

bool Fits(const RoleProfile& profile, Validity validity) {
  return TimeInRange(validity.not_before) && TimeInRange(validity.not_after) &&
         validity.not_before < validity.not_after &&
         validity.not_after - validity.not_before <= profile.max_lifetime;
}

Validity InWholeSeconds(Validity validity) {
  return {WholeSeconds(validity.not_before), WholeSeconds(validity.not_after)};
}

Error WrongRole() {
  return Error(Code::kDenied, "pki: this issuer may not issue that role");
}

Error WrongValidity() {
  return Error(Code::kDenied, "pki: validity is outside what the role or the issuer allows");
}

CertificateFields NewFields(CertRole role, const PublicKey& public_key) {
  CertificateFields out;
  out.role = role;
  out.public_key = public_key;
  return out;
}

CertificateFields NewPersonFields(CertRole role, const PublicKey& public_key,
                                  const PersonSubject& subject, const Certificate& issuer) {
  CertificateFields out = NewFields(role, public_key);
  out.ids.institution = issuer.ids().institution;
  out.ids.person = subject.person;
  out.subject.common_name = subject.name;
  out.subject.organization = issuer.name();
  out.subject.title = std::string(NamesOf(subject.profession).certificate);
  return out;
}

// For those that have no name of their own: the issuer's.
CertificateFields NewFieldsOf(CertRole role, const PublicKey& public_key,
                              const Certificate& issuer) {
  CertificateFields out = NewFields(role, public_key);
  out.ids.region = issuer.ids().region;
  out.ids.institution = issuer.ids().institution;
  out.subject.common_name = issuer.name();
  out.subject.organization = issuer.name();
  return out;
}

}  // namespace

Result<Issuer> Issuer::Create(Certificate certificate, const SigningKey& key) {
  if (!certificate.profile().is_ca() || certificate.public_key() != key.public_key()) {
    return Error(Code::kDenied, "pki: not a CA certificate and its key");
  }
  return Issuer(std::move(certificate), key.Clone());
}

Validity Issuer::Clip(CertRole role, Validity wanted) const {
  wanted = InWholeSeconds(wanted);
  wanted.not_before =
      std::clamp(wanted.not_before, certificate_.not_before(), certificate_.not_after());
  wanted.not_after = std::min({wanted.not_after, certificate_.not_after(),
                               wanted.not_before + ProfileOf(role).max_lifetime});
  return wanted;
}

Result<Certificate> Issuer::Issue(CertificateFields fields, Validity validity,
                                  Random& random) const {
  const RoleProfile& profile = ProfileOf(fields.role);
  if (profile.issuer != certificate_.role() || fields.role == CertRole::kRegionRoot) {
    return WrongRole();
  }
  validity = InWholeSeconds(validity);
  if (!Fits(profile, validity) || validity.not_before < certificate_.not_before() ||
      validity.not_after > certificate_.not_after()) {
    return WrongValidity();
  }
  if (profile.is_ca()) {
    fields.subject.dn_qualifier = ToHex(KeyIdOf(fields.public_key));
  }
  fields.serial = NewSerial(random);
  fields.issuer = certificate_.fields().subject;
  fields.issuer_key_id = certificate_.subject_key_id();
  fields.not_before = validity.not_before;
  fields.not_after = validity.not_after;
  return Sign(fields, key_);
}

Result<Certificate> Issuer::IssueRegionIssuing(const PublicKey& public_key, Validity validity,
                                               Random& random) const {
  return Issue(NewFieldsOf(CertRole::kRegionIssuing, public_key, certificate_), validity, random);
}

Result<Certificate> Issuer::IssueInstitution(const PublicKey& public_key,
                                             const InstitutionSubject& subject, Validity validity,
                                             Random& random) const {
  CertificateFields fields = NewFields(CertRole::kInstitution, public_key);
  fields.ids.institution = subject.institution;
  fields.subject.common_name = subject.name;
  fields.subject.organization = subject.name;
  fields.subject.business_category = std::string(NamesOf(subject.kind).certificate);
  return Issue(std::move(fields), validity, random);
}

Result<Certificate> Issuer::IssueRelay(CertRole role, const PublicKey& public_key,
                                       Validity validity, Random& random) const {
  if (ProfileOf(role).uri != UriForm::kRelay) {
    return WrongRole();
  }
  return Issue(NewFieldsOf(role, public_key, certificate_), validity, random);
}

Result<Certificate> Issuer::IssueDevice(CertRole role, const PublicKey& public_key,
                                        const PersonSubject& subject, const DeviceId& device,
                                        Validity validity, Random& random) const {
  if (ProfileOf(role).uri != UriForm::kDevice) {
    return WrongRole();
  }
  CertificateFields fields = NewPersonFields(role, public_key, subject, certificate_);
  fields.ids.device = device;
  return Issue(std::move(fields), validity, random);
}

Result<Certificate> Issuer::IssuePersonArchive(const PublicKey& public_key,
                                               const PersonSubject& subject, std::uint32_t version,
                                               Validity validity, Random& random) const {
  CertificateFields fields =
      NewPersonFields(CertRole::kPersonArchive, public_key, subject, certificate_);
  fields.ids.archive_version = version;
  return Issue(std::move(fields), validity, random);
}

Result<Certificate> Issuer::IssueInstitutionArchive(const PublicKey& public_key,
                                                    std::uint32_t version, Validity validity,
                                                    Random& random) const {
  CertificateFields fields = NewFieldsOf(CertRole::kInstitutionArchive, public_key, certificate_);
  fields.ids.archive_version = version;
  return Issue(std::move(fields), validity, random);
}

Result<Certificate> CreateRoot(const SigningKey& key, const RegionId& region,
                               const std::string& name, Validity validity, Random& random) {
  validity = InWholeSeconds(validity);
  if (!Fits(ProfileOf(CertRole::kRegionRoot), validity)) {
    return WrongValidity();
  }
  CertificateFields fields = NewFields(CertRole::kRegionRoot, key.public_key());
  fields.ids.region = region;
  fields.subject.common_name = name;
  fields.subject.organization = name;
  fields.subject.dn_qualifier = ToHex(KeyIdOf(key.public_key()));
  fields.issuer = fields.subject;
  fields.serial = NewSerial(random);
  fields.not_before = validity.not_before;
  fields.not_after = validity.not_after;
  return Sign(fields, key);
}

}  // namespace renkei::pki
