// Who comes in: TLS version, certificate, region, directory, revocation, rate.
#include <openssl/ssl.h>

#include "crypto/pki/pem.h"
#include "crypto/pki/revocation.h"
#include "tests/server/rpc/live_relay.h"

namespace renkei::test {
namespace {

class Access : public LiveRelay {
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

  Office& station = world.AddOffice("訪問看護ステーション（架空）");
  Handset& nurse = world.AddMember(station);
  Handset& colleague = world.AddMember(station);
};

TEST_F(Access, PublishedDeviceComesIn) {
  PublishAll();
  EXPECT_EQ(ListAs(ChannelOf(nurse)), grpc::StatusCode::OK);
}

TEST_F(Access, WithoutCertificateOnlyEnrolmentAnswers) {
  PublishAll();
  const auto channel = ChannelWithoutCertificate();
  EXPECT_EQ(ListAs(channel), grpc::StatusCode::UNAUTHENTICATED);
  v1::GetApprovalRequest request;
  request.set_ticket(std::string(16, 't'));
  v1::GetApprovalResponse response;
  ASSERT_TRUE(
      v1::Enrolment::NewStub(channel)->GetApproval(Context().get(), request, &response).ok());
  EXPECT_EQ(response.refused(), v1::GetApprovalResponse::REFUSAL_UNKNOWN_TICKET);
}

TEST_F(Access, UnpublishedDeviceMayOnlyPublish) {
  const auto channel = ChannelOf(nurse);
  EXPECT_EQ(ListAs(channel), grpc::StatusCode::PERMISSION_DENIED);
  v1::PublishRequest request;
  for (const Bytes& der : world.CertificatesOf(station)) {
    request.add_certificates(ToString(der));
  }
  v1::PublishResponse response;
  ASSERT_TRUE(v1::Directory::NewStub(channel)->Publish(Context().get(), request, &response).ok());
  EXPECT_GT(response.published(), 0U);
  EXPECT_EQ(ListAs(channel), grpc::StatusCode::OK);
}

TEST_F(Access, CertificateOfAnotherRegionDoesNotComeIn) {
  PublishAll();
  RelayWorld elsewhere(12, SystemClock().Now() - Days(1));
  const Handset& foreign = elsewhere.AddMember(elsewhere.AddOffice("よその事業所（架空）"));
  const auto channel =
      ConnectAs(world.region(), Address(), pki::ToPem(foreign.TlsChain(elsewhere.region())),
                ToString(pki::PrivateKeyPem(foreign.device.tls.key).Expose()));
  EXPECT_EQ(ListAs(channel), grpc::StatusCode::UNAVAILABLE) << "TLS refuses it";
}

TEST_F(Access, CertificateOfAnotherRoleDoesNotComeIn) {
  PublishAll();
  std::vector<pki::Certificate> chain = nurse.TlsChain(world.region());
  chain[0] = nurse.device.signing.certificate;
  const auto channel = ConnectAs(world.region(), Address(), pki::ToPem(chain),
                                 ToString(pki::PrivateKeyPem(nurse.device.signing.key).Expose()));
  EXPECT_NE(ListAs(channel), grpc::StatusCode::OK);
}

TEST_F(Access, RelayOfAnotherRegionIsNotBelieved) {
  const Region elsewhere(13);
  EXPECT_EQ(ListAs(ConnectAs(elsewhere, Address(), "", "")), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(Access, OnlyTls13IsSpoken) {
  EXPECT_TRUE(HandshakeAt(TLS1_3_VERSION));
  EXPECT_FALSE(HandshakeAt(TLS1_2_VERSION));
  EXPECT_FALSE(HandshakeAt(TLS1_1_VERSION));
}

TEST_F(Access, G9_RevokedDeviceIsCutAtOnceAndRefusedFromThenOn) {
  PublishAll();
  auto context = Context();
  auto reader = v1::Threads::NewStub(ChannelOf(nurse))->Watch(context.get(), v1::WatchRequest());
  v1::WatchEvent event;
  ASSERT_TRUE(reader->Read(&event));
  ASSERT_TRUE(event.caught_up());

  const Millis now = clock.Now();
  auto list = pki::CreateCrl(station.ca,
                             {{nurse.device.tls.certificate.serial(), now - Seconds(1),
                               pki::RevocationReason::kKeyCompromise}},
                             1, now, now + Days(7));
  ASSERT_TRUE(list.ok());
  v1::PublishRevocationsRequest request;
  request.set_revocation_list(ToString(list->der()));
  v1::PublishRevocationsResponse response;
  auto directory = v1::Directory::NewStub(ChannelOf(colleague));
  ASSERT_TRUE(directory->PublishRevocations(Context().get(), request, &response).ok());
  ASSERT_GT(response.published(), 0U);

  EXPECT_FALSE(reader->Read(&event));
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(ListAs(ChannelOf(nurse)), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(ListAs(ChannelOf(colleague)), grpc::StatusCode::OK);
}

TEST_F(Access, TooManyCallsAreThrottledAndToldWhenToComeAgain) {
  Stop();
  server::AdmissionLimits limits;
  limits.device.calls = {.per_second = 1, .burst = 3};
  Start(limits);
  PublishAll();
  auto stub = v1::Threads::NewStub(ChannelOf(nurse));
  v1::ListResponse response;
  grpc::Status status;
  for (int i = 0; i < 5 && status.ok(); ++i) {
    status = stub->List(Context().get(), {}, &response);
  }
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  const auto wait = RetryDelayOf(status);
  ASSERT_TRUE(wait);
  EXPECT_GT(*wait, Millis{0});
  EXPECT_LE(*wait, Millis{1001});
  EXPECT_GT(server->admission().hits({server::Party::kDevice, server::Measure::kCalls}), 0U);
  EXPECT_EQ(ListAs(ChannelOf(colleague)), grpc::StatusCode::OK) << "others are not held up";
}

}  // namespace
}  // namespace renkei::test
