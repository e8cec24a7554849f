// The relay's certificate is exchanged while streams are open.
#include "server/rpc/tls_identity.h"

#include <openssl/ssl.h>

#include "crypto/pki/pem.h"
#include "tests/server/rpc/live_relay.h"

namespace renkei::test {
namespace {

using Reader = std::unique_ptr<grpc::ClientReader<v1::WatchEvent>>;

class TlsExchange : public LiveRelay {
 protected:
  void SetUp() override {
    LiveRelay::SetUp();
    PublishAll();
  }
  // What a new connection is shown, without any certificate of its own.
  Bytes ShownCertificate() {
    std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()),
                                                              &SSL_CTX_free);
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
    const unsigned char alpn[] = {2, 'h', '2'};
    SSL_CTX_set_alpn_protos(context.get(), alpn, sizeof(alpn));
    std::unique_ptr<BIO, decltype(&BIO_free_all)> bio(BIO_new_ssl_connect(context.get()),
                                                      &BIO_free_all);
    BIO_set_conn_hostname(bio.get(), Address().c_str());
    SSL* ssl = nullptr;
    BIO_get_ssl(bio.get(), &ssl);
    if (BIO_do_connect(bio.get()) != 1 || BIO_do_handshake(bio.get()) != 1) {
      return {};
    }
    EXPECT_EQ(SSL_version(ssl), TLS1_3_VERSION);
    const std::unique_ptr<X509, decltype(&X509_free)> shown(SSL_get1_peer_certificate(ssl),
                                                            &X509_free);
    unsigned char* der = nullptr;
    const int size = i2d_X509(shown.get(), &der);
    Bytes out(der, der + size);
    OPENSSL_free(der);
    return out;
  }
  void Replace(const Leaf& leaf) {
    const std::string chain = pki::ToPem(leaf.certificate) +
                              pki::ToPem(world.region().issuing().certificate()) +
                              pki::ToPem(world.region().root().certificate());
    server->ReplaceCertificate(chain, pki::PrivateKeyPem(leaf.key));
  }
  static bool MayList(const std::shared_ptr<grpc::Channel>& channel) {
    v1::ListResponse response;
    return v1::Threads::NewStub(channel)->List(Context().get(), {}, &response).ok();
  }
  // Until the stream has sent everything and waits.
  static bool ReadUntilCaughtUp(grpc::ClientReader<v1::WatchEvent>& reader) {
    v1::WatchEvent event;
    while (reader.Read(&event)) {
      if (event.has_caught_up()) {
        return true;
      }
    }
    return false;
  }

  Office& station = world.AddOffice("訪問看護ステーション（架空）");
  Handset& nurse = world.AddMember(station);
  Handset& colleague = world.AddMember(station);
};

TEST_F(TlsExchange, NewHandshakesGetTheNewOneAndOpenStreamsLiveOn) {
  const Bytes first = ShownCertificate();
  ASSERT_FALSE(first.empty());
  const auto old_channel = ChannelOf(nurse);
  const auto context = Context();
  const Reader stream = v1::Threads::NewStub(old_channel)->Watch(context.get(), v1::WatchRequest());
  ASSERT_TRUE(ReadUntilCaughtUp(*stream));

  const Leaf renewed = world.region().AddRelay(pki::CertRole::kRelayTls);
  Replace(renewed);
  EXPECT_EQ(ShownCertificate(), ToBytes(renewed.certificate.der()));
  EXPECT_NE(ShownCertificate(), first);
  EXPECT_TRUE(MayList(ChannelOf(colleague))) << "with a client certificate, verified";
  EXPECT_TRUE(MayList(old_channel)) << "the connection from before";
  // The stream from before brings what happens now.
  const Handset& newcomer = world.AddMember(station);
  v1::PublishRequest request;
  for (const Bytes& der : world.CertificatesOf(station)) {
    request.add_certificates(ToString(der));
  }
  v1::PublishResponse response;
  ASSERT_TRUE(v1::Directory::NewStub(ChannelOf(newcomer))
                  ->Publish(Context().get(), request, &response)
                  .ok());
  v1::WatchEvent event;
  ASSERT_TRUE(stream->Read(&event));
  EXPECT_TRUE(event.ping().directory());
}

TEST_F(TlsExchange, MayBeDoneAgainAndAgain) {
  for (int i = 0; i < 5; ++i) {
    const Leaf renewed = world.region().AddRelay(pki::CertRole::kRelayTls);
    Replace(renewed);
    EXPECT_EQ(ShownCertificate(), ToBytes(renewed.certificate.der()));
  }
}

TEST_F(TlsExchange, WhatGrpcCannotUseLeavesTheOldOneInUse) {
  const Bytes first = ShownCertificate();
  server->ReplaceCertificate("nonsense", SecretBytes::CopyOf(AsBytes("nonsense")));
  EXPECT_EQ(ShownCertificate(), first);
  EXPECT_TRUE(MayList(ChannelOf(nurse)));
  const Leaf renewed = world.region().AddRelay(pki::CertRole::kRelayTls);
  Replace(renewed);
  EXPECT_EQ(ShownCertificate(), ToBytes(renewed.certificate.der()));
}

}  // namespace
}  // namespace renkei::test
