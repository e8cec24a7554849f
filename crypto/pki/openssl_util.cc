#include "crypto/pki/openssl_util.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>

namespace renkei::pki {
namespace {

constexpr std::int64_t kLastSecond = 253402300799;  // 9999-12-31T23:59:59Z

constexpr std::array<std::uint8_t, 7> kEd25519Algorithm = {0x30, 0x05, 0x06, 0x03,
                                                           0x2B, 0x65, 0x70};
constexpr std::array<std::uint8_t, 3> kSignatureHeader = {0x03, 0x41, 0x00};
constexpr std::size_t kSignatureTail =
    kEd25519Algorithm.size() + kSignatureHeader.size() + kSignatureBytes;

struct Attribute {
  int nid;
  int type;
  std::string DistinguishedName::*member;
};

// The order in which a name is written.
constexpr Attribute kAttributes[] = {
    {NID_organizationName, V_ASN1_UTF8STRING, &DistinguishedName::organization},
    {NID_businessCategory, V_ASN1_UTF8STRING, &DistinguishedName::business_category},
    {NID_title, V_ASN1_UTF8STRING, &DistinguishedName::title},
    {NID_commonName, V_ASN1_UTF8STRING, &DistinguishedName::common_name},
    {NID_dnQualifier, V_ASN1_PRINTABLESTRING, &DistinguishedName::dn_qualifier},
};

void AppendDerHeader(Bytes& out, std::size_t length) {
  RENKEI_CHECK(length < (std::size_t{1} << 24U));
  out.push_back(0x30);
  if (length < 0x80) {
    out.push_back(static_cast<std::uint8_t>(length));
    return;
  }
  const std::uint8_t count = length < 0x100 ? 1 : length < 0x10000 ? 2 : 3;
  out.push_back(static_cast<std::uint8_t>(0x80U | count));
  for (int i = count - 1; i >= 0; --i) {
    out.push_back(static_cast<std::uint8_t>(length >> (8U * static_cast<unsigned>(i))));
  }
}

}  // namespace

void FreeX509(x509_st* x509) {
  X509_free(x509);
}
void FreeCrl(X509_crl_st* crl) {
  X509_CRL_free(crl);
}
void FreeName(X509_name_st* name) {
  X509_NAME_free(name);
}

ErrorQueueScope::ErrorQueueScope() {
  ERR_set_mark();
}
ErrorQueueScope::~ErrorQueueScope() {
  ERR_pop_to_mark();
}

Result<X509Ptr> DecodeX509(ByteView der) {
  const std::uint8_t* at = der.data();
  X509Ptr out(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (!out || at != der.data() + der.size()) {
    return Error(Code::kMalformed, "pki: not a certificate");
  }
  return out;
}

Result<X509CrlPtr> DecodeCrl(ByteView der) {
  const std::uint8_t* at = der.data();
  X509CrlPtr out(d2i_X509_CRL(nullptr, &at, static_cast<long>(der.size())));
  if (!out || at != der.data() + der.size()) {
    return Error(Code::kMalformed, "pki: not a revocation list");
  }
  return out;
}

X509NamePtr BuildName(const DistinguishedName& name) {
  X509NamePtr out(X509_NAME_new());
  RENKEI_CHECK(out != nullptr);
  for (const Attribute& attribute : kAttributes) {
    const std::string& value = name.*attribute.member;
    if (!value.empty()) {
      RENKEI_CHECK(X509_NAME_add_entry_by_NID(out.get(), attribute.nid, attribute.type,
                                              reinterpret_cast<const unsigned char*>(value.data()),
                                              static_cast<int>(value.size()), -1, 0) == 1);
    }
  }
  return out;
}

Result<DistinguishedName> ReadName(const X509_name_st* name) {
  DistinguishedName out;
  const int count = X509_NAME_entry_count(name);
  for (int i = 0; i < count; ++i) {
    const X509_NAME_ENTRY* entry = X509_NAME_get_entry(name, i);
    const int nid = OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry));
    const auto* attribute = std::find_if(std::begin(kAttributes), std::end(kAttributes),
                                         [nid](const Attribute& a) { return a.nid == nid; });
    if (attribute == std::end(kAttributes)) {
      return Error(Code::kMalformed, "pki: name with an attribute that is not ours");
    }
    out.*attribute->member = ToString(StringBytes(X509_NAME_ENTRY_get_data(entry)));
  }
  return out;
}

