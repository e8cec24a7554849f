#include "client/core/certify.h"

#include "crypto/mls/hpke.h"

namespace renkei::client {
namespace {

constexpr Millis kClockSkew = Hours(1);
constexpr Millis kForever = Days(36500);

pki::Validity Longest(const pki::Issuer& issuer, pki::CertRole role, Millis now) {
  return issuer.Clip(role, ValidityFrom(now));
}

Result<pki::Certificate> IssueDevice(const pki::Issuer& issuer, pki::CertRole role,
                                     const PublicKey& key, const pki::PersonSubject& subject,
                                     const DeviceId& device, Millis now, Random& random) {
  return issuer.IssueDevice(role, key, subject, device, Longest(issuer, role, now), random);
}

}  // namespace

pki::Validity ValidityFrom(Millis now) {
  return {now - kClockSkew, now + kForever};
}

std::vector<Bytes> DeviceCertificates::All() const {
  std::vector<Bytes> out = {signing.der(), key.der(), tls.der()};
  if (person_archive.has_value()) {
    out.push_back(person_archive->der());
  }
  return out;
}

Result<DeviceCertificates> CertifyDevice(const pki::Issuer& issuer,
                                         const pki::PersonSubject& subject,
                                         const DevicePublicKeys& keys, Millis now, Random& random) {
  RENKEI_ASSIGN(pki::Certificate signing,
                IssueDevice(issuer, pki::CertRole::kDeviceSigning, keys.signing, subject,
                            keys.device, now, random));
  RENKEI_ASSIGN(pki::Certificate key, IssueDevice(issuer, pki::CertRole::kDeviceKey, keys.key,
                                                  subject, keys.device, now, random));
  RENKEI_ASSIGN(pki::Certificate tls, IssueDevice(issuer, pki::CertRole::kDeviceTls, keys.tls,
                                                  subject, keys.device, now, random));
  DeviceCertificates out{std::move(signing), std::move(key), std::move(tls), std::nullopt};
  if (keys.person_archive.has_value()) {
    RENKEI_ASSIGN(
        out.person_archive,
        issuer.IssuePersonArchive(*keys.person_archive, subject, 1,
                                  Longest(issuer, pki::CertRole::kPersonArchive, now), random));
  }
  return out;
}

DevicePublicKeys NewKeys::Public() const {
  DevicePublicKeys out;
  out.device = device;
  out.signing = signing.public_key();
  out.key = X25519Public(device_key).value();
  out.tls = tls.public_key();
  if (!person_archive.empty()) {
    out.person_archive = X25519Public(person_archive).value();
  }
  return out;
}

NewKeys GenerateKeys(bool with_archive, Random& random) {
  NewKeys out{DeviceId::Generate(random), SigningKey::Generate(random),
              SigningKey::Generate(random),
              mls::HpkeKeyPair::Generate(random).private_key().Clone(), SecretBytes()};
  if (with_archive) {
    out.person_archive = mls::HpkeKeyPair::Generate(random).private_key().Clone();
  }
  return out;
}

Result<PublicKey> X25519Public(const SecretBytes& private_key) {
  RENKEI_ASSIGN(const mls::HpkeKeyPair pair, mls::HpkeKeyPair::FromPrivate(private_key.Expose()));
  return pair.public_key();
}

Result<Identity> CertifyFirstPerson(FirstPerson person, Millis now, Random& random) {
  RENKEI_ASSIGN(const pki::Issuer issuer,
                pki::Issuer::Create(person.chain.front(), person.institution_key));
  RENKEI_ASSIGN(DeviceCertificates certificates,
                CertifyDevice(issuer, person.subject, person.keys.Public(), now, random));
  RENKEI_ASSIGN(const PublicKey archive_key, X25519Public(person.institution_archive));
  RENKEI_ASSIGN(
      const pki::Certificate archive,
      issuer.IssueInstitutionArchive(
          archive_key, 1, Longest(issuer, pki::CertRole::kInstitutionArchive, now), random));
  Identity out{.signing_key = std::move(person.keys.signing),
               .tls_key = std::move(person.keys.tls)};
  out.region = person.chain.back().ids().region;
  out.root_der = std::move(person.root_der);
  out.relay_address = std::move(person.relay_address);
  out.institution = issuer.certificate().ids().institution;
  out.person = person.subject.person;
  out.device = person.keys.device;
  out.signing_certificate = certificates.signing.der();
  out.device_certificate = certificates.key.der();
  out.tls_certificate = certificates.tls.der();
  for (const pki::Certificate& certificate : person.chain) {
    out.chain.push_back(certificate.der());
  }
  out.device_key = std::move(person.keys.device_key);
  out.person_archive_keys.push_back(
      {1, certificates.person_archive->der(), std::move(person.keys.person_archive)});
  out.institution_archive_keys.push_back({1, archive.der(), std::move(person.institution_archive)});
  out.institution_issuer = IssuerKey{std::move(person.institution_key), out.chain};
  return out;
}

Result<pki::Issuer> OpenIssuer(const IssuerKey& key) {
  if (key.chain.empty()) {
    return Error(Code::kCorrupt, "vault: an issuer without certificate");
  }
  const auto certificate = pki::Certificate::Parse(key.chain.front());
  if (!certificate.ok()) {
    return Error(Code::kCorrupt, "vault: damaged certificate");
  }
  return pki::Issuer::Create(*certificate, key.key);
}

}  // namespace renkei::client
