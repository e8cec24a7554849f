// The server itself: who may connect, what it says of its health, how it starts and ends.
#include "server/rpc/grpc_server.h"

#include <gmock/gmock.h>
#include <openssl/ssl.h>

#include "crypto/pki/pem.h"
#include "server/core/limits.h"
#include "tests/server/rpc/live_relay.h"

namespace renkei::test {
namespace {

// One string in, one enum out (grpc.health.v1).
int HealthOf(const std::shared_ptr<grpc::Channel>& channel, const std::string& service) {
  const Called called =
      CallByHand(channel, "/grpc.health.v1.Health/Check",
                 std::string("\x0a") + static_cast<char>(service.size()) + service);
  return called.response.size() < 2 ? -1 : called.response[1];
}

class Server : public LiveRelay {
 protected:
  static grpc::StatusCode ListAs(const std::shared_ptr<grpc::Channel>& channel) {
    v1::ListResponse response;
    return v1::Threads::NewStub(channel)->List(Context().get(), {}, &response).error_code();
  }
  // Whether a TLS handshake of exactly this version succeeds.
  bool HandshakeAt(int version) {
    std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()),
                                                              &SSL_CTX_free);
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
    SSL_CTX_set_min_proto_version(context.get(), version);
    SSL_CTX_set_max_proto_version(context.get(), version);
    SSL_CTX_set_security_level(context.get(), 0);
    const unsigned char alpn[] = {2, 'h', '2'};
    SSL_CTX_set_alpn_protos(context.get(), alpn, sizeof(alpn));
    std::unique_ptr<BIO, decltype(&BIO_free_all)> bio(BIO_new_ssl_connect(context.get()),
                                                      &BIO_free_all);
    BIO_set_conn_hostname(bio.get(), Address().c_str());
    return BIO_do_connect(bio.get()) == 1 && BIO_do_handshake(bio.get()) == 1;
  }
  server::ServerOptions Options(const std::string& listen) {
    auto files = server::LoadRegion(folder.path(), clock.Now());
    server::ServerOptions out;
    out.listen = listen;
    out.tls_chain_pem = files.files->tls_chain_pem;
    out.tls_key_pem = std::move(files.files->tls_key_pem);
    out.client_root_pem = pki::ToPem(files.files->root);
    return out;
  }

  Office& station = world.AddOffice("訪問看護ステーション（架空）");
  Handset& nurse = world.AddMember(station);
};

TEST_F(Server, CertificateOfAnotherRegionDoesNotComeIn) {
  PublishAll();
  RelayWorld elsewhere(12, SystemClock().Now() - Days(1));
  const Handset& foreign = elsewhere.AddMember(elsewhere.AddOffice("よその事業所（架空）"));
  const auto channel =
      ConnectAs(world.region(), Address(), pki::ToPem(foreign.TlsChain(elsewhere.region())),
                ToString(pki::PrivateKeyPem(foreign.device.tls.key).Expose()));
  EXPECT_EQ(ListAs(channel), grpc::StatusCode::UNAVAILABLE) << "TLS refuses it";
}

