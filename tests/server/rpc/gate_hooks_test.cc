// A real relay asks its gate before each call, and hangs up on who goes on.
#include "server/rpc/gate_hooks.h"

#include <atomic>
#include <chrono>

#include "tests/server/rpc/live_relay.h"

namespace renkei::test {
namespace {

using server::Limit;

class CountingMeter final : public server::Meter {
 public:
  void LimitHit(Limit limit) override { of_connection += limit == Limit::kConnectionCalls ? 1 : 0; }
  std::atomic<std::size_t> of_connection = 0;
};

// A device 5 a second and 50 at once, so a connection 50 and 100.
server::AdmissionLimits Small() {
  server::AdmissionLimits out;
  out.device.calls = {5, 50};
  return out;
}

class GateOfARelay : public LiveRelay {
 protected:
  void SetUp() override {
    meter = &counts;
    Start(Small());
    PublishAll();
  }
  // Begins a call and breaks it off.
  void Break(v1::Threads::Stub& stub) {
    grpc::ClientContext context;
    const auto reader = stub.Watch(&context, {});
    context.TryCancel();
    (void)reader->Finish();
  }

  CountingMeter counts;
  Office& station = world.AddOffice("訪問看護ステーション（架空）");
  Handset& nurse = world.AddMember(station);
  Handset& colleague = world.AddMember(station);
};

TEST_F(GateOfARelay, StreamsThatAreOpenedAndBrokenOffAreRefused) {
  const auto stub = v1::Threads::NewStub(ChannelOf(nurse));
  // However slow the relay is here in taking the connection in: what is broken off before is not
  // sent.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (counts.of_connection == 0 && std::chrono::steady_clock::now() < deadline) {
    Break(*stub);
  }
  EXPECT_GT(counts.of_connection, 0U);
  v1::ListResponse response;
  EXPECT_EQ(
      v1::Threads::NewStub(ChannelOf(colleague))->List(Context().get(), {}, &response).error_code(),
      grpc::StatusCode::OK)
      << "another connection is not held up";
}

TEST_F(GateOfARelay, WhoGoesOnIsHungUpOnAndNobodyElse) {
  auto context = Context();
  const auto watching =
      v1::Threads::NewStub(ChannelOf(colleague))->Watch(context.get(), v1::WatchRequest());
  v1::WatchEvent event;
  ASSERT_TRUE(watching->Read(&event));
  const auto stub = v1::Threads::NewStub(ChannelOf(nurse));
  // However slow the relay is here in taking them in.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (server->connections().hung_up_on == 0 && std::chrono::steady_clock::now() < deadline) {
    Break(*stub);
  }
  EXPECT_GT(server->connections().hung_up_on, 0U);
  context->TryCancel();
  EXPECT_EQ(watching->Finish().error_code(), grpc::StatusCode::CANCELLED) << "open until then";
}

TEST_F(GateOfARelay, WhoGoesOnCallingIsTold) {
  const auto stub = v1::Threads::NewStub(ChannelOf(nurse));
  v1::ListResponse response;
  grpc::Status status;
  for (int i = 0; i < 1000 && counts.of_connection == 0; ++i) {
    status = stub->List(Context().get(), {}, &response);
  }
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(status.error_message(), "relay: too many calls");
}

}  // namespace
}  // namespace renkei::test
