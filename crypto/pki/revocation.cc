#include "crypto/pki/revocation.h"

#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>

#include "crypto/pki/openssl_util.h"

namespace renkei::pki {

struct RevocationList::Content {
  Bytes der;
  RevocationListFields fields;
  Hash32 fingerprint{};
};

namespace {

Status Refused() {
  return Error(Code::kMalformed, "pki: a value that a revocation list does not allow");
}

bool ReasonKnown(RevocationReason reason) {
  return reason <= RevocationReason::kCessation;
}

bool CheckIssuerName(const RevocationListFields& fields) {
  const DistinguishedName& name = fields.issuer;
  return CheckName(name.common_name).ok() && name.common_name == name.organization &&
         name.title.empty() && name.dn_qualifier == ToHex(fields.issuer_key_id) &&
         (name.business_category.empty() ||
          InstitutionKindFromCertificate(name.business_category).has_value());
}

Status CheckFields(const RevocationListFields& fields) {
  const auto whole = [](Millis time) { return TimeInRange(time) && WholeSeconds(time) == time; };
  if (fields.number == 0 || !whole(fields.this_update) || !whole(fields.next_update) ||
      fields.this_update >= fields.next_update || !CheckIssuerName(fields)) {
    return Refused();
  }
  const Serial* before = nullptr;
  for (const Revocation& entry : fields.revoked) {
    if (!SerialInForm(entry.serial) || !whole(entry.revoked_at) ||
        entry.revoked_at > fields.this_update || !ReasonKnown(entry.reason) ||
        (before != nullptr && *before >= entry.serial)) {
      return Refused();
    }
    before = &entry.serial;
  }
  return Ok();
}

using TimePtr = Owned<ASN1_TIME, ASN1_STRING_free>;
using StringPtr = Owned<ASN1_STRING, ASN1_STRING_free>;
using AuthorityKeyPtr = Owned<AUTHORITY_KEYID, AUTHORITY_KEYID_free>;

TimePtr NewTime(Millis time) {
  TimePtr out(ASN1_TIME_set(nullptr, static_cast<std::time_t>(time.value / 1000)));
  RENKEI_CHECK(out != nullptr);
  return out;
}

void AddEntry(X509_CRL* crl, const Revocation& entry) {
  X509_REVOKED* revoked = X509_REVOKED_new();
  const StringPtr serial(NewString(V_ASN1_INTEGER, entry.serial));
  const TimePtr time = NewTime(entry.revoked_at);
  RENKEI_CHECK(revoked != nullptr && X509_REVOKED_set_serialNumber(revoked, serial.get()) == 1 &&
               X509_REVOKED_set_revocationDate(revoked, time.get()) == 1);
  // RFC 5280 §5.3.1: unspecified is said by leaving the extension out.
  if (entry.reason != RevocationReason::kUnspecified) {
    const StringPtr reason(ASN1_ENUMERATED_new());
    RENKEI_CHECK(ASN1_ENUMERATED_set(reason.get(), static_cast<long>(entry.reason)) == 1 &&
                 X509_REVOKED_add1_ext_i2d(revoked, NID_crl_reason, reason.get(), 0,
                                           X509V3_ADD_APPEND) == 1);
  }
  RENKEI_CHECK(X509_CRL_add0_revoked(crl, revoked) == 1);
}

void AddListExtensions(X509_CRL* crl, const RevocationListFields& fields) {
  const AuthorityKeyPtr authority(AUTHORITY_KEYID_new());
  authority->keyid = NewString(V_ASN1_OCTET_STRING, fields.issuer_key_id);
  const StringPtr number(ASN1_INTEGER_new());
  RENKEI_CHECK(X509_CRL_add1_ext_i2d(crl, NID_authority_key_identifier, authority.get(), 0,
                                     X509V3_ADD_APPEND) == 1);
  RENKEI_CHECK(ASN1_INTEGER_set_uint64(number.get(), fields.number) == 1 &&
               X509_CRL_add1_ext_i2d(crl, NID_crl_number, number.get(), 0, X509V3_ADD_APPEND) == 1);
}

// OpenSSL writes the algorithm inside a list only while signing it. Any key will do: the signature
// made here is thrown away.
void SetAlgorithm(X509_CRL* crl) {
  constexpr ByteArray<kSeedBytes> kAnySeed{};
  const Owned<EVP_PKEY, EVP_PKEY_free> key(
      EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, kAnySeed.data(), kAnySeed.size()));
  RENKEI_CHECK(key != nullptr && X509_CRL_sign(crl, key.get(), nullptr) > 0);
}

// TBSCertList of checked fields; the one encoding that Parse accepts.
Bytes EncodeToBeSigned(const RevocationListFields& fields) {
  const X509CrlPtr crl(X509_CRL_new());
  RENKEI_CHECK(crl != nullptr && X509_CRL_set_version(crl.get(), X509_CRL_VERSION_2) == 1);
  RENKEI_CHECK(X509_CRL_set_issuer_name(crl.get(), BuildName(fields.issuer).get()) == 1);
  RENKEI_CHECK(X509_CRL_set1_lastUpdate(crl.get(), NewTime(fields.this_update).get()) == 1);
  RENKEI_CHECK(X509_CRL_set1_nextUpdate(crl.get(), NewTime(fields.next_update).get()) == 1);
  for (const Revocation& entry : fields.revoked) {
    AddEntry(crl.get(), entry);
  }
  AddListExtensions(crl.get(), fields);
  SetAlgorithm(crl.get());
  std::uint8_t* der = nullptr;
  const int length = i2d_re_X509_CRL_tbs(crl.get(), &der);
  RENKEI_CHECK(length > 0);
  Bytes out(der, der + length);
  OPENSSL_free(der);
  return out;
}

Result<RevocationReason> ReadReason(const X509_REVOKED* revoked) {
  const StringPtr reason(static_cast<ASN1_STRING*>(
      X509_REVOKED_get_ext_d2i(revoked, NID_crl_reason, nullptr, nullptr)));
  if (!reason) {
    return RevocationReason::kUnspecified;
  }
  const long number = ASN1_ENUMERATED_get(reason.get());
  if (number < 0 || number > static_cast<long>(RevocationReason::kCessation)) {
    return Error(Code::kMalformed, "pki: revocation reason");
  }
  return static_cast<RevocationReason>(number);
}

Result<std::vector<Revocation>> ReadEntries(X509_CRL* crl) {
  std::vector<Revocation> out;
  const STACK_OF(X509_REVOKED)* revoked = X509_CRL_get_REVOKED(crl);
  const int count = sk_X509_REVOKED_num(revoked);  // -1 where there is no list
  if (count > static_cast<int>(kMaxRevocations)) {
    return Error(Code::kTooLarge, "pki: too many revocations");
  }
  for (int i = 0; i < count; ++i) {
    const X509_REVOKED* from = sk_X509_REVOKED_value(revoked, i);
    Revocation entry;
    RENKEI_ASSIGN(entry.serial, ReadSerial(X509_REVOKED_get0_serialNumber(from)));
    RENKEI_ASSIGN(entry.revoked_at, ReadTime(X509_REVOKED_get0_revocationDate(from)));
    RENKEI_ASSIGN(entry.reason, ReadReason(from));
    out.push_back(entry);
  }
  return out;
}

Result<RevocationListFields> ReadListFields(X509_CRL* crl) {
  RevocationListFields out;
  RENKEI_ASSIGN(out.issuer, ReadName(X509_CRL_get_issuer(crl)));
  RENKEI_ASSIGN(out.this_update, ReadTime(X509_CRL_get0_lastUpdate(crl)));
  RENKEI_ASSIGN(out.next_update, ReadTime(X509_CRL_get0_nextUpdate(crl)));
  const AuthorityKeyPtr authority(static_cast<AUTHORITY_KEYID*>(
      X509_CRL_get_ext_d2i(crl, NID_authority_key_identifier, nullptr, nullptr)));
  const StringPtr number(
      static_cast<ASN1_STRING*>(X509_CRL_get_ext_d2i(crl, NID_crl_number, nullptr, nullptr)));
  if (!authority || authority->keyid == nullptr || !number ||
      ASN1_INTEGER_get_uint64(&out.number, number.get()) != 1) {
    return Error(Code::kMalformed, "pki: revocation list without issuer or number");
  }
  RENKEI_ASSIGN(out.issuer_key_id, ToArray<kKeyIdBytes>(StringBytes(authority->keyid)));
  RENKEI_ASSIGN(out.revoked, ReadEntries(crl));
  return out;
}

}  // namespace

