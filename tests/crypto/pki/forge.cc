#include "tests/crypto/pki/forge.h"

#include <openssl/conf.h>
#include <openssl/x509v3.h>

#include "crypto/pki/openssl_util.h"

namespace renkei::test {
namespace {

pki::Owned<EVP_PKEY, EVP_PKEY_free> PrivateKey(const SigningKey& key) {
  const SecretBytes seed = key.Seed();
  return pki::Owned<EVP_PKEY, EVP_PKEY_free>(
      EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.Expose().data(), seed.size()));
}

template <typename T, typename Encode>
Bytes Encoded(T* value, Encode encode) {
  std::uint8_t* der = nullptr;
  const int length = encode(value, &der);
  RENKEI_CHECK(length > 0);
  Bytes out(der, der + length);
  OPENSSL_free(der);
  return out;
}

}  // namespace

Bytes Forge(const pki::Certificate& model, const SigningKey& signer,
            const std::function<void(x509_st*)>& change) {
  const pki::X509Ptr x509 = pki::DecodeX509(model.der()).value();
  change(x509.get());
  // Not X509_sign: OpenSSL 3.5 puts the version right before it signs.
  return SignBytes(Encoded(x509.get(), i2d_re_X509_tbs), signer);
}

Bytes ForgeCrl(const pki::RevocationList& model, const SigningKey& signer,
               const std::function<void(X509_crl_st*)>& change) {
  const pki::X509CrlPtr crl = pki::DecodeCrl(model.der()).value();
  change(crl.get());
  RENKEI_CHECK(X509_CRL_sign(crl.get(), PrivateKey(signer).get(), nullptr) > 0);
  return Encoded(crl.get(), i2d_X509_CRL);
}

Bytes SignBytes(ByteView to_be_signed, const SigningKey& signer) {
  return pki::WrapSigned(to_be_signed, pki::SignRaw(signer, to_be_signed));
}

Bytes ToBeSigned(ByteView der) {
  return ToBytes(pki::SplitSigned(der).value().to_be_signed);
}

void AddExtension(x509_st* x509, int nid, const std::string& value) {
  X509V3_CTX context;
  const pki::Owned<CONF, NCONF_free> none(NCONF_new(nullptr));
  X509V3_set_ctx(&context, x509, x509, nullptr, nullptr, 0);
  X509V3_set_nconf(&context, none.get());
  X509_EXTENSION* extension = X509V3_EXT_nconf_nid(none.get(), &context, nid, value.c_str());
  RENKEI_CHECK(extension != nullptr && X509_add_ext(x509, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

void RemoveExtension(x509_st* x509, int nid) {
  const int at = X509_get_ext_by_NID(x509, nid, -1);
  RENKEI_CHECK(at >= 0);
  X509_EXTENSION_free(X509_delete_ext(x509, at));
}

void ReplaceExtension(x509_st* x509, int nid, const std::string& value) {
  const int at = X509_get_ext_by_NID(x509, nid, -1);
  RemoveExtension(x509, nid);
  AddExtension(x509, nid, value);
  X509_EXTENSION* last = X509_delete_ext(x509, X509_get_ext_count(x509) - 1);
  RENKEI_CHECK(X509_add_ext(x509, last, at) == 1);
  X509_EXTENSION_free(last);
}

void SetCritical(x509_st* x509, int nid, bool critical) {
  const int at = X509_get_ext_by_NID(x509, nid, -1);
  RENKEI_CHECK(at >= 0 && X509_EXTENSION_set_critical(X509_get_ext(x509, at), critical ? 1 : 0));
}

}  // namespace renkei::test
