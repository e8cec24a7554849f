// The relay over gRPC: whom it trusts, what errors become, and that nothing which answers can harm.
#include "client/net/grpc_relay.h"

#include <thread>

#include "client/net/call_timeout.h"
#include "crypto/pki/pem.h"
#include "tests/client/net/hostile_server.h"
#include "tests/server/rpc/live_relay.h"

namespace renkei::test {
namespace {

class GrpcRelayTest : public LiveRelay {
 protected:
  client::RelayEndpoint EndpointOf(const Handset& handset) {
    client::RelayEndpoint out = Nobody(world.region());
    out.client_chain_pem = pki::ToPem(handset.TlsChain(world.region()));
    out.client_key_pem = pki::PrivateKeyPem(handset.device.tls.key);
    return out;
  }
  // Without a certificate of ours; trusts that region.
  client::RelayEndpoint Nobody(const Region& trusted) {
    client::RelayEndpoint out;
    out.address = Address();
    out.root_der = trusted.root().certificate().der();
    out.region = trusted.id();
    return out;
  }
  std::unique_ptr<client::Relay> Connect(const client::RelayEndpoint& endpoint) {
    auto connected = connector_.Connect(endpoint);
    EXPECT_TRUE(connected.ok());
    return std::move(*connected);
  }
  Code ListFailure(const client::RelayEndpoint& endpoint) {
    const auto listed = Connect(endpoint)->ListThreads({});
    return listed.ok() ? Code::kInternal : listed.error().code();
  }
  std::string Why(const client::RelayEndpoint& endpoint) {
    const auto listed = Connect(endpoint)->ListThreads({});
    return listed.ok() ? "" : listed.error().where();
  }
  // What becomes of an answer from somebody who holds this region's relay certificate.
  Result<v1::ListResponse> ListFrom(const std::string& answer,
                                    const grpc::Status& status = grpc::Status::OK) {
    const AnsweringServer other(world.region(), answer, status);
    client::RelayEndpoint endpoint = EndpointOf(nurse_);
    endpoint.address = other.Address();
    return Connect(endpoint)->ListThreads({});
  }

