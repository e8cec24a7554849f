// Answers that nobody takes, over real connections (reader_budget.h).
#include "server/rpc/large_answer.h"

#include <grpcpp/generic/generic_stub.h>

#include <atomic>
#include <thread>

#include "tests/server/rpc/case_rpc.h"

namespace renkei::test {
namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20U;

class UnreadMeter final : public server::Meter {
 public:
  void LimitHit(server::Limit limit) override {
    device += limit == server::Limit::kDeviceUnread ? 1 : 0;
    other += limit == server::Limit::kDeviceUnread ? 0 : 1;
  }
  void CallStarted() override { ++under_way; }
  void CallEnded(std::string_view /*method*/, std::optional<Code> /*error*/,
                 server::Nanos /*took*/) override {
    --under_way;
  }
  std::atomic<int> under_way = 0;
  std::atomic<int> device = 0;
  std::atomic<int> other = 0;
};

// A Threads.Read that was sent, and of whose answer nothing is read: beyond HTTP/2's window it
// stays with the relay.
class UnreadCall {
 public:
  UnreadCall(const std::shared_ptr<grpc::Channel>& channel, const v1::ReadRequest& request)
      : stub_(channel) {
    call_ = stub_.PrepareCall(&context_, "/renkei.relay.v1.Threads/Read", &queue_);
    call_->StartCall(this);
    EXPECT_TRUE(Next());
    const grpc::Slice bytes(request.SerializeAsString());
    call_->Write(grpc::ByteBuffer(&bytes, 1), this);
    EXPECT_TRUE(Next());
    call_->WritesDone(this);
    EXPECT_TRUE(Next());
  }
  ~UnreadCall() {
    if (!is_finished_) {
      context_.TryCancel();
      (void)End();
    }
    queue_.Shutdown();
    while (Next()) {
    }
  }
  UnreadCall(const UnreadCall&) = delete;
  UnreadCall& operator=(const UnreadCall&) = delete;

  // Waits for the end. Not to be called of one that the relay still holds.
  grpc::StatusCode End() {
    is_finished_ = true;
    // gRPC tells the end only to who has taken what came before it.
    grpc::ByteBuffer rest;
    for (bool is_more = true; is_more;) {
      call_->Read(&rest, this);
      is_more = Next();
    }
    grpc::Status status;
    call_->Finish(&status, this);
    (void)Next();
    return status.error_code();
  }

 private:
  bool Next() {
    void* tag = nullptr;
    bool ok = false;
    return queue_.Next(&tag, &ok) && ok;
  }

  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  grpc::GenericStub stub_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> call_;
  bool is_finished_ = false;
};

// HTTP/2's windows stay as small as they begin, or gRPC would take an answer for who reads none.
grpc::ChannelArguments SmallWindows() {
  grpc::ChannelArguments out;
  out.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  out.SetInt(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, 65'535);
  return out;
}

class SlowReaders : public CaseRpc {
 protected:
  void SetUp() override {
    meter = &counted;
    unread = {.all = 64 * kMiB, .institution = 32 * kMiB, .device = 8 * kMiB, .stalled = {300}};
    CaseRpc::SetUp();
    Begin();
    for (int i = 0; i < 2; ++i) {
      ASSERT_TRUE(Append(*stub, world.Record(second.card, nurse, head, 900'000)).has_accepted());
    }
    request.set_case_id(ToString(first.card.card.case_id.view()));
    request.set_limit(500);
  }
  ~SlowReaders() override { Stop(); }

  bool Reads(v1::Threads::Stub& by) { return ReadsWithin(by, Seconds(60)); }
  bool ReadsWithin(v1::Threads::Stub& by, Millis most) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(most.value));
    v1::ReadResponse response;
    const grpc::Status status = by.Read(&context, request, &response);
    return status.ok() && response.entries().entries_size() == 4;
  }

  UnreadMeter counted;
  v1::ReadRequest request;
};

// Room for two at a time: of eight, six wait until somebody comes who finds that nobody takes the
// first two, and so on.
TEST_F(SlowReaders, ADeviceThatTakesNothingHoldsItsShareAndNoMore) {
  const auto channel = ChannelOf(nurse, SmallWindows());
  std::vector<std::unique_ptr<UnreadCall>> calls;
  for (int i = 0; i < 8; ++i) {
    calls.push_back(std::make_unique<UnreadCall>(channel, request));
  }
  EXPECT_TRUE(Reads(*doctor_stub)) << "others read on";
  EXPECT_EQ(counted.device, 0);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!ReadsWithin(*stub, unread.stalled) && std::chrono::steady_clock::now() < deadline) {
  }
  EXPECT_GE(counted.device, 6) << "the same device reads on where it takes what it asks for";
  EXPECT_EQ(counted.other, 0);
  // The oldest ones.
  for (int i = 0; i < 6; ++i) {
    EXPECT_NE(calls[static_cast<std::size_t>(i)]->End(), grpc::StatusCode::OK) << i;
  }
}

TEST_F(SlowReaders, CallsThatEndWhileTheyWaitLeaveNothingBehind) {
  const auto channel = ChannelOf(nurse, SmallWindows());
  for (int round = 0; round < 20; ++round) {
    std::vector<std::unique_ptr<UnreadCall>> calls;
    for (int i = 0; i < 5; ++i) {
      calls.push_back(std::make_unique<UnreadCall>(channel, request));
    }
  }
  EXPECT_TRUE(Reads(*stub));
  Stop();
  EXPECT_EQ(counted.under_way, 0);
}

TEST_F(SlowReaders, WhoTakesEachAnswerIsNeverBrokenOff) {
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(Reads(*stub));
  }
  EXPECT_EQ(counted.device, 0);
  EXPECT_EQ(counted.other, 0);
}

// A stream of which nothing is taken holds one message; it gives way to what its device asks for.
TEST_F(SlowReaders, AStreamThatIsNotReadIsBrokenOffForTheSameDevicesCalls) {
  Stop();
  unread.device = kMiB;
  Start(server::NoLimits());
  auto watcher = v1::Threads::NewStub(ChannelOf(doctor, SmallWindows()));
  auto context = Context();
  auto reader = watcher->Watch(context.get(), v1::WatchRequest());
  reader->WaitForInitialMetadata();
  const auto calls = v1::Threads::NewStub(ChannelOf(doctor));
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (relay->hub().size() != 0 && std::chrono::steady_clock::now() < deadline) {
    (void)Reads(*calls);  // the stream's own message, if it comes later, takes its place
  }
  EXPECT_EQ(relay->hub().size(), 0U);
  EXPECT_TRUE(Reads(*calls));
  EXPECT_GE(counted.device, 1);
  v1::WatchEvent event;
  while (reader->Read(&event)) {
  }
  EXPECT_FALSE(reader->Finish().ok());
}

}  // namespace
}  // namespace renkei::test
