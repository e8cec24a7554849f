// Connections to the real relay: over their limit, and when the process has no descriptor left.
#include "server/rpc/acceptor.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/server/rpc/live_relay.h"

namespace renkei::test {
namespace {

// A TCP connection without a word of TLS.
class Silent {
 public:
  explicit Silent(int port) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(port));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof(to)), 0);
  }
  Silent(Silent&& other) noexcept : socket_(std::exchange(other.socket_, -1)) {}
  Silent& operator=(Silent&&) = delete;
  ~Silent() {
    if (socket_ >= 0) {
      close(socket_);
    }
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
  Start({}, {.all = 4, .of_address = 512});
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
  EXPECT_FALSE(held[0].IsClosed(0));
  EXPECT_TRUE(v1::Threads::NewStub(channel)->List(Context().get(), {}, &response).ok());
  held.clear();
  EXPECT_EQ(ListAs(nurse), grpc::StatusCode::OK) << "what was closed makes room";
}

TEST_F(AcceptorTest, RelayWithoutADescriptorLeftAcceptsAgainOnceThereIsOne) {
  Start({}, {});
  PublishAll();
  ASSERT_EQ(ListAs(nurse), grpc::StatusCode::OK);
  // From here on no descriptor is left: one that is waiting in the backlog has to be tried again.
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const Silent first(server->port());
  std::vector<int> made;
  for (int i = 0; i < 3; ++i) {
    made.push_back(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    ASSERT_GE(made.back(), 0);
  }
  rlimit none = before;
  none.rlim_cur = 0;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(server->port()));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  for (const int socket : made) {
    EXPECT_EQ(connect(socket, reinterpret_cast<const sockaddr*>(&to), sizeof(to)), 0);
  }
  pollfd watched = {made[0], POLLIN, 0};
  (void)poll(&watched, 1, 300);  // the relay has tried, more than once
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  for (const int socket : made) {
    close(socket);
  }
  EXPECT_EQ(ListAs(nurse), grpc::StatusCode::OK);
}

TEST_F(AcceptorTest, AnAddressThatIsTakenIsRefused) {
  Start({}, {});
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

}  // namespace
}  // namespace renkei::test