  client::GrpcConnector connector_;
  Office& station_ = world.AddOffice("訪問看護ステーション（架空）");
  Handset& nurse_ = world.AddMember(station_);
};

TEST_F(GrpcRelayTest, APublishedDeviceIsAnswered) {
  PublishAll();
  const auto connection = Connect(EndpointOf(nurse_));
  const auto listed = connection->ListThreads({});
  ASSERT_TRUE(listed.ok()) << listed.error().where();
  EXPECT_EQ(listed->threads_size(), 0);
}

TEST_F(GrpcRelayTest, ConnectingDoesNotWaitAndTheFirstCallSaysUnreachable) {
  client::RelayEndpoint endpoint = EndpointOf(nurse_);
  endpoint.address = NobodysAddress();
  EXPECT_EQ(ListFailure(endpoint), Code::kUnavailable);
  EXPECT_EQ(Why(endpoint), "the relay cannot be reached") << "nothing was sent";
}

TEST_F(GrpcRelayTest, ANameThatNobodyHasIsUnreachable) {
  client::RelayEndpoint endpoint = EndpointOf(nurse_);
  endpoint.address = "relay.invalid:443";
  EXPECT_EQ(Why(endpoint), "the relay cannot be reached");
}

TEST_F(GrpcRelayTest, WhoSpeaksNoTlsIsNotTakenForAnotherRegionsRelay) {
  const RudeServer rude("HTTP/1.1 400 Bad Request\r\n\r\n");
  client::RelayEndpoint endpoint = EndpointOf(nurse_);
  endpoint.address = rude.Address();
  EXPECT_EQ(Why(endpoint), "the relay cannot be reached");
}

TEST_F(GrpcRelayTest, ARelayOfAnotherRegionIsNotTrustedAndSaidToBeOne) {
  const Region other(99, "にし地区医師会", clock.Now() - Days(1));
  EXPECT_EQ(ListFailure(Nobody(other)), Code::kUnavailable);
  EXPECT_EQ(Why(Nobody(other)), "the relay is not the one of this region");
}

// A device of a neighbouring region that takes this relay for its own: its root is right, its
// certificate is not. The relay ends the connection in TLS, before there is a call to be answered,
// and gRPC tells us no more than that.
TEST_F(GrpcRelayTest, ADeviceOfAnotherRegionIsRefusedBeforeItsFirstCall) {
  PublishAll();
  RelayWorld neighbours(77, clock.Now() - Days(1));
  Office& office = neighbours.AddOffice("にし訪問看護（架空）");
  const Handset& stranger = neighbours.AddMember(office);
  client::RelayEndpoint endpoint = Nobody(world.region());
  endpoint.client_chain_pem = pki::ToPem(stranger.TlsChain(neighbours.region()));
  endpoint.client_key_pem = pki::PrivateKeyPem(stranger.device.tls.key);
  EXPECT_EQ(Why(endpoint), "the relay ended the connection at once");
  EXPECT_EQ(Why(EndpointOf(nurse_)), "") << "one of ours is answered at the same address";
}

TEST_F(GrpcRelayTest, TheRightRootWithAnotherRegionsNameIsNotTrusted) {
  PublishAll();
  client::RelayEndpoint endpoint = EndpointOf(nurse_);
  endpoint.region = RegionId::Generate(world.random());
  EXPECT_EQ(Why(endpoint), "the relay is not the one of this region");
}

TEST_F(GrpcRelayTest, AnImpostorUnderAnotherRootGetsNoRequest) {
  Region impostor(99, "ひがし地区医師会", clock.Now() - Days(1));
  const AnsweringServer other(impostor, "");
  client::RelayEndpoint endpoint = EndpointOf(nurse_);
  endpoint.address = other.Address();
  EXPECT_EQ(Why(endpoint), "the relay is not the one of this region");
}

// A call that was begun may have been carried out: never told as one that was not sent.
TEST_F(GrpcRelayTest, ACallWithoutAnswerIsNotCalledUnsent) {
  for (const grpc::StatusCode status : {grpc::StatusCode::UNAVAILABLE, grpc::StatusCode::CANCELLED,
                                        grpc::StatusCode::DEADLINE_EXCEEDED}) {
    const auto listed = ListFrom("", {status, "Socket closed"});
    ASSERT_FALSE(listed.ok());
    EXPECT_STREQ(listed.error().where(), "the relay did not answer") << status;
  }
  const auto full = ListFrom("", {grpc::StatusCode::UNAVAILABLE, "store: the disk is full"});
  EXPECT_STREQ(full.error().where(), "the relay cannot store anything now");
}

TEST_F(GrpcRelayTest, WithoutCertificateOnlyEnrolmentAnswers) {
  const auto connection = Connect(Nobody(world.region()));
  EXPECT_EQ(connection->ListThreads({}).error().code(), Code::kAuthFailed);
  v1::GetApprovalRequest request;
  request.set_ticket(std::string(16, 't'));
  EXPECT_TRUE(connection->GetApproval(request).ok());
}

TEST_F(GrpcRelayTest, ADeviceThatIsNotPublishedIsDenied) {
  EXPECT_EQ(ListFailure(EndpointOf(nurse_)), Code::kDenied);
}

TEST_F(GrpcRelayTest, WhatAnHonestClientNeverSendsIsOurMistake) {
  PublishAll();
  v1::ReadRequest request;
  request.set_case_id("short");
  EXPECT_EQ(Connect(EndpointOf(nurse_))->Read(request).error().code(), Code::kInternal);
}

TEST_F(GrpcRelayTest, EveryStatusBecomesWhatTheCallerIsToDo) {
  const std::pair<grpc::StatusCode, Code> rows[] = {
      {grpc::StatusCode::UNAUTHENTICATED, Code::kAuthFailed},
      {grpc::StatusCode::PERMISSION_DENIED, Code::kDenied},
      {grpc::StatusCode::RESOURCE_EXHAUSTED, Code::kThrottled},
      {grpc::StatusCode::INVALID_ARGUMENT, Code::kInternal},
      {grpc::StatusCode::UNIMPLEMENTED, Code::kInternal},
      {grpc::StatusCode::OUT_OF_RANGE, Code::kTooLarge},
      {grpc::StatusCode::UNAVAILABLE, Code::kUnavailable},
      {grpc::StatusCode::UNKNOWN, Code::kUnavailable},
      {grpc::StatusCode::DATA_LOSS, Code::kUnavailable},
  };
  for (const auto& [status, code] : rows) {
    const auto listed = ListFrom("", {status, "患者の名前（架空）を含む文"});
    ASSERT_FALSE(listed.ok());
    EXPECT_EQ(listed.error().code(), code) << status;
    EXPECT_EQ(std::string(listed.error().where()).find("架空"), std::string::npos)
        << "what the other side says is never shown";
  }
}

TEST_F(GrpcRelayTest, ALimitOfTheRelaySaysHowLongToWait) {
  Stop();
  server::AdmissionLimits limits;
  limits.device.calls = {.per_second = 1, .burst = 1};
  Start(limits);
  PublishAll();
  const auto connection = Connect(EndpointOf(nurse_));
  ASSERT_TRUE(connection->ListThreads({}).ok());
  EXPECT_EQ(connection->asked_wait(), Millis{0});
  const auto listed = connection->ListThreads({});
  ASSERT_FALSE(listed.ok());
  EXPECT_EQ(listed.error().code(), Code::kThrottled);
  EXPECT_GT(connection->asked_wait(), Millis{0});
  EXPECT_LE(connection->asked_wait(), Millis{1001});
}

TEST_F(GrpcRelayTest, GarbageInsteadOfAMessageIsAnErrorAndNotAnAnswer) {
  EXPECT_FALSE(ListFrom("\xFF\xFF\xFF garbage").ok());
  EXPECT_TRUE(ListFrom("").ok()) << "an empty message is a good one: the server itself works";
}

TEST_F(GrpcRelayTest, AnAnswerOverTheLimitIsRefused) {
  // One unknown field of more than the limit: a well-formed message otherwise.
  std::string huge = "\xFA\x01";
  const std::size_t size = 9U << 20U;
  for (std::size_t rest = size; rest != 0; rest >>= 7U) {
    huge.push_back(static_cast<char>((rest & 0x7FU) | (rest > 0x7FU ? 0x80U : 0U)));
  }
  huge.append(size, 'x');
  const auto listed = ListFrom(huge);
  ASSERT_FALSE(listed.ok());
  EXPECT_EQ(listed.error().code(), Code::kThrottled);
}

// call_timeout.h says how much; here: that calls have it.
TEST_F(GrpcRelayTest, ACallIsGivenTheTimeThatItsBytesTake) {
  const AnsweringServer other(world.region(), "");
  client::RelayEndpoint endpoint = EndpointOf(nurse_);
  endpoint.address = other.Address();
  const auto to = Connect(endpoint);
  const auto expect_time_for = [&](std::size_t bytes) {
    const auto whole = client::CallTimeout(bytes);
    EXPECT_LE(other.TimeOfLast(), whole + std::chrono::seconds(1));
    EXPECT_GT(other.TimeOfLast(), whole - std::chrono::seconds(10)) << "of " << whole.count();
  };
  (void)to->ListThreads({});
  expect_time_for(0);
  v1::AppendRequest request;
  request.set_record(std::string(std::size_t{512} << 10U, 'x'));
  (void)to->Append(request);
  expect_time_for(request.ByteSizeLong());
  (void)to->AppendAll({request, request}, [](const v1::AppendResponse&) {});
  expect_time_for(2 * request.ByteSizeLong());
  v1::ReadRequest page;
  page.set_max_bytes(512 << 10);
  (void)to->Read(page);
  expect_time_for(page.max_bytes());
}

TEST_F(GrpcRelayTest, AnAddressWithoutPortOrARootThatIsNoneIsRefusedAtOnce) {
  client::RelayEndpoint endpoint = EndpointOf(nurse_);
  endpoint.address = "relay.invalid";
  EXPECT_EQ(connector_.Connect(endpoint).error().code(), Code::kMalformed);
  endpoint = EndpointOf(nurse_);
  endpoint.root_der = ToBytes("no certificate");
  EXPECT_EQ(connector_.Connect(endpoint).error().code(), Code::kMalformed);
}

TEST_F(GrpcRelayTest, AWatchEndsWhenItsListenerHasEnough) {
  PublishAll();
  int events = 0;
  const Status watched = Connect(EndpointOf(nurse_))->Watch({}, [&](const v1::WatchEvent&) {
    ++events;
    return false;
  });
  EXPECT_TRUE(watched.ok());
  EXPECT_EQ(events, 1);
}

TEST_F(GrpcRelayTest, AWatchEndsWhenItIsCancelledFromAnotherThread) {
  PublishAll();
  const auto connection = Connect(EndpointOf(nurse_));
  std::thread other;
  const Status watched = connection->Watch({}, [&](const v1::WatchEvent& event) {
    if (event.caught_up()) {
      other = std::thread([&connection] { connection->CancelWatch(); });
    }
    return true;
  });
  other.join();
  EXPECT_TRUE(watched.ok());
  connection->CancelWatch();  // nothing is watched any more: does nothing
}

TEST_F(GrpcRelayTest, AWatchSaysWhenTheRelayGoes) {
  PublishAll();
  const auto connection = Connect(EndpointOf(nurse_));
  std::thread other;
  const Status watched = connection->Watch({}, [&](const v1::WatchEvent& event) {
    if (event.caught_up()) {
      other = std::thread([this] { server.reset(); });
    }
    return true;
  });
  other.join();
  EXPECT_EQ(watched.error().code(), Code::kUnavailable);
}

// What a relay that goes in the middle of a write leaves behind.
TEST_F(GrpcRelayTest, AWatchThatTheOtherSideCancelsIsBroken) {
  const AnsweringServer other(world.region(), "", grpc::Status::CANCELLED);
  client::RelayEndpoint endpoint = EndpointOf(nurse_);
  endpoint.address = other.Address();
  const Status watched = Connect(endpoint)->Watch({}, [](const v1::WatchEvent&) { return true; });
  ASSERT_FALSE(watched.ok());
  EXPECT_EQ(watched.error().code(), Code::kUnavailable);
}

TEST_F(GrpcRelayTest, ADeniedWatchIsNoEndlessOne) {
  EXPECT_EQ(Connect(EndpointOf(nurse_))
                ->Watch({}, [](const v1::WatchEvent&) { return true; })
                .error()
                .code(),
            Code::kDenied);
}

class AppendAllTest : public GrpcRelayTest {
 protected:
  void SetUp() override {
    GrpcRelayTest::SetUp();
    PublishAll();
    relay_ = Connect(EndpointOf(nurse_));
    first_ = world.NewCase(nurse_);
    const auto created = relay_->CreateThread(RequestOf(first_));
    ASSERT_TRUE(created.ok() && created->has_accepted());
    const auto head = thread::VerifyHead(AsBytes(created->accepted().head().SerializeAsString()),
                                         world.Identity().signing_certificate.public_key());
    ASSERT_TRUE(head.ok());
    seen_ = {1, head->hash, {created->accepted().received_at()}};
  }
  std::vector<v1::AppendRequest> Records(std::size_t count, std::size_t bytes = 1040) {
    std::vector<v1::AppendRequest> out(count);
    for (v1::AppendRequest& each : out) {
      each.set_record(ToString(world.Record(first_.card, nurse_, seen_, bytes)));
    }
    return out;
  }
  static Status AppendAll(client::Relay& relay, const std::vector<v1::AppendRequest>& requests,
                          std::vector<v1::AppendResponse>& outcomes) {
    return relay.AppendAll(requests,
                           [&](const v1::AppendResponse& outcome) { outcomes.push_back(outcome); });
  }
  // By somebody who holds this region's relay certificate.
  Status AppendTo(const std::string& answer, std::vector<v1::AppendResponse>& outcomes) {
    const AnsweringServer other(world.region(), answer);
    client::RelayEndpoint endpoint = EndpointOf(nurse_);
    endpoint.address = other.Address();
    return AppendAll(*Connect(endpoint), Records(2), outcomes);
  }

