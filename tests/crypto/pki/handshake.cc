#include "tests/crypto/pki/handshake.h"

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "crypto/pki/openssl_util.h"
#include "crypto/pki/pem.h"

namespace renkei::test {
namespace {

using pki::Owned;
using ContextPtr = Owned<SSL_CTX, SSL_CTX_free>;
using SslPtr = Owned<SSL, SSL_free>;

void UseKey(SSL_CTX* context, const SigningKey& key) {
  const SecretBytes pem = pki::PrivateKeyPem(key);
  const Owned<BIO, BIO_free> bio(
      BIO_new_mem_buf(pem.Expose().data(), static_cast<int>(pem.size())));
  const Owned<EVP_PKEY, EVP_PKEY_free> pkey(
      PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
  RENKEI_CHECK(pkey != nullptr && SSL_CTX_use_PrivateKey(context, pkey.get()) == 1);
}

ContextPtr NewContext(const TlsParty& own, const Bytes& root, Millis now, int purpose) {
  ContextPtr context(SSL_CTX_new(TLS_method()));
  for (std::size_t i = 0; i < own.chain.size(); ++i) {
    const pki::X509Ptr x509 = pki::DecodeX509(own.chain[i]).value();
    RENKEI_CHECK((i == 0 ? SSL_CTX_use_certificate(context.get(), x509.get())
                         : SSL_CTX_add1_chain_cert(context.get(), x509.get())) == 1);
  }
  if (!own.chain.empty()) {
    UseKey(context.get(), own.key);
  }
  const pki::X509Ptr anchor = pki::DecodeX509(root).value();
  RENKEI_CHECK(X509_STORE_add_cert(SSL_CTX_get_cert_store(context.get()), anchor.get()) == 1);
  X509_VERIFY_PARAM* parameters = SSL_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_time(parameters, now.value / 1000);
  X509_VERIFY_PARAM_set_purpose(parameters, purpose);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  return context;
}

Bytes PeerLeaf(const SSL* ssl) {
  const pki::X509Ptr leaf(SSL_get1_peer_certificate(ssl));
  std::uint8_t* der = nullptr;
  const int length = leaf ? i2d_X509(leaf.get(), &der) : 0;
  Bytes out(der, der + length);
  OPENSSL_free(der);
  return out;
}

// Lets both sides speak until neither has anything to say.
void Converse(SSL* client, SSL* server) {
  for (int i = 0; i < 10; ++i) {
    SSL_do_handshake(client);
    SSL_do_handshake(server);
  }
  // In TLS 1.3 the server judges the client's certificate after the client is done.
  char byte = 0;
  SSL_write(server, "x", 1);
  SSL_read(client, &byte, 1);
}

bool Accepts(const SSL* ssl) {
  return SSL_is_init_finished(ssl) == 1 && SSL_get_verify_result(ssl) == X509_V_OK &&
         !PeerLeaf(ssl).empty();
}

}  // namespace

TlsOutcome Handshake(const TlsParty& client, const TlsParty& server, const TlsSetting& setting) {
  const pki::ErrorQueueScope errors;
  const ContextPtr client_context =
      NewContext(client, setting.client_root, setting.now, X509_PURPOSE_SSL_SERVER);
  const ContextPtr server_context =
      NewContext(server, setting.server_root, setting.now, X509_PURPOSE_SSL_CLIENT);
  SSL_CTX_set_min_proto_version(server_context.get(), TLS1_3_VERSION);
  if (setting.only_tls12) {
    SSL_CTX_set_max_proto_version(client_context.get(), TLS1_2_VERSION);
  }
  const SslPtr client_ssl(SSL_new(client_context.get()));
  const SslPtr server_ssl(SSL_new(server_context.get()));
  SSL_set1_host(client_ssl.get(), setting.relay_name.c_str());
  BIO* client_end = nullptr;
  BIO* server_end = nullptr;
  RENKEI_CHECK(BIO_new_bio_pair(&client_end, 0, &server_end, 0) == 1);
  SSL_set_bio(client_ssl.get(), client_end, client_end);
  SSL_set_bio(server_ssl.get(), server_end, server_end);
  SSL_set_connect_state(client_ssl.get());
  SSL_set_accept_state(server_ssl.get());
  Converse(client_ssl.get(), server_ssl.get());
  TlsOutcome out;
  out.client_accepts = Accepts(client_ssl.get());
  out.server_accepts = Accepts(server_ssl.get());
  out.client_saw = PeerLeaf(client_ssl.get());
  out.server_saw = PeerLeaf(server_ssl.get());
  if (out.client_accepts && out.server_accepts) {
    out.version = SSL_get_version(server_ssl.get());
  }
  return out;
}

}  // namespace renkei::test
