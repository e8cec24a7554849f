// What the .cc files of this room share of OpenSSL, without its headers: owners, errors, raw
// Ed25519 signatures. Private to crypto/pki. Functions; any thread.
#ifndef RENKEI_CRYPTO_PKI_OPENSSL_UTIL_H_
#define RENKEI_CRYPTO_PKI_OPENSSL_UTIL_H_

#include <memory>
#include <string>

#include "crypto/base/bytes.h"
#include "crypto/base/sign.h"
#include "crypto/pki/certificate.h"

struct x509_st;
struct X509_crl_st;
struct X509_name_st;
struct asn1_string_st;
struct asn1_object_st;
struct X509_algor_st;

namespace renkei::pki {

// Owns whatever OpenSSL's `FreeFunction` frees.
template <auto FreeFunction>
struct FreeWith {
  template <typename T>
  void operator()(T* value) const {
    FreeFunction(value);
  }
};
template <typename T, auto FreeFunction>
using Owned = std::unique_ptr<T, FreeWith<FreeFunction>>;

void FreeX509(x509_st* x509);
void FreeCrl(X509_crl_st* crl);
void FreeName(X509_name_st* name);
using X509Ptr = Owned<x509_st, FreeX509>;
using X509CrlPtr = Owned<X509_crl_st, FreeCrl>;
using X509NamePtr = Owned<X509_name_st, FreeName>;

// Takes what our calls leave in OpenSSL's error queue out of it again: the queue belongs to the
// thread, and gRPC's TLS would read our leftovers as its own failures.
class ErrorQueueScope {
 public:
  ErrorQueueScope();
  ~ErrorQueueScope();
  ErrorQueueScope(const ErrorQueueScope&) = delete;
  ErrorQueueScope& operator=(const ErrorQueueScope&) = delete;
};

// kMalformed unless `der` is one certificate (or list) and nothing else.
Result<X509Ptr> DecodeX509(ByteView der);
Result<X509CrlPtr> DecodeCrl(ByteView der);

// Names to and from our five attributes. ReadName takes what it finds; whether order and types
// were right shows when the name is built again.
X509NamePtr BuildName(const DistinguishedName& name);
Result<DistinguishedName> ReadName(const X509_name_st* name);

// Whole seconds since 1970, at most the year 9999.
Result<Millis> ReadTime(const asn1_string_st* time);
bool TimeInRange(Millis time);
Millis WholeSeconds(Millis time);

// "2.25.1..." or nothing if longer than ours can be.
std::string OidText(const asn1_object_st* oid);

ByteView StringBytes(const asn1_string_st* text);
// Never null. `type` is a V_ASN1_ number.
asn1_string_st* NewString(int type, ByteView bytes);

// Writes the algorithm inside a certificate under construction, for which OpenSSL has only a getter
// (X509_sign would do it, but needs a private key, which parsing does not have).
void SetEd25519(const X509_algor_st* algorithm);

// Exactly kSerialBytes, first byte 0x40..0x7F.
Result<Serial> ReadSerial(const asn1_string_st* serial);
bool SerialInForm(const Serial& serial);

// Ed25519 over `message` as it is (RFC 8032), which X.509 wants instead of SignContent.
Signature SignRaw(const SigningKey& key, ByteView message);
bool VerifyRaw(const PublicKey& key, ByteView message, ByteView signature);

// SEQUENCE { to_be_signed, Ed25519, BIT STRING signature }: certificate or list.
Bytes WrapSigned(ByteView to_be_signed, const Signature& signature);
// Its parts again, if `der` has the lengths that WrapSigned would give it. The views live as long
// as `der`.
struct SignedParts {
  ByteView to_be_signed;
  ByteView signature;  // 64 bytes
};
Result<SignedParts> SplitSigned(ByteView der);

}  // namespace renkei::pki

#endif  // RENKEI_CRYPTO_PKI_OPENSSL_UTIL_H_
