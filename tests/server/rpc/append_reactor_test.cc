#include "server/rpc/append_reactor.h"

#include <atomic>
#include <chrono>
#include <future>
#include <thread>
#include <tuple>

#include "crypto/pki/revocation.h"
#include "tests/server/rpc/case_rpc.h"

namespace renkei::test {
namespace {

using Stream = grpc::ClientReaderWriter<v1::AppendRequest, v1::AppendStreamResponse>;

class AppendStreamRpc : public CaseRpc {
 protected:
  v1::AppendRequest RequestOfRecord(std::size_t bytes = 1040) {
    v1::AppendRequest out;
    out.set_record(ToString(world.Record(second.card, nurse, head, bytes)));
    return out;
  }
  static v1::AppendRequest NotARecord() {
    v1::AppendRequest out;
    out.set_record("not a record");
    return out;
  }
  struct Ended {
    std::vector<v1::AppendResponse> outcomes;
    std::vector<int> in_a_message;
    grpc::Status status;
  };
  // Reads what comes until the end.
  static Ended Finish(Stream& stream) {
    Ended out;
    v1::AppendStreamResponse message;
    while (stream.Read(&message)) {
      out.in_a_message.push_back(message.outcomes_size());
      out.outcomes.insert(out.outcomes.end(), message.outcomes().begin(), message.outcomes().end());
    }
    out.status = stream.Finish();
    return out;
  }
  Ended SendAll(const std::vector<v1::AppendRequest>& requests) {
    auto context = Context();
    const auto stream = stub->AppendStream(context.get());
    // Beside the reading: the relay takes only so many whose outcomes are not read.
    std::thread writer([&] {
      for (const v1::AppendRequest& request : requests) {
        if (!stream->Write(request)) {
          return;
        }
      }
      stream->WritesDone();
    });
    Ended out = Finish(*stream);
    writer.join();
    return out;
  }
  void AppendOne(Stream& stream) {
    ASSERT_TRUE(stream.Write(RequestOfRecord()));
    v1::AppendStreamResponse message;
    ASSERT_TRUE(stream.Read(&message));
    ASSERT_TRUE(message.outcomes(0).has_accepted());
  }
  // By a colleague.
  void Revoke(const Handset& handset) {
    const Millis now = clock.Now();
    const auto list = pki::CreateCrl(station.ca,
                                     {{handset.device.tls.certificate.serial(), now - Seconds(1),
                                       pki::RevocationReason::kKeyCompromise}},
                                     1, now, now + Days(7));
    v1::PublishRevocationsRequest request;
    request.set_revocation_list(ToString(list->der()));
    v1::PublishRevocationsResponse published;
    ASSERT_TRUE(v1::Directory::NewStub(ChannelOf(colleague))
                    ->PublishRevocations(Context().get(), request, &published)
                    .ok());
  }
  // How many were written when that has not changed for a while.
  static std::size_t WhenStill(const std::atomic<std::size_t>& written) {
    std::size_t before = 0;
    do {
      before = written;
      std::this_thread::sleep_for(std::chrono::milliseconds(500));
    } while (written != before || before == 0);
    return before;
  }

  Handset& colleague = world.AddMember(station);