  std::unique_ptr<client::Relay> relay_;
  CommitParts first_;
  thread::Position seen_;
};

TEST_F(AppendAllTest, EachOutcomeComesInItsTurn) {
  auto requests = Records(64);
  requests[10] = requests[9];
  std::vector<v1::AppendResponse> outcomes;
  ASSERT_TRUE(AppendAll(*relay_, requests, outcomes).ok());
  ASSERT_EQ(outcomes.size(), 64U);
  std::uint64_t seq = 1;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    EXPECT_EQ(i == 10 ? outcomes[i].duplicate().seq() : outcomes[i].accepted().seq(),
              i == 10 ? seq : ++seq);
  }
}

// More than an outbox sends together: the relay reads on while it is not listened to.
TEST_F(AppendAllTest, AsMuchAsAnOutboxSendsAtOnceStopsNowhere) {
  std::vector<v1::AppendResponse> outcomes;
  EXPECT_TRUE(AppendAll(*relay_, Records(2, 1'048'000), outcomes).ok());
  EXPECT_TRUE(AppendAll(*relay_, Records(64, 20'000), outcomes).ok());
  EXPECT_EQ(outcomes.size(), 66U);
}

TEST_F(AppendAllTest, WhatTheRelayRefusesEndsItWithTheOutcomesOfThoseBefore) {
  auto requests = Records(5);
  requests[3].set_record("not a record");
  std::vector<v1::AppendResponse> outcomes;
  const Status status = AppendAll(*relay_, requests, outcomes);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code(), Code::kInternal);
  EXPECT_EQ(outcomes.size(), 3U);
}

TEST_F(AppendAllTest, ARelayThatIsGoneIsUnavailable) {
  Stop();
  std::vector<v1::AppendResponse> outcomes;
  const Status status = AppendAll(*relay_, Records(3), outcomes);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code(), Code::kUnavailable);
  EXPECT_TRUE(outcomes.empty());
}

TEST_F(AppendAllTest, FewerOrMoreOutcomesThanRequestsAreNoAnswer) {
  v1::AppendStreamResponse said;
  said.add_outcomes()->mutable_accepted()->set_seq(7);
  std::vector<v1::AppendResponse> outcomes;
  const Status fewer = AppendTo(said.SerializeAsString(), outcomes);
  ASSERT_FALSE(fewer.ok());
  EXPECT_STREQ(fewer.error().where(), "the relay did not answer");
  EXPECT_EQ(outcomes.size(), 1U);
  outcomes.clear();
  for (int i = 0; i < 9; ++i) {
    said.add_outcomes()->mutable_accepted()->set_seq(7);
  }
  EXPECT_FALSE(AppendTo(said.SerializeAsString(), outcomes).ok());
  EXPECT_EQ(outcomes.size(), 2U) << "none for what was not sent";
}

}  // namespace
}  // namespace renkei::test
