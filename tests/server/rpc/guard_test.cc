// Who comes in: certificate, directory, revocation, rate.
#include "server/rpc/guard.h"

#include <functional>

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
    const auto admitted = guard.Admit(context, {"rpc Test.Call", access}, 0);
    const auto* turned_away = std::get_if<server::TurnedAway>(&admitted);
    ASSERT_NE(turned_away, nullptr);
    EXPECT_EQ(turned_away->code, Code::kUnavailable);
    EXPECT_EQ(turned_away->status.error_code(), grpc::StatusCode::UNAVAILABLE);
  }
}

TEST_F(Guards, G10_WhatNoHonestDeviceSendsIsNoted) {
  EXPECT_TRUE(IsNoted(Error(Code::kMalformed, "test")));
  EXPECT_TRUE(IsNoted(Error(Code::kDenied, "test")));
  EXPECT_TRUE(IsNoted(Error(Code::kAuthFailed, "test")));
  EXPECT_TRUE(IsNoted(Error(Code::kTooLarge, "test")));
  EXPECT_FALSE(IsNoted(Error(Code::kUnavailable, "test"))) << "not the device's fault";
  EXPECT_TRUE(IsNoted(Error(Code::kThrottled, "test")));
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

// A relay whose limits are met after three calls, but for the one that a test is about.
class Limited : public Access {
 protected:
  void SetUp() override {}
  void StartWith(const std::function<void(server::AdmissionLimits&)>& change) {
    server::AdmissionLimits limits = server::NoLimits();
    change(limits);
    Start(limits);
    PublishAll();
  }
  // Until one is refused; at most five.
  static grpc::Status ListUntilRefused(const std::shared_ptr<grpc::Channel>& channel) {
    auto stub = v1::Threads::NewStub(channel);
    v1::ListResponse response;
    grpc::Status status;
    for (int i = 0; i < 5 && status.ok(); ++i) {
      status = stub->List(Context().get(), {}, &response);
    }
    return status;
  }
  static void ExpectRefused(const grpc::Status& status, const std::string& limit) {
    EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
    EXPECT_EQ(status.error_message(), limit);
    const std::optional<Millis> wait = RetryDelayOf(status);
    ASSERT_TRUE(wait);
    EXPECT_GT(*wait, Millis{0});
    EXPECT_LE(*wait, Millis{1001});
  }
};

TEST_F(Limited, TooManyCallsOfADeviceAreThrottledAndToldWhenToComeAgain) {
  StartWith([](auto& limits) { limits.device.calls = {.per_second = 1, .burst = 3}; });
  ExpectRefused(ListUntilRefused(ChannelOf(nurse)), "device_calls");
  EXPECT_EQ(ListAs(ChannelOf(colleague)), grpc::StatusCode::OK) << "others are not held up";
}

TEST_F(Limited, TooManyCallsOfAnInstitutionHoldUpNoOther) {
  Handset& doctor = world.AddMember(world.AddOffice("架空診療所"));
  StartWith([](auto& limits) { limits.institution.calls = {.per_second = 1, .burst = 3}; });
  ExpectRefused(ListUntilRefused(ChannelOf(nurse)), "institution_calls");
  EXPECT_EQ(ListAs(ChannelOf(colleague)), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(ListAs(ChannelOf(doctor)), grpc::StatusCode::OK);
}

TEST_F(Limited, ADeviceHasAsManyStreamsAsItMay) {
  StartWith([](auto& limits) { limits.institution.streams = 1; });
  auto held = Context();
  auto reader = v1::Threads::NewStub(ChannelOf(nurse))->Watch(held.get(), v1::WatchRequest());
  v1::WatchEvent event;
  ASSERT_TRUE(reader->Read(&event));
  auto context = Context();
  auto second =
      v1::Threads::NewStub(ChannelOf(colleague))->Watch(context.get(), v1::WatchRequest());
  EXPECT_FALSE(second->Read(&event));
  ExpectRefused(second->Finish(), "institution_streams");
  held->TryCancel();
  while (reader->Read(&event)) {
  }
  (void)reader->Finish();
  // What ended makes room, as soon as the relay has heard of it.
  bool is_in = false;
  for (int i = 0; i < 200 && !is_in; ++i) {
    auto again = Context();
    auto third = v1::Threads::NewStub(ChannelOf(colleague))->Watch(again.get(), v1::WatchRequest());
    is_in = third->Read(&event);
    again->TryCancel();
    (void)third->Finish();
  }
  EXPECT_TRUE(is_in);
}

TEST_F(Limited, StrangersAreThrottledByTheirAddressAndDevicesAreNot) {
  StartWith([](auto& limits) { limits.address.calls = {.per_second = 1, .burst = 3}; });
  // How many calls are answered before one is not, and what that one is told.
  grpc::Status status;
  const auto answered = [&](const std::shared_ptr<grpc::Channel>& channel) {
    int count = 0;
    status = grpc::Status::OK;
    for (; count < 5000 && status.ok(); ++count) {
      v1::GetApprovalResponse response;
      status = GetApproval(channel, Context().get(), &response);
    }
    return count - 1;
  };
  EXPECT_GE(answered(ChannelWithoutCertificate()), 3);
  ExpectRefused(status, "address_calls");
  EXPECT_LT(answered(ChannelWithoutCertificate()), 3)
      << "another connection from the same address has three of its own";
  EXPECT_EQ(ListAs(ChannelOf(nurse)), grpc::StatusCode::OK);
}

}  // namespace
}  // namespace renkei::test
