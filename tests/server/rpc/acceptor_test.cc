// Connections to the real relay: over their limit, and when the process has no descriptor left.
#include "server/rpc/acceptor.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <utility>

#include "tests/server/rpc/live_relay.h"

namespace renkei::test {
namespace {

constexpr auto kPatience = std::chrono::seconds(30);

sockaddr_in Loopback(int port) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(port));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return to;
}

// A TCP connection without a word of TLS.
class Silent {
 public:
  Silent() : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
  explicit Silent(int port) : Silent() { EXPECT_TRUE(ConnectTo(port)); }
  Silent(Silent&& other) noexcept : socket_(std::exchange(other.socket_, -1)) {}
  Silent& operator=(Silent&&) = delete;
  ~Silent() {
    if (socket_ >= 0) {
      close(socket_);
    }
  }
  bool ConnectTo(int port) const {
    const sockaddr_in to = Loopback(port);
    return connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof(to)) == 0;
  }
  // The other side hangs up within `millis`.
  bool IsClosed(int millis) const {
    pollfd watched = {socket_, POLLIN, 0};
    char byte = 0;
    return poll(&watched, 1, millis) == 1 && recv(socket_, &byte, 1, 0) <= 0;
  }

 private:
  int socket_;
};

// clang's undefined-behaviour sanitizer looks at an object's type through a pipe: with no
// descriptor left it takes every object for none.
#if defined(__has_feature)
#if __has_feature(undefined_behavior_sanitizer)
#define RENKEI_NEEDS_DESCRIPTORS GTEST_SKIP() << "the sanitizer needs descriptors itself"
#endif
#endif
#ifndef RENKEI_NEEDS_DESCRIPTORS
#define RENKEI_NEEDS_DESCRIPTORS static_cast<void>(0)
#endif

// This process may open nothing while it lives.
class NoDescriptors {
 public:
  NoDescriptors() {
    EXPECT_EQ(getrlimit(RLIMIT_NOFILE, &before_), 0);
    rlimit none = before_;
    none.rlim_cur = 0;
    EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  }
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;
  ~NoDescriptors() { EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &before_), 0); }

 private:
  rlimit before_{};
};

class AcceptorTest : public LiveRelay {
 protected:
  void SetUp() override {}  // each test has its own limits
  grpc::StatusCode ListAs(const Handset& handset) {
    v1::ListResponse response;
    auto context = Context();
    context->set_wait_for_ready(true);
    return v1::Threads::NewStub(ChannelOf(handset))
        ->List(context.get(), {}, &response)
        .error_code();
  }

  Office& station = world.AddOffice("訪問看護ステーション（架空）");
  Handset& nurse = world.AddMember(station);
};

TEST_F(AcceptorTest, AConnectionOverTheLimitIsClosedAndTheOthersGoOn) {
  connections = {.all = 4, .of_address = 512};
  Start();
  PublishAll();
  std::vector<Silent> held;
  for (int i = 0; i < 3; ++i) {
    held.emplace_back(server->port());
  }
  const auto channel = ChannelOf(nurse);
  v1::ListResponse response;
  ASSERT_TRUE(v1::Threads::NewStub(channel)->List(Context().get(), {}, &response).ok());
  const Silent one_too_many(server->port());
  EXPECT_TRUE(one_too_many.IsClosed(5000));
  EXPECT_EQ(server->connections().closed, 1U);
  EXPECT_FALSE(held[0].IsClosed(0));
  EXPECT_TRUE(v1::Threads::NewStub(channel)->List(Context().get(), {}, &response).ok());
  held.clear();
  EXPECT_EQ(ListAs(nurse), grpc::StatusCode::OK) << "what was closed makes room";
}

// gRPC's own listener accepts nobody any more after this.
TEST_F(AcceptorTest, RelayWithoutADescriptorLeftAcceptsAgainOnceThereIsOne) {
  RENKEI_NEEDS_DESCRIPTORS;
  Start();
  PublishAll();
  ASSERT_EQ(ListAs(nurse), grpc::StatusCode::OK);
  const Silent waits;
  {
    const NoDescriptors none;
    EXPECT_TRUE(waits.ConnectTo(server->port()));
    const auto end = std::chrono::steady_clock::now() + kPatience;
    while (server->connections().waited < 3U && std::chrono::steady_clock::now() < end) {
      std::this_thread::yield();
    }
    EXPECT_GE(server->connections().waited, 3U) << "it tries again and again";
  }
  EXPECT_EQ(ListAs(nurse), grpc::StatusCode::OK);
}

TEST_F(AcceptorTest, WithoutADescriptorItStillStops) {
  RENKEI_NEEDS_DESCRIPTORS;
  Start();
  const Silent waits;
  const NoDescriptors none;
  EXPECT_TRUE(waits.ConnectTo(server->port()));
  while (server->connections().waited < 1U) {
    std::this_thread::yield();
  }
  server.reset();
}

TEST_F(AcceptorTest, AnAddressThatIsTakenIsRefused) {
  Start();
  const std::string taken = "127.0.0.1:" + std::to_string(server->port());
  EXPECT_EQ(server::Acceptor::Listen(taken, {}).error().code(), Code::kUnavailable);
  EXPECT_FALSE(server::Acceptor::Listen("192.0.2.1:0", {}).ok()) << "not this machine's";
  EXPECT_FALSE(server::Acceptor::Listen("no.such.host.invalid:0", {}).ok());
  EXPECT_FALSE(server::Acceptor::Listen("127.0.0.1", {}).ok());
}

TEST_F(AcceptorTest, EveryAddressMeansEveryAddress) {
  const auto acceptor = server::Acceptor::Listen("[::]:0", {});
  ASSERT_TRUE(acceptor.ok());
  EXPECT_GT((*acceptor)->port(), 0);
  const Silent over_ipv4((*acceptor)->port());
}

TEST_F(AcceptorTest, StoppedItRefusesWhoConnects) {
  const auto acceptor = server::Acceptor::Listen("127.0.0.1:0", {});
  ASSERT_TRUE(acceptor.ok());
  (*acceptor)->Stop();
  EXPECT_FALSE(Silent().ConnectTo((*acceptor)->port()));
}

TEST(CappedBy, ConnectionsLeaveDescriptorsForTheRest) {
  EXPECT_EQ(server::CappedBy(65536, {}).all, 16384U);
  EXPECT_EQ(server::CappedBy(4096, {}).all, 4096 - server::kOtherDescriptors);
  EXPECT_EQ(server::CappedBy(100, {}).all, 50U);
  EXPECT_EQ(server::CappedBy(4096, {.all = 7, .of_address = 3}).all, 7U);
  EXPECT_EQ(server::CappedBy(100, {.all = 70, .of_address = 3}).of_address, 3U);
}

}  // namespace
}  // namespace renkei::test
