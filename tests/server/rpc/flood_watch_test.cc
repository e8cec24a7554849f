// Connections that flood are ended, and no others.
#include "server/rpc/flood_watch.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <string>
#include <thread>

namespace renkei::server {
namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20U;
constexpr auto kPatience = std::chrono::seconds(20);

class NothingFree final : public FreeMemory {
 public:
  void GiveBack() override {}
  bool IsGivingBack() const override { return false; }
};

// Both ends of a TCP connection, of which the relay's is never read.
class Connection {
 public:
  explicit Connection(int listener) : client_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{};
    socklen_t size = sizeof(to);
    EXPECT_EQ(getsockname(listener, reinterpret_cast<sockaddr*>(&to), &size), 0);
    EXPECT_EQ(connect(client_, reinterpret_cast<const sockaddr*>(&to), sizeof(to)), 0);
    size = sizeof(from_);
    relay_ = accept4(listener, reinterpret_cast<sockaddr*>(&from_), &size, SOCK_CLOEXEC);
    EXPECT_GE(relay_, 0);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() {
    close(client_);
    close(relay_);
  }

  int relay_end() const { return relay_; }
  Peer peer() const { return PeerOf(from_); }
  // As much as the other side takes of so many bytes.
  void Send(std::size_t bytes) const {
    const std::string all(bytes, 'x');
    (void)send(client_, all.data(), all.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  }
  bool IsOpen() const {
    char byte = 0;
    return recv(client_, &byte, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN;
  }

 private:
  int client_;
  int relay_ = -1;
  sockaddr_storage from_{};
};

int Listening() {
  const int out = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  // What it accepts takes more than the ledger allows, though nobody reads it.
  const int room = 1 << 20;
  EXPECT_EQ(setsockopt(out, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room)), 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(bind(out, reinterpret_cast<const sockaddr*>(&at), sizeof(at)), 0);
  EXPECT_EQ(listen(out, 8), 0);
  return out;
}

class FloodWatchTest : public ::testing::Test {
 protected:
  FloodWatchTest() {
    for (const Connection* connection : {&flooder_, &other_}) {
      const std::lock_guard lock(connections_.mutex);
      connections_.table.Add(connection->relay_end(), connection->peer());
    }
  }
  ~FloodWatchTest() override { close(listener_); }
  // Until the flooder is hung up on, or it takes too long.
  template <typename Call>
  void Until(const Call& each) {
    const auto end = std::chrono::steady_clock::now() + kPatience;
    while (watch_.hung_up_on() == 0 && std::chrono::steady_clock::now() < end) {
      each();
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }

  const int listener_ = Listening();
  Connection flooder_{listener_};
  Connection other_{listener_};
  SharedConnections connections_{ConnectionTable({}, IdentityOfSocket)};
  ByteLedger ledger_{{.connection = 128 << 10U, .all = 64 * kMiB}};
  NothingFree free_;
  std::atomic<std::size_t> resident_ = 0;
  MemoryWatch memory_{kMiB, free_, [this] { return resident_.load(); }};
  FloodWatch watch_{connections_, ledger_, memory_, [] { return std::size_t{0}; }};
};

TEST_F(FloodWatchTest, WhoSendsWhatNothingExplainsIsHungUpOn) {
  Until([&] { flooder_.Send(kMiB); });
  EXPECT_FALSE(flooder_.IsOpen());
  EXPECT_TRUE(other_.IsOpen());
  EXPECT_EQ(watch_.hung_up_on(), 1U);
}

TEST_F(FloodWatchTest, WhoIsNamedIsHungUpOnWithWhatNobodyReadYet) {
  flooder_.Send(kMiB);
  watch_.HangUpOn(flooder_.peer());
  Until([] {});
  EXPECT_FALSE(flooder_.IsOpen());
  char byte = 0;
  EXPECT_LE(recv(flooder_.relay_end(), &byte, 1, MSG_DONTWAIT), 0) << "thrown away";
  EXPECT_TRUE(other_.IsOpen());
}

// Who opened thousands and closed them must not be allowed what these would explain.
TEST_F(FloodWatchTest, ConnectionsThatWereClosedExplainNoMemory) {
  constexpr int kClosed = 4096;
  constexpr int kNoDescriptor = 1 << 20;
  {
    const std::lock_guard lock(connections_.mutex);
    for (int i = 0; i < kClosed; ++i) {
      Peer gone = other_.peer();
      gone.port = static_cast<std::uint16_t>(20'000 + i);
      connections_.table.Add(kNoDescriptor + i, gone);
    }
  }
  flooder_.Send(100 << 10U);  // not too much for one connection, but most of all
  Until([&] { resident_ = std::min(resident_ + 16 * kMiB, 500 * kMiB); });
  EXPECT_FALSE(flooder_.IsOpen());
  EXPECT_TRUE(other_.IsOpen());
}

TEST_F(FloodWatchTest, WhoIsNotThereIsNoMatter) {
  watch_.HangUpOn(PeerOf("ipv4:192.0.2.1:4711"));
  watch_.HangUpOn(flooder_.peer());
  Until([] {});
  EXPECT_EQ(watch_.hung_up_on(), 1U);
  EXPECT_TRUE(other_.IsOpen());
}

}  // namespace
}  // namespace renkei::server
