// What the meter is told of calls and streams (unary.h, guard.h, watch_reactor.h).
#include <condition_variable>
#include <map>
#include <mutex>

#include "tests/server/rpc/live_relay.h"

namespace renkei::test {
namespace {

// Counts; what gRPC's threads tell may come after the caller has its answer, so it can be waited
// for.
class CountingMeter final : public server::Meter {
 public:
  void CallStarted() override {
    Change([&] { ++started; });
  }
  void CallEnded(std::string_view method, std::optional<Code> error, server::Nanos took) override {
    EXPECT_GE(took.count(), 0);
    Change([&] { ++ended[std::string(method) + (error ? CodeName(*error) : " ok")]; });
  }
  void StreamOpened() override {
    Change([&] { ++streams; });
  }
  void StreamClosed() override {
    Change([&] { --streams; });
  }
  void LimitHit(server::Limit limit) override {
    Change([&] { ++limits[limit]; });
  }
  void Committed(const server::CommitStats& stats) override {
    Change([&] { writes += stats.writes; });
  }

  template <typename Predicate>
  bool WaitFor(const Predicate& is_so) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(20), is_so);
  }

  int started = 0;
  int streams = 0;
  std::size_t writes = 0;
  std::map<std::string, int> ended;
  std::map<server::Limit, int> limits;

 private:
  template <typename Edit>
  void Change(const Edit& edit) {
    const std::lock_guard lock(mutex_);
    edit();
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
};

class CallMeter : public LiveRelay {
 protected:
  void SetUp() override {
    meter = &counted;
    server::AdmissionLimits limits = server::NoLimits();
    limits.device.calls = {.per_second = 1, .burst = 3};
    Start(limits);
  }
  ~CallMeter() override { Stop(); }
  static grpc::StatusCode ListAs(const std::shared_ptr<grpc::Channel>& channel) {
    v1::ListResponse response;
    return v1::Threads::NewStub(channel)->List(Context().get(), {}, &response).error_code();
  }

  CountingMeter counted;
  Office& station = world.AddOffice("訪問看護ステーション（架空）");
  Handset& nurse = world.AddMember(station);
};

TEST_F(CallMeter, EachCallIsToldOnceWithHowItEnded) {
  EXPECT_NE(ListAs(ChannelOf(nurse)), grpc::StatusCode::OK);
  EXPECT_NE(ListAs(ChannelWithoutCertificate()), grpc::StatusCode::OK);
  PublishAll();
  EXPECT_EQ(ListAs(ChannelOf(nurse)), grpc::StatusCode::OK);
  EXPECT_EQ(counted.ended.at("Threads.ListkDenied"), 1);
  EXPECT_EQ(counted.ended.at("Threads.ListkAuthFailed"), 1);
  EXPECT_EQ(counted.ended.at("Threads.List ok"), 1);
  EXPECT_EQ(counted.started, 3);
  EXPECT_GT(counted.writes, 0U);
}

TEST_F(CallMeter, OverALimitIsToldByTheLimit) {
  PublishAll();
  const auto channel = ChannelOf(nurse);
  for (int i = 0; i < 1000 && ListAs(channel) == grpc::StatusCode::OK; ++i) {
  }
  EXPECT_EQ(counted.limits[server::Limit::kDeviceCalls], 1);
  EXPECT_EQ(counted.ended.at("Threads.ListkThrottled"), 1);
}

TEST_F(CallMeter, StreamsAreToldWhenTheyOpenAndWhenTheyAreGone) {
  PublishAll();
  const auto context = Context();
  const auto reader =
      v1::Threads::NewStub(ChannelOf(nurse))->Watch(context.get(), v1::WatchRequest());
  EXPECT_TRUE(counted.WaitFor([&] { return counted.streams == 1; }));
  context->TryCancel();
  EXPECT_TRUE(counted.WaitFor([&] { return counted.streams == 0; }));
  EXPECT_EQ(counted.ended.at("Threads.Watch ok"), 1);
}

TEST_F(CallMeter, EachMessageOfAnAppendStreamIsToldAsACall) {
  PublishAll();
  const auto context = Context();
  const auto stream = v1::Threads::NewStub(ChannelOf(nurse))->AppendStream(context.get());
  EXPECT_TRUE(counted.WaitFor([&] { return counted.streams == 1; }));
  EXPECT_EQ(counted.started, 0) << "the stream itself is none";
  (void)stream->Write(v1::AppendRequest());
  v1::AppendStreamResponse response;
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_TRUE(counted.WaitFor([&] { return counted.streams == 0; }));
  EXPECT_EQ(counted.started, 1);
  EXPECT_EQ(counted.ended.at("Threads.AppendStreamkMalformed"), 1);
}

TEST_F(CallMeter, AStreamThatIsNotLetInIsACallThatFailed) {
  const auto context = Context();
  const auto reader =
      v1::Threads::NewStub(ChannelWithoutCertificate())->Watch(context.get(), v1::WatchRequest());
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_TRUE(
      counted.WaitFor([&] { return counted.ended.count("Threads.WatchkAuthFailed") == 1; }));
  EXPECT_EQ(counted.streams, 0);
}

}  // namespace
}  // namespace renkei::test