Result<RevocationList> RevocationList::Parse(ByteView der) {
  if (der.size() > kMaxRevocationListBytes) {
    return Error(Code::kTooLarge, "pki: revocation list");
  }
  RENKEI_ASSIGN(const SignedParts parts, SplitSigned(der));
  const ErrorQueueScope errors;
  RENKEI_ASSIGN(const X509CrlPtr crl, DecodeCrl(der));
  RENKEI_ASSIGN(RevocationListFields fields, ReadListFields(crl.get()));
  RENKEI_TRY(CheckFields(fields));
  if (!Equal(EncodeToBeSigned(fields), parts.to_be_signed)) {
    return Error(Code::kMalformed, "pki: not the one encoding of a revocation list");
  }
  return RevocationList(
      std::make_shared<const Content>(Content{ToBytes(der), std::move(fields), Sha256(der)}));
}

const Bytes& RevocationList::der() const {
  return content_->der;
}
const RevocationListFields& RevocationList::fields() const {
  return content_->fields;
}
const Hash32& RevocationList::fingerprint() const {
  return content_->fingerprint;
}

Result<RevocationList> CreateCrl(const Issuer& issuer, std::vector<Revocation> revoked,
                                 std::uint64_t number, Millis this_update, Millis next_update) {
  if (revoked.size() > kMaxRevocations) {
    return Error(Code::kTooLarge, "pki: too many revocations");
  }
  RevocationListFields fields;
  fields.issuer = issuer.certificate().fields().subject;
  fields.issuer_key_id = issuer.certificate().subject_key_id();
  fields.number = number;
  fields.this_update = WholeSeconds(this_update);
  fields.next_update = WholeSeconds(next_update);
  for (Revocation& entry : revoked) {
    entry.revoked_at = WholeSeconds(entry.revoked_at);
  }
  std::sort(revoked.begin(), revoked.end(),
            [](const Revocation& a, const Revocation& b) { return a.serial < b.serial; });
  fields.revoked = std::move(revoked);
  RENKEI_TRY(CheckFields(fields));
  const ErrorQueueScope errors;
  const Bytes to_be_signed = EncodeToBeSigned(fields);
  return RevocationList::Parse(WrapSigned(to_be_signed, SignRaw(issuer.key(), to_be_signed)));
}

