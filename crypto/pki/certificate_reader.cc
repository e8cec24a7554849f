#include <openssl/x509v3.h>

#include "crypto/pki/certificate_codec.h"

namespace renkei::pki {
namespace {

// The extension decoded, or null if it is absent, twice there, or not decodable.
template <typename T, auto FreeFunction>
Owned<T, FreeFunction> ReadExtension(const X509* x509, int nid) {
  return Owned<T, FreeFunction>(static_cast<T*>(X509_get_ext_d2i(x509, nid, nullptr, nullptr)));
}

Result<CertRole> ReadRole(const X509* x509) {
  const auto policies =
      ReadExtension<CERTIFICATEPOLICIES, CERTIFICATEPOLICIES_free>(x509, NID_certificate_policies);
  if (policies && sk_POLICYINFO_num(policies.get()) == 1) {
    const auto role = RoleFromOid(OidText(sk_POLICYINFO_value(policies.get(), 0)->policyid));
    if (role.has_value()) {
      return *role;
    }
  }
  return Error(Code::kMalformed, "pki: no role of ours");
}

Result<SubjectIds> ReadIds(const X509* x509, UriForm form) {
  const auto names = ReadExtension<GENERAL_NAMES, GENERAL_NAMES_free>(x509, NID_subject_alt_name);
  if (names && sk_GENERAL_NAME_num(names.get()) > 0) {
    const GENERAL_NAME* first = sk_GENERAL_NAME_value(names.get(), 0);
    if (first->type == GEN_URI) {
      return ParseUri(form, AsText(StringBytes(first->d.uniformResourceIdentifier)));
    }
  }
  return Error(Code::kMalformed, "pki: no URI");
}

Result<KeyId> ReadIssuerKeyId(const X509* x509) {
  const auto id =
      ReadExtension<AUTHORITY_KEYID, AUTHORITY_KEYID_free>(x509, NID_authority_key_identifier);
  if (!id || id->keyid == nullptr) {
    return Error(Code::kMalformed, "pki: no issuer key id");
  }
  return ToArray<kKeyIdBytes>(StringBytes(id->keyid));
}

Result<PublicKey> ReadPublicKey(const X509* x509) {
  const std::uint8_t* key = nullptr;
  int length = 0;
  if (X509_PUBKEY_get0_param(nullptr, &key, &length, nullptr, X509_get_X509_PUBKEY(x509)) != 1 ||
      key == nullptr || length < 0) {
    return Error(Code::kMalformed, "pki: public key");
  }
  return ToArray<kPublicKeyBytes>({key, static_cast<std::size_t>(length)});
}

}  // namespace

Result<CertificateFields> ReadFields(const x509_st* x509) {
  CertificateFields out;
  RENKEI_ASSIGN(out.role, ReadRole(x509));
  RENKEI_ASSIGN(out.serial, ReadSerial(X509_get0_serialNumber(x509)));
  RENKEI_ASSIGN(out.issuer, ReadName(X509_get_issuer_name(x509)));
  RENKEI_ASSIGN(out.subject, ReadName(X509_get_subject_name(x509)));
  RENKEI_ASSIGN(out.ids, ReadIds(x509, ProfileOf(out.role).uri));
  RENKEI_ASSIGN(out.public_key, ReadPublicKey(x509));
  RENKEI_ASSIGN(out.not_before, ReadTime(X509_get0_notBefore(x509)));
  RENKEI_ASSIGN(out.not_after, ReadTime(X509_get0_notAfter(x509)));
  if (out.role != CertRole::kRegionRoot) {
    RENKEI_ASSIGN(out.issuer_key_id, ReadIssuerKeyId(x509));
  }
  return out;
}

}  // namespace renkei::pki