  // Records in the thread, as its head says.
  std::uint64_t InThread() {
    v1::ListResponse list;
    EXPECT_TRUE(stub->List(Context().get(), {}, &list).ok());
    return HeadOf(list.threads(0).head()).seq - 2;
  }
};

TEST_F(AppendStreamRpc, OutcomesComeInTheOrderOfTheRequests) {
  Begin();
  std::vector<v1::AppendRequest> requests;
  for (int i = 0; i < 400; ++i) {
    requests.push_back(RequestOfRecord());
    if (i % 10 == 3) {
      requests.push_back(requests.back());  // a retry
    }
    if (i % 10 == 7) {
      requests.emplace_back().set_record(ToString(world.Record(first.card, nurse, head)));
    }
  }
  const Ended ended = SendAll(requests);
  EXPECT_TRUE(ended.status.ok()) << ended.status.error_message();
  ASSERT_EQ(ended.outcomes.size(), requests.size());
  std::uint64_t seq = 2;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const v1::AppendResponse& outcome = ended.outcomes[i];
    if (i > 0 && requests[i].record() == requests[i - 1].record()) {
      EXPECT_EQ(outcome.duplicate().seq(), seq) << i;
    } else if (!outcome.has_stale_epoch()) {
      ASSERT_EQ(outcome.accepted().seq(), ++seq) << i;
      EXPECT_EQ(outcome.accepted().payload_hash(),
                ToString(ByteView(Sha256(AsBytes(requests[i].record())))))
          << i;
      EXPECT_EQ(HeadOf(outcome.accepted().head()).seq, seq) << i;
    }
  }
  EXPECT_EQ(seq, 402U);
  EXPECT_EQ(InThread(), 400U);
  for (const int count : ended.in_a_message) {
    EXPECT_LE(count, static_cast<int>(server::kMaxUnansweredAppends));
  }
  EXPECT_LT(ended.in_a_message.size(), requests.size()) << "what is there goes out together";
}

TEST_F(AppendStreamRpc, NothingIsSentNothingIsAnswered) {
  Begin();
  const Ended ended = SendAll({});
  EXPECT_TRUE(ended.status.ok());
  EXPECT_TRUE(ended.outcomes.empty());
}

TEST_F(AppendStreamRpc, ARequestThatIsNoneEndsItAfterTheOutcomesOfThoseBefore) {
  Begin();
  std::vector<v1::AppendRequest> requests;
  for (int i = 0; i < 30; ++i) {
    requests.push_back(i == 20 ? NotARecord() : RequestOfRecord());
  }
  const Ended ended = SendAll(requests);
  EXPECT_EQ(ended.status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(ended.outcomes.size(), 20U);
  // Of the rest nothing is known; sent again, each is there once.
  requests.erase(requests.begin() + 20);
  const Ended again = SendAll(requests);
  EXPECT_TRUE(again.status.ok());
  for (std::size_t i = 0; i < 20; ++i) {
    EXPECT_EQ(again.outcomes[i].duplicate().seq(), ended.outcomes[i].accepted().seq());
  }
  EXPECT_EQ(InThread(), requests.size());
}

// The store stands still: only so much of one stream waits for it, the rest waits at its sender.
TEST_F(AppendStreamRpc, WhatCoreHasNotAnsweredIsBoundedInNumberAndInBytes) {
  Begin();
  for (const auto& [count, bytes, most] :
       {std::tuple(std::size_t{400}, std::size_t{1040}, server::kMaxUnansweredAppends),
        std::tuple(std::size_t{8}, std::size_t{1'000'000}, std::size_t{3})}) {
    std::vector<v1::AppendRequest> requests;
    for (std::size_t i = 0; i < count; ++i) {
      requests.push_back(RequestOfRecord(bytes));
    }
    std::promise<void> go_on;
    std::promise<void> stands;
    store->Write(
        [&](server::WriteTransaction&) {
          stands.set_value();
          go_on.get_future().wait();
          return Ok();
        },
        [](const Status&) {});
    stands.get_future().wait();
    auto sent = std::async(std::launch::async, [&] { return SendAll(requests); });
    std::size_t waiting = 0;
    do {
      waiting = store->waiting();
      std::this_thread::sleep_for(std::chrono::milliseconds(300));
    } while (store->waiting() != waiting || waiting == 0);
    EXPECT_EQ(waiting, most);
    go_on.set_value();
    const Ended ended = sent.get();
    EXPECT_TRUE(ended.status.ok());
    EXPECT_EQ(ended.outcomes.size(), count);
  }
}

// Four times the bytes that a connection may have which no request explains (byte_ledger.h); the
// flood watch looks every quarter of a second.
TEST_F(AppendStreamRpc, LargeRequestsGoThroughHoweverMany) {
  Begin();
  const v1::AppendRequest request = RequestOfRecord(1'000'000);
  for (int i = 0; i < 4; ++i) {
    const Ended ended = SendAll(std::vector(33, request));  // once, and retries
    EXPECT_TRUE(ended.status.ok()) << ended.status.error_message();
    EXPECT_EQ(ended.outcomes.size(), 33U);
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
  }
  EXPECT_EQ(InThread(), 1U);
}

TEST_F(AppendStreamRpc, WhoIsNotAdmittedGetsNoStream) {
  Begin();
  auto context = Context();
  const auto nobody = v1::Threads::NewStub(ChannelWithoutCertificate());
  const auto stream = nobody->AppendStream(context.get());
  (void)stream->Write(RequestOfRecord());
  EXPECT_EQ(Finish(*stream).status.error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(InThread(), 0U);
}

TEST_F(AppendStreamRpc, G9_ADeviceThatIsRevokedWritesNothingMoreOnItsOpenStream) {
  Begin();
  auto context = Context();
  const auto stream = stub->AppendStream(context.get());
  AppendOne(*stream);
  Revoke(nurse);
  (void)stream->Write(RequestOfRecord());
  EXPECT_EQ(Finish(*stream).status.error_code(), grpc::StatusCode::UNAUTHENTICATED);
  v1::ListResponse threads;
  ASSERT_TRUE(doctor_stub->List(Context().get(), {}, &threads).ok());
  EXPECT_EQ(HeadOf(threads.threads(0).head()).seq, 3U);
}

TEST_F(AppendStreamRpc, StreamsThatAreAbandonedMakeRoomForOthers) {
  Begin();
  for (int i = 0; i < 40; ++i) {
    auto context = Context();
    const auto stream = stub->AppendStream(context.get());
    for (int k = 0; k < i % 4; ++k) {
      (void)stream->Write(RequestOfRecord());
    }
    v1::AppendStreamResponse message;
    if (i % 4 == 3) {
      (void)stream->Read(&message);
    }
    context->TryCancel();
    (void)stream->Finish();
  }
  // A device has four; the relay hears of the end of the last ones a little later.
  grpc::Status status;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  do {
    status = SendAll({RequestOfRecord()}).status;
  } while (!status.ok() && std::chrono::steady_clock::now() < deadline);
  EXPECT_TRUE(status.ok()) << status.error_message();
}

TEST_F(AppendStreamRpc, ARelayThatStopsEndsItAtOnceAndAnswersWhatItRead) {
  Begin();
  auto context = Context();
  const auto stream = stub->AppendStream(context.get());
  AppendOne(*stream);
  const auto begin = std::chrono::steady_clock::now();
  server.reset();
  // It does not wait for the stream until the time to drain is over.
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(1900));
  const grpc::Status status = Finish(*stream).status;
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(status.error_message(), "relay: shutting down");
}

class LimitedAppendStream : public AppendStreamRpc {
 protected:
  void SetUp() override {}
  void StartWith(const server::AdmissionLimits& limits) {
    Start(limits);
    PublishAll();
    first = world.NewCase(nurse);
    second = world.NextCommit(first.card, nurse, {&nurse, &doctor});
    stub = v1::Threads::NewStub(ChannelOf(nurse));
    doctor_stub = v1::Threads::NewStub(ChannelOf(doctor));
    Begin();
  }
};

TEST_F(LimitedAppendStream, OverARateEndsItAndSaysWhenToComeAgain) {
  server::AdmissionLimits limits = server::NoLimits();
  limits.device.calls = {.per_second = 1, .burst = 40};  // Create and Commit weigh ten each
  StartWith(limits);
  std::vector<v1::AppendRequest> requests;
  for (int i = 0; i < 50; ++i) {
    requests.push_back(RequestOfRecord());
  }
  const Ended ended = SendAll(requests);
  EXPECT_EQ(ended.status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(ended.status.error_message(), "device_calls");
  ASSERT_TRUE(RetryDelayOf(ended.status));
  EXPECT_GT(*RetryDelayOf(ended.status), Millis{0});
  EXPECT_GE(ended.outcomes.size(), 19U) << "what came before it is answered";
  EXPECT_LE(ended.outcomes.size(), 25U);
  for (const v1::AppendResponse& outcome : ended.outcomes) {
    EXPECT_TRUE(outcome.has_accepted());
  }
}

TEST_F(LimitedAppendStream, WhoseRequestsAreNotAnsweredIsNotReadFurther) {
  StartWith(server::NoLimits());  // or a rate would end it
  auto context = Context();
  const auto stream = stub->AppendStream(context.get());
  constexpr std::size_t kMany = 60'000;
  const v1::AppendRequest request = RequestOfRecord();  // the others are retries
  std::atomic<std::size_t> written = 0;
  std::thread writer([&] {
    for (; written < kMany && stream->Write(request); ++written) {
    }
  });
  EXPECT_LT(WhenStill(written), kMany) << "HTTP/2's windows on both sides hold some thousand";
  context->TryCancel();
  writer.join();
  const Ended ended = Finish(*stream);
  EXPECT_EQ(ended.status.error_code(), grpc::StatusCode::CANCELLED);
  EXPECT_TRUE(SendAll({RequestOfRecord()}).outcomes[0].has_accepted());
}

class IdleAppendStream : public LimitedAppendStream {
 protected:
  void SetUp() override {
    transport.idle = Millis{400};
    StartWith(server::NoLimits());
  }
};

TEST_F(IdleAppendStream, OnWhichNothingComesIsEnded) {
  auto context = Context();
  const auto stream = stub->AppendStream(context.get());
  // Not while something does.
  for (int i = 0; i < 10; ++i) {
    AppendOne(*stream);
    std::this_thread::sleep_for(std::chrono::milliseconds(150));
  }
  const grpc::Status status = Finish(*stream).status;
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(status.error_message(), "append: nothing came for a while");
}

TEST_F(IdleAppendStream, G9_OfARevokedDeviceIsEndedThoughItSendsNothing) {
  auto context = Context();
  const auto stream = stub->AppendStream(context.get());
  Revoke(nurse);
  EXPECT_EQ(Finish(*stream).status.error_code(), grpc::StatusCode::UNAUTHENTICATED);
}

// Its outcomes stand in flow control and are in the way of what the same device is to get.
TEST_F(LimitedAppendStream, WhoTakesNoOutcomesIsBrokenOff) {
  unread.device = 1;
  StartWith(server::NoLimits());
  auto context = Context();
  const auto stream = stub->AppendStream(context.get());
  const v1::AppendRequest request = RequestOfRecord();
  std::atomic<std::size_t> written = 0;
  std::thread writer([&] {
    for (; stream->Write(request); ++written) {
    }
  });
  (void)WhenStill(written);
  auto watching = Context();
  const auto reader = stub->Watch(watching.get(), v1::WatchRequest());
  v1::WatchEvent event;
  EXPECT_TRUE(reader->Read(&event));
  writer.join();
  EXPECT_EQ(Finish(*stream).status.error_code(), grpc::StatusCode::CANCELLED);
}

}  // namespace
}  // namespace renkei::test
