#include "server/rpc/append_streams.h"

#include "server/rpc/append_reactor.h"
#include "tests/server/support/relay_fixture.h"

namespace renkei::test {
namespace {

class AppendStreamsTest : public RelayFixture {
 protected:
  void SetUp() override {
    RelayFixture::SetUp();
    handler.emplace(*relay);
    guard.emplace(*relay, server::AdmissionLimits());
  }
  std::shared_ptr<server::AppendReactor> New() {
    return std::make_shared<server::AppendReactor>(*handler, *guard, streams, context);
  }

  std::optional<server::ThreadsHandler> handler;
  std::optional<server::Guard> guard;
  server::AppendStreams streams{Minutes(2)};
  grpc::CallbackServerContext context;
};

TEST_F(AppendStreamsTest, HoldsEachUntilItIsRemoved) {
  auto one = New();
  const std::weak_ptr<server::AppendReactor> weak = one;
  streams.Add(one);
  streams.Add(New());
  const server::AppendReactor* const key = one.get();
  one.reset();
  EXPECT_FALSE(weak.expired());
  EXPECT_EQ(streams.size(), 2U);
  streams.Remove(key);
  EXPECT_TRUE(weak.expired());
  EXPECT_EQ(streams.size(), 1U);
  streams.Remove(key);
  EXPECT_EQ(streams.size(), 1U) << "one that is not there";
}

}  // namespace
}  // namespace renkei::test