TEST_F(Server, RelayOfAnotherRegionIsNotBelieved) {
  const Region elsewhere(13);
  EXPECT_EQ(ListAs(ConnectAs(elsewhere, Address(), "", "")), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(Server, OnlyTls13IsSpoken) {
  EXPECT_TRUE(HandshakeAt(TLS1_3_VERSION));
  EXPECT_FALSE(HandshakeAt(TLS1_2_VERSION));
  EXPECT_FALSE(HandshakeAt(TLS1_1_VERSION));
}

TEST_F(Server, HealthSaysWhetherTheRelayServesAndEachServiceOfIt) {
  constexpr int kServing = 1;
  constexpr int kNotServing = 2;
  const auto channel = ChannelWithoutCertificate();
  const std::vector<std::string> services = {"",
                                             "renkei.relay.v1.Enrolment",
                                             "renkei.relay.v1.Directory",
                                             "renkei.relay.v1.Threads",
                                             "renkei.relay.v1.Mailbox",
                                             "renkei.relay.v1.Envelopes"};
  for (const bool is_serving : {true, false, true}) {
    server->SetServing(is_serving);
    for (const std::string& service : services) {
      EXPECT_EQ(HealthOf(channel, service), is_serving ? kServing : kNotServing) << service;
    }
  }
  EXPECT_EQ(HealthOf(channel, "renkei.relay.v1.Nothing"), -1);
}

TEST_F(Server, ReflectionIsOffUnlessItIsAskedFor) {
  EXPECT_EQ(AskForServices(ChannelWithoutCertificate()).code, grpc::StatusCode::UNIMPLEMENTED);
  server.reset();
  server::ServerOptions options = Options("127.0.0.1:0");
  options.reflection = true;
  auto started = server::GrpcServer::Start(*relay, options);
  ASSERT_TRUE(started.ok());
  server = std::move(*started);
  const Called called = AskForServices(ChannelWithoutCertificate());
  EXPECT_EQ(called.code, grpc::StatusCode::OK);
  EXPECT_THAT(called.response, testing::HasSubstr("renkei.relay.v1.Threads"));
}

TEST_F(Server, RequestIsAsLargeAsTheLimitAndNoLarger) {
  PublishAll();
  auto stub = v1::Threads::NewStub(ChannelOf(nurse));
  v1::AppendRequest request;
  v1::AppendResponse response;
  request.set_record(std::string(server::kMaxRequestBytes - 5, 'x'));
  ASSERT_EQ(request.ByteSizeLong(), server::kMaxRequestBytes);
  EXPECT_EQ(stub->Append(Context().get(), request, &response).error_code(),
            grpc::StatusCode::INVALID_ARGUMENT)
      << "it was read, and is no record";
  request.mutable_record()->push_back('x');
  EXPECT_EQ(stub->Append(Context().get(), request, &response).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
}

// Two relays on one port would share its connections unseen.
TEST_F(Server, AddressThatIsTakenIsUnavailable) {
  const auto second = server::GrpcServer::Start(*relay, Options(Address()));
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code(), Code::kUnavailable);
  PublishAll();
  EXPECT_EQ(ListAs(ChannelOf(nurse)), grpc::StatusCode::OK) << "the first goes on";
}

TEST_F(Server, AddressThatCannotBeIsUnavailable) {
  const auto started = server::GrpcServer::Start(*relay, Options("no such host:1"));
  ASSERT_FALSE(started.ok());
  EXPECT_EQ(started.error().code(), Code::kUnavailable);
}

TEST_F(Server, KeyThatIsNoneIsUnavailable) {
  server::ServerOptions options = Options("127.0.0.1:0");
  options.tls_key_pem = SecretBytes::CopyOf(AsBytes("no key"));
  const auto started = server::GrpcServer::Start(*relay, options);
  ASSERT_FALSE(started.ok());
  EXPECT_EQ(started.error().code(), Code::kUnavailable);
}

TEST_F(Server, KeyOfAnotherCertificateIsUnavailable) {
  server::ServerOptions options = Options("127.0.0.1:0");
  options.tls_key_pem = pki::PrivateKeyPem(nurse.device.tls.key);
  EXPECT_FALSE(server::GrpcServer::Start(*relay, options).ok());
  options = Options("127.0.0.1:0");
  options.client_root_pem = "no certificate";
  EXPECT_FALSE(server::GrpcServer::Start(*relay, options).ok());
}

TEST_F(Server, ShutdownEndsStreamsAndNobodyComesInAnyMore) {
  PublishAll();
  const auto channel = ChannelOf(nurse);
  auto stub = v1::Threads::NewStub(channel);
  auto context = Context();
  auto reader = stub->Watch(context.get(), v1::WatchRequest());
  v1::WatchEvent event;
  ASSERT_TRUE(reader->Read(&event));
  EXPECT_TRUE(event.caught_up());
  const std::string address = Address();
  server.reset();
  while (reader->Read(&event)) {  // a ping may have been on its way
  }
  // UNAVAILABLE where the relay could still say so; on a busy machine the drain ends first.
  const grpc::StatusCode code = reader->Finish().error_code();
  EXPECT_TRUE(code == grpc::StatusCode::UNAVAILABLE || code == grpc::StatusCode::CANCELLED) << code;
  EXPECT_EQ(relay->hub().size(), 0U);
  EXPECT_EQ(ListAs(channel), grpc::StatusCode::UNAVAILABLE);
}

}  // namespace
}  // namespace renkei::test
