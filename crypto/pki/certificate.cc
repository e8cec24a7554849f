#include "crypto/pki/certificate.h"

#include <algorithm>

#include "crypto/pki/certificate_codec.h"
#include "crypto/pki/openssl_util.h"

namespace renkei::pki {

struct Certificate::Content {
  Bytes der;
  CertificateFields fields;
  Hash32 fingerprint{};
};

KeyId KeyIdOf(const PublicKey& key) {
  const Hash32 hash = Sha256(key);
  KeyId out{};
  std::copy_n(hash.begin(), out.size(), out.begin());
  return out;
}

Result<Certificate> Certificate::Parse(ByteView der) {
  if (der.size() > kMaxCertificateBytes) {
    return Error(Code::kTooLarge, "pki: certificate");
  }
  RENKEI_ASSIGN(const SignedParts parts, SplitSigned(der));
  const ErrorQueueScope errors;
  RENKEI_ASSIGN(const X509Ptr x509, DecodeX509(der));
  RENKEI_ASSIGN(CertificateFields fields, ReadFields(x509.get()));
  RENKEI_TRY(CheckFields(fields));
  if (!Equal(EncodeToBeSigned(fields), parts.to_be_signed)) {
    return Error(Code::kMalformed, "pki: not the one encoding of this role");
  }
  return Certificate(
      std::make_shared<const Content>(Content{ToBytes(der), std::move(fields), Sha256(der)}));
}

const Bytes& Certificate::der() const {
  return content_->der;
}
const CertificateFields& Certificate::fields() const {
  return content_->fields;
}
const Hash32& Certificate::fingerprint() const {
  return content_->fingerprint;
}

Profession Certificate::profession() const {
  return ProfessionFromCertificate(fields().subject.title).value_or(Profession::kNone);
}

InstitutionKind Certificate::institution_kind() const {
  return InstitutionKindFromCertificate(fields().subject.business_category)
      .value_or(InstitutionKind::kNone);
}

bool Certificate::ValidAt(Millis at) const {
  return not_before() <= at && at < not_after();
}

bool Certificate::SignedBy(const Certificate& issuer) const {
  const bool is_root = role() == CertRole::kRegionRoot;
  const KeyId claimed = is_root ? subject_key_id() : issuer_key_id();
  if (!issuer.profile().is_ca() || fields().issuer != issuer.fields().subject ||
      claimed != issuer.subject_key_id()) {
    return false;
  }
  const auto parts = SplitSigned(der());
  return parts.ok() && VerifyRaw(issuer.public_key(), parts->to_be_signed, parts->signature);
}

}  // namespace renkei::pki