Status VerifyCrl(const RevocationList& list, const Certificate& issuer) {
  const auto parts = SplitSigned(list.der());
  if (!issuer.profile().is_ca() || list.fields().issuer != issuer.fields().subject ||
      list.fields().issuer_key_id != issuer.subject_key_id() || !parts.ok() ||
      !VerifyRaw(issuer.public_key(), parts->to_be_signed, parts->signature)) {
    return Error(Code::kAuthFailed, "authentication failed");
  }
  return Ok();
}

Status RevocationSet::Add(const RevocationList& list, const Certificate& issuer) {
  RENKEI_TRY(VerifyCrl(list, issuer));
  const RevocationListFields& fields = list.fields();
  std::map<Serial, Revocation> revoked;
  const auto held = by_issuer_.find(fields.issuer_key_id);
  if (held != by_issuer_.end()) {
    const RevocationList& newest = held->second.newest;
    if (newest.fingerprint() == list.fingerprint()) {
      return Ok();
    }
    if (fields.number <= newest.fields().number) {
      return Error(Code::kConflict, "pki: not newer than the revocation list held");
    }
    revoked = held->second.revoked;
  }
  for (const Revocation& entry : fields.revoked) {
    const auto [at, added] = revoked.try_emplace(entry.serial, entry);
    if (!added && entry.revoked_at < at->second.revoked_at) {
      at->second = entry;
    }
  }
  // Lists that name others each time must not grow this without end.
  if (revoked.size() > kMaxRevocations) {
    return Error(Code::kTooLarge, "pki: too many revocations");
  }
  by_issuer_.insert_or_assign(fields.issuer_key_id, Held{list, std::move(revoked)});
  return Ok();
}

bool RevocationSet::IsRevoked(const Certificate& certificate, Millis at) const {
  const auto entry = Find(certificate);
  return entry.has_value() && entry->revoked_at <= at;
}

std::optional<Revocation> RevocationSet::Find(const Certificate& certificate) const {
  const auto held = by_issuer_.find(certificate.issuer_key_id());
  if (held == by_issuer_.end()) {
    return std::nullopt;
  }
  const auto entry = held->second.revoked.find(certificate.serial());
  return entry == held->second.revoked.end() ? std::nullopt : std::optional(entry->second);
}

std::optional<RevocationList> RevocationSet::ListOf(const KeyId& issuer_key_id) const {
  const auto held = by_issuer_.find(issuer_key_id);
  return held == by_issuer_.end() ? std::nullopt : std::optional(held->second.newest);
}

}  // namespace renkei::pki
