// Who comes in: certificate, directory, revocation, rate.
#include "server/rpc/guard.h"

#include "crypto/pki/pem.h"
#include "crypto/pki/revocation.h"
#include "tests/server/rpc/live_relay.h"
#include "tests/server/support/relay_fixture.h"

namespace renkei::test {
namespace {

// Without a connection: what needs no certificate to be looked at.
class Guards : public RelayFixture {
 protected:
  bool IsNoted(const Error& error) {
    const server::Guard guard(*relay, {});
    guard.NoteRefusal(nurse.Caller(), "rpc Test.Call", error);
    return IsAudited(nurse, "rpc Test.Call", CodeName(error.code()));
  }

  Office& station = world.AddOffice("訪問看護ステーション（架空）");
  Handset& nurse = world.AddMember(station);
};

TEST_F(Guards, NobodyNewComesInWhileDraining) {
  server::Guard guard(*relay, {});
  guard.Drain();
  grpc::CallbackServerContext context;
  for (const auto access :
       {server::Access::kAnyone, server::Access::kCertified, server::Access::kPublished}) {
    const auto admitted = guard.Admit(context, access);
    ASSERT_FALSE(admitted.ok());
    EXPECT_EQ(admitted.error().code(), Code::kUnavailable);
  }
}

TEST_F(Guards, G10_WhatNoHonestDeviceSendsIsNoted) {
  EXPECT_TRUE(IsNoted(Error(Code::kMalformed, "test")));
  EXPECT_TRUE(IsNoted(Error(Code::kDenied, "test")));
  EXPECT_TRUE(IsNoted(Error(Code::kAuthFailed, "test")));
  EXPECT_TRUE(IsNoted(Error(Code::kTooLarge, "test")));
  EXPECT_FALSE(IsNoted(Error(Code::kUnavailable, "test"))) << "not the device's fault";
  EXPECT_FALSE(IsNoted(Error(Code::kThrottled, "test")));
}

TEST_F(Guards, StrangerWritesNothingIntoTheLog) {
  const server::Guard guard(*relay, {});
  guard.NoteRefusal({}, "rpc Test.Call", Error(Code::kMalformed, "test"));
  EXPECT_EQ(server::VerifyAudit(store)->rows, 0U);
}

class Access : public LiveRelay {
 protected:
  static grpc::StatusCode ListAs(const std::shared_ptr<grpc::Channel>& channel) {
    v1::ListResponse response;
    return v1::Threads::NewStub(channel)->List(Context().get(), {}, &response).error_code();
  }
  static grpc::Status GetApproval(const std::shared_ptr<grpc::Channel>& channel,
                                  grpc::ClientContext* context, v1::GetApprovalResponse* response) {
    v1::GetApprovalRequest request;
    request.set_ticket(std::string(16, 't'));
    return v1::Enrolment::NewStub(channel)->GetApproval(context, request, response);
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
  v1::GetApprovalResponse response;
  ASSERT_TRUE(GetApproval(channel, Context().get(), &response).ok());
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

TEST_F(Access, CertificateOfAnotherRoleDoesNotComeIn) {
  PublishAll();
  std::vector<pki::Certificate> chain = nurse.TlsChain(world.region());
  chain[0] = nurse.device.signing.certificate;
  const auto channel = ConnectAs(world.region(), Address(), pki::ToPem(chain),
                                 ToString(pki::PrivateKeyPem(nurse.device.signing.key).Expose()));
  EXPECT_NE(ListAs(channel), grpc::StatusCode::OK);
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
  Start({.per_second = 1, .burst = 3});
  PublishAll();
  auto stub = v1::Threads::NewStub(ChannelOf(nurse));
  v1::ListResponse response;
  grpc::Status status;
  std::unique_ptr<grpc::ClientContext> context;
  for (int i = 0; i < 5 && status.ok(); ++i) {
    context = Context();
    status = stub->List(context.get(), {}, &response);
  }
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_TRUE(context->GetServerTrailingMetadata().contains("grpc-retry-pushback-ms"));
  EXPECT_EQ(ListAs(ChannelOf(colleague)), grpc::StatusCode::OK) << "others are not held up";
}

// Five calls a second from one address without a certificate, fifty at once.
TEST_F(Access, StrangersAreThrottledByTheirAddressAndDevicesAreNot) {
  PublishAll();
  std::unique_ptr<grpc::ClientContext> context;
  // How many calls are answered before one is not.
  const auto answered = [&](const std::shared_ptr<grpc::Channel>& channel) {
    int count = 0;
    for (grpc::Status status; count < 5000; ++count) {
      context = Context();
      v1::GetApprovalResponse response;
      status = GetApproval(channel, context.get(), &response);
      if (!status.ok()) {
        EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
        break;
      }
    }
    return count;
  };
  EXPECT_GE(answered(ChannelWithoutCertificate()), 50);
  EXPECT_TRUE(context->GetServerTrailingMetadata().contains("grpc-retry-pushback-ms"));
  EXPECT_LT(answered(ChannelWithoutCertificate()), 50)
      << "another connection from the same address has fifty of its own";
  EXPECT_EQ(ListAs(ChannelOf(nurse)), grpc::StatusCode::OK);
}

}  // namespace
}  // namespace renkei::test