Result<Millis> ReadTime(const asn1_string_st* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) {
    return Error(Code::kMalformed, "pki: time");
  }
  const std::chrono::sys_days day = std::chrono::year(parts.tm_year + 1900) /
                                    std::chrono::month(static_cast<unsigned>(parts.tm_mon) + 1) /
                                    std::chrono::day(static_cast<unsigned>(parts.tm_mday));
  const Millis out = Days(day.time_since_epoch().count()) + Hours(parts.tm_hour) +
                     Minutes(parts.tm_min) + Seconds(parts.tm_sec);
  if (!TimeInRange(out)) {
    return Error(Code::kMalformed, "pki: time");
  }
  return out;
}

bool TimeInRange(Millis time) {
  return time.value >= 0 && time.value / 1000 <= kLastSecond;
}

Millis WholeSeconds(Millis time) {
  return {time.value - time.value % 1000};
}

std::string OidText(const asn1_object_st* oid) {
  std::array<char, 96> text{};
  const int length = OBJ_obj2txt(text.data(), static_cast<int>(text.size()), oid, 1);
  if (length <= 0 || static_cast<std::size_t>(length) >= text.size()) {
    return {};
  }
  return std::string(text.data(), static_cast<std::size_t>(length));
}

ByteView StringBytes(const asn1_string_st* text) {
  return {ASN1_STRING_get0_data(text), static_cast<std::size_t>(ASN1_STRING_length(text))};
}

asn1_string_st* NewString(int type, ByteView bytes) {
  ASN1_STRING* out = ASN1_STRING_type_new(type);
  RENKEI_CHECK(out != nullptr &&
               ASN1_STRING_set(out, bytes.data(), static_cast<int>(bytes.size())) == 1);
  return out;
}

void SetEd25519(const X509_algor_st* algorithm) {
  RENKEI_CHECK(X509_ALGOR_set0(const_cast<X509_ALGOR*>(algorithm), OBJ_nid2obj(NID_ED25519),
                               V_ASN1_UNDEF, nullptr) == 1);
}

Result<Serial> ReadSerial(const asn1_string_st* serial) {
  if (serial == nullptr || ASN1_STRING_type(serial) != V_ASN1_INTEGER) {
    return Error(Code::kMalformed, "pki: serial number");
  }
  const auto bytes = ToArray<kSerialBytes>(StringBytes(serial));
  if (!bytes.ok() || !SerialInForm(*bytes)) {
    return Error(Code::kMalformed, "pki: serial number");
  }
  return *bytes;
}

bool SerialInForm(const Serial& serial) {
  return (serial[0] & 0xC0U) == 0x40U;
}

Signature SignRaw(const SigningKey& key, ByteView message) {
  const SecretBytes seed = key.Seed();
  const Owned<EVP_PKEY, EVP_PKEY_free> pkey(
      EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.Expose().data(), seed.size()));
  const Owned<EVP_MD_CTX, EVP_MD_CTX_free> context(EVP_MD_CTX_new());
  RENKEI_CHECK(pkey != nullptr && context != nullptr);
  Signature out{};
  std::size_t length = out.size();
  RENKEI_CHECK(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, pkey.get()) == 1);
  RENKEI_CHECK(EVP_DigestSign(context.get(), out.data(), &length, message.data(), message.size()) ==
               1);
  RENKEI_CHECK(length == out.size());
  return out;
}

bool VerifyRaw(const PublicKey& key, ByteView message, ByteView signature) {
  return signature.size() == kSignatureBytes &&
         crypto_sign_verify_detached(signature.data(), message.data(), message.size(),
                                     key.data()) == 0;
}

Bytes WrapSigned(ByteView to_be_signed, const Signature& signature) {
  Bytes out;
  const std::size_t length = to_be_signed.size() + kSignatureTail;
  out.reserve(length + 5);
  AppendDerHeader(out, length);
  Append(out, to_be_signed);
  Append(out, kEd25519Algorithm);
  Append(out, kSignatureHeader);
  Append(out, signature);
  return out;
}

Result<SignedParts> SplitSigned(ByteView der) {
  for (const std::size_t header : {2U, 3U, 4U, 5U}) {
    if (der.size() <= header + kSignatureTail) {
      break;
    }
    Bytes expected;
    AppendDerHeader(expected, der.size() - header);
    if (expected.size() == header && Equal(expected, der.first(header))) {
      const ByteView tail = der.last(kSignatureTail);
      if (!Equal(tail.first(kEd25519Algorithm.size()), kEd25519Algorithm) ||
          !Equal(tail.subspan(kEd25519Algorithm.size(), kSignatureHeader.size()),
                 kSignatureHeader)) {
        break;
      }
      return SignedParts{der.subspan(header, der.size() - header - kSignatureTail),
                         der.last(kSignatureBytes)};
    }
  }
  return Error(Code::kMalformed, "pki: not signed as ours are");
}

}  // namespace renkei::pki
