#include "crypto/pki/certificate_codec.h"

#include <openssl/x509v3.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <ctime>

namespace renkei::pki {
namespace {

// X.509 cannot exclude every mail address in a way that OpenSSL understands, so an institution is
// permitted only those at a host that cannot exist (RFC 2606).
constexpr std::string_view kNoMailHost = "renkei.invalid";

using BasicConstraintsPtr = Owned<BASIC_CONSTRAINTS, BASIC_CONSTRAINTS_free>;
using PoliciesPtr = Owned<CERTIFICATEPOLICIES, CERTIFICATEPOLICIES_free>;
using ExtendedUsePtr = Owned<EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free>;
using NamesPtr = Owned<GENERAL_NAMES, GENERAL_NAMES_free>;
using ConstraintsPtr = Owned<NAME_CONSTRAINTS, NAME_CONSTRAINTS_free>;
using AuthorityKeyPtr = Owned<AUTHORITY_KEYID, AUTHORITY_KEYID_free>;
using StringPtr = Owned<ASN1_STRING, ASN1_STRING_free>;

ASN1_OBJECT* NewOid(std::string_view dotted) {
  ASN1_OBJECT* out = OBJ_txt2obj(std::string(dotted).c_str(), 1);
  RENKEI_CHECK(out != nullptr);
  return out;
}

void AddExtension(X509* x509, int nid, void* value, bool critical) {
  RENKEI_CHECK(X509_add1_ext_i2d(x509, nid, value, critical ? 1 : 0, X509V3_ADD_APPEND) == 1);
}

void AddBasicConstraints(X509* x509, const RoleProfile& profile) {
  if (!profile.is_ca()) {
    return;
  }
  const BasicConstraintsPtr value(BASIC_CONSTRAINTS_new());
  value->ca = 0xFF;
  value->pathlen = ASN1_INTEGER_new();
  RENKEI_CHECK(value->pathlen != nullptr &&
               ASN1_INTEGER_set(value->pathlen, profile.path_length) == 1);
  AddExtension(x509, NID_basic_constraints, value.get(), true);
}

void AddKeyUsage(X509* x509, KeyUse use) {
  constexpr int kDigitalSignatureBit = 0;
  constexpr int kKeyAgreementBit = 4;
  constexpr int kKeyCertSignBit = 5;
  constexpr int kCrlSignBit = 6;
  const StringPtr value(ASN1_BIT_STRING_new());
  const auto set = [&](int bit) {
    RENKEI_CHECK(ASN1_BIT_STRING_set_bit(value.get(), bit, 1) == 1);
  };
  switch (use) {
    case KeyUse::kDigitalSignature:
      set(kDigitalSignatureBit);
      break;
    case KeyUse::kKeyAgreement:
      set(kKeyAgreementBit);
      break;
    case KeyUse::kCertAndCrlSign:
      set(kKeyCertSignBit);
      set(kCrlSignBit);
      break;
  }
  AddExtension(x509, NID_key_usage, value.get(), true);
}

void AddExtendedUse(X509* x509, ExtendedUse use) {
  if (use == ExtendedUse::kNone) {
    return;
  }
  const ExtendedUsePtr value(EXTENDED_KEY_USAGE_new());
  const auto push = [&](ASN1_OBJECT* oid) {
    RENKEI_CHECK(sk_ASN1_OBJECT_push(value.get(), oid) > 0);
  };
  if (use == ExtendedUse::kTlsClient || use == ExtendedUse::kInstitutionCa) {
    push(OBJ_nid2obj(NID_client_auth));
  }
  if (use == ExtendedUse::kTlsServer) {
    push(OBJ_nid2obj(NID_server_auth));
  }
  if (use == ExtendedUse::kApplication || use == ExtendedUse::kInstitutionCa) {
    push(NewOid(kApplicationUseOid));
  }
  AddExtension(x509, NID_ext_key_usage, value.get(), true);
}

void AddPolicy(X509* x509, const RoleProfile& profile) {
  const PoliciesPtr value(CERTIFICATEPOLICIES_new());
  POLICYINFO* policy = POLICYINFO_new();
  RENKEI_CHECK(policy != nullptr && sk_POLICYINFO_push(value.get(), policy) > 0);
  policy->policyid = NewOid(profile.oid);
  AddExtension(x509, NID_certificate_policies, value.get(), true);
}

void AddName(GENERAL_NAMES* names, int type, std::string_view text) {
  GENERAL_NAME* name = GENERAL_NAME_new();
  RENKEI_CHECK(name != nullptr && sk_GENERAL_NAME_push(names, name) > 0);
  GENERAL_NAME_set0_value(name, type, NewString(V_ASN1_IA5STRING, AsBytes(text)));
}

void AddAlternativeNames(X509* x509, const RoleProfile& profile, const SubjectIds& ids) {
  const NamesPtr value(GENERAL_NAMES_new());
  AddName(value.get(), GEN_URI, FormatUri(profile.uri, ids));
  if (profile.has_dns) {
    AddName(value.get(), GEN_DNS, RelayDnsName(ids.region));
  }
  AddExtension(x509, NID_subject_alt_name, value.get(), false);
}

void AddSubtree(STACK_OF(GENERAL_SUBTREE) * trees, int type, int string_type, ByteView bytes) {
  GENERAL_SUBTREE* tree = GENERAL_SUBTREE_new();
  RENKEI_CHECK(tree != nullptr && sk_GENERAL_SUBTREE_push(trees, tree) > 0);
  GENERAL_NAME_set0_value(tree->base, type, NewString(string_type, bytes));
}

void AddNameConstraints(X509* x509, const RoleProfile& profile, const SubjectIds& ids) {
  if (profile.role != CertRole::kInstitution) {
    return;
  }
  constexpr std::array<std::uint8_t, 8> kAllIpv4{};
  constexpr std::array<std::uint8_t, 32> kAllIpv6{};
  const ConstraintsPtr value(NAME_CONSTRAINTS_new());
  value->permittedSubtrees = sk_GENERAL_SUBTREE_new_null();
  value->excludedSubtrees = sk_GENERAL_SUBTREE_new_null();
  RENKEI_CHECK(value->permittedSubtrees != nullptr && value->excludedSubtrees != nullptr);
  AddSubtree(value->permittedSubtrees, GEN_URI, V_ASN1_IA5STRING, AsBytes(ids.institution.Text()));
  AddSubtree(value->permittedSubtrees, GEN_EMAIL, V_ASN1_IA5STRING, AsBytes(kNoMailHost));
  AddSubtree(value->excludedSubtrees, GEN_DNS, V_ASN1_IA5STRING, {});
  AddSubtree(value->excludedSubtrees, GEN_IPADD, V_ASN1_OCTET_STRING, kAllIpv4);
  AddSubtree(value->excludedSubtrees, GEN_IPADD, V_ASN1_OCTET_STRING, kAllIpv6);
  AddExtension(x509, NID_name_constraints, value.get(), true);
}

void AddKeyIds(X509* x509, const CertificateFields& fields) {
  const StringPtr subject(NewString(V_ASN1_OCTET_STRING, KeyIdOf(fields.public_key)));
  AddExtension(x509, NID_subject_key_identifier, subject.get(), false);
  if (fields.role == CertRole::kRegionRoot) {
    return;
  }
  const AuthorityKeyPtr authority(AUTHORITY_KEYID_new());
  authority->keyid = NewString(V_ASN1_OCTET_STRING, fields.issuer_key_id);
  AddExtension(x509, NID_authority_key_identifier, authority.get(), false);
}

// Raw, because X509_set_pubkey takes an EVP_PKEY, whose making costs as much as the rest of Parse.
void SetPublicKey(X509* x509, KeyType type, const PublicKey& key) {
  const int nid = type == KeyType::kEd25519 ? NID_ED25519 : NID_X25519;
  auto* copy = static_cast<std::uint8_t*>(OPENSSL_memdup(key.data(), key.size()));
  RENKEI_CHECK(copy != nullptr &&
               X509_PUBKEY_set0_param(X509_get_X509_PUBKEY(x509), OBJ_nid2obj(nid), V_ASN1_UNDEF,
                                      nullptr, copy, static_cast<int>(key.size())) == 1);
}

void SetBody(X509* x509, const CertificateFields& fields, const RoleProfile& profile) {
  const StringPtr serial(NewString(V_ASN1_INTEGER, fields.serial));
  const auto seconds = [](Millis time) { return static_cast<std::time_t>(time.value / 1000); };
  RENKEI_CHECK(X509_set_version(x509, X509_VERSION_3) == 1);
  RENKEI_CHECK(X509_set_serialNumber(x509, serial.get()) == 1);
  RENKEI_CHECK(X509_set_issuer_name(x509, BuildName(fields.issuer).get()) == 1);
  RENKEI_CHECK(X509_set_subject_name(x509, BuildName(fields.subject).get()) == 1);
  RENKEI_CHECK(ASN1_TIME_set(X509_getm_notBefore(x509), seconds(fields.not_before)) != nullptr);
  RENKEI_CHECK(ASN1_TIME_set(X509_getm_notAfter(x509), seconds(fields.not_after)) != nullptr);
  SetPublicKey(x509, profile.key, fields.public_key);
  SetEd25519(X509_get0_tbs_sigalg(x509));
}

Status Refused() {
  return Error(Code::kMalformed, "pki: a value that the role does not allow");
}

bool CheckKey(const RoleProfile& profile, const PublicKey& key) {
  if (profile.key == KeyType::kEd25519) {
    return crypto_core_ed25519_is_valid_point(key.data()) == 1;
  }
  // A point of low order gives a shared secret of zeros: whoever must seal to it could not, so one
  // such certificate would stop a case.
  PublicKey shared{};
  PublicKey scalar{};
  scalar.fill(0x5A);
  return crypto_scalarmult(shared.data(), scalar.data(), key.data()) == 0;
}

bool CheckTimes(const RoleProfile& profile, const CertificateFields& fields) {
  const auto whole = [](Millis time) { return TimeInRange(time) && WholeSeconds(time) == time; };
  return whole(fields.not_before) && whole(fields.not_after) &&
         fields.not_before < fields.not_after &&
         fields.not_after - fields.not_before <= profile.max_lifetime;
}

bool CheckSubject(const RoleProfile& profile, const CertificateFields& fields) {
  const DistinguishedName& subject = fields.subject;
  const bool of_person = profile.names_profession;
  if (!CheckName(subject.common_name).ok() || !CheckName(subject.organization).ok() ||
      (!of_person && subject.common_name != subject.organization)) {
    return false;
  }
  const bool title_fits =
      of_person ? ProfessionFromCertificate(subject.title).has_value() : subject.title.empty();
  const bool kind_fits = profile.role == CertRole::kInstitution
                             ? InstitutionKindFromCertificate(subject.business_category).has_value()
                             : subject.business_category.empty();
  const std::string qualifier = profile.is_ca() ? ToHex(KeyIdOf(fields.public_key)) : "";
  return title_fits && kind_fits && subject.dn_qualifier == qualifier;
}

bool CheckIssuer(const RoleProfile& profile, const CertificateFields& fields) {
  const DistinguishedName& issuer = fields.issuer;
  if (profile.role == CertRole::kRegionRoot) {
    return issuer == fields.subject && fields.issuer_key_id == KeyId{};
  }
  const bool by_institution = profile.issuer == CertRole::kInstitution;
  const bool kind_fits = by_institution
                             ? InstitutionKindFromCertificate(issuer.business_category).has_value()
                             : issuer.business_category.empty();
  // An institution is named by its region; everybody else carries the issuer's own name.
  const bool name_fits =
      profile.role == CertRole::kInstitution || fields.subject.organization == issuer.organization;
  return kind_fits && name_fits && CheckName(issuer.common_name).ok() &&
         issuer.common_name == issuer.organization && issuer.title.empty() &&
         issuer.dn_qualifier == ToHex(fields.issuer_key_id);
}

}  // namespace

Status CheckFields(const CertificateFields& fields) {
  const RoleProfile& profile = ProfileOf(fields.role);
  const auto ids = ParseUri(profile.uri, FormatUri(profile.uri, fields.ids));
  if (!ids.ok() || *ids != fields.ids || !SerialInForm(fields.serial) ||
      !CheckTimes(profile, fields) || !CheckSubject(profile, fields) ||
      !CheckIssuer(profile, fields) || !CheckKey(profile, fields.public_key)) {
    return Refused();
  }
  return Ok();
}

Bytes EncodeToBeSigned(const CertificateFields& fields) {
  const RoleProfile& profile = ProfileOf(fields.role);
  const X509Ptr x509(X509_new());
  RENKEI_CHECK(x509 != nullptr);
  SetBody(x509.get(), fields, profile);
  AddBasicConstraints(x509.get(), profile);
  AddKeyUsage(x509.get(), profile.use);
  AddExtendedUse(x509.get(), profile.extended);
  AddPolicy(x509.get(), profile);
  AddAlternativeNames(x509.get(), profile, fields.ids);
  AddNameConstraints(x509.get(), profile, fields.ids);
  AddKeyIds(x509.get(), fields);
  std::uint8_t* der = nullptr;
  const int length = i2d_re_X509_tbs(x509.get(), &der);
  RENKEI_CHECK(length > 0);
  Bytes out(der, der + length);
  OPENSSL_free(der);
  return out;
}

}  // namespace renkei::pki
