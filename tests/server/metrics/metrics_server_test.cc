#include "server/metrics/metrics_server.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace renkei::server {
namespace {

using testing::HasSubstr;

// A plain HTTP request to this machine; everything that came back.
class Connection {
 public:
  explicit Connection(int port) : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    is_connected_ =
        connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  }
  ~Connection() { close(socket_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  bool is_connected() const { return is_connected_; }
  std::string Ask(const std::string& request) {
    EXPECT_EQ(write(socket_, request.data(), request.size()), static_cast<ssize_t>(request.size()));
    std::string out;
    char buffer[4096];
    for (ssize_t got = 0; (got = read(socket_, buffer, sizeof(buffer))) > 0;) {
      out.append(buffer, static_cast<std::size_t>(got));
    }
    return out;
  }

 private:
  int socket_;
  bool is_connected_ = false;
};

std::string Get(int port, const std::string& path) {
  Connection connection(port);
  EXPECT_TRUE(connection.is_connected());
  return connection.Ask("GET " + path + " HTTP/1.1\r\nHost: relay\r\nConnection: close\r\n\r\n");
}

std::vector<Reading> Readings() {
  return {{"renkei_test_seconds", "Help.", Reading::Kind::kGauge, 12.5, "file", "a"},
          {"renkei_test_seconds", "Help.", Reading::Kind::kGauge,
           std::numeric_limits<double>::infinity(), "file", "b"},
          {"renkei_test_total", "Help.", Reading::Kind::kCounter, 3, "", ""}};
}

class MetricsServerTest : public ::testing::Test {
 protected:
  void Start() {
    auto started = MetricsServer::Start(meter, Readings, "127.0.0.1:0");
    ASSERT_TRUE(started.ok()) << started.error().where();
    server = std::move(*started);
  }

  PrometheusMeter meter{{"Threads.Append"}, "1"};
  std::unique_ptr<MetricsServer> server;
};

TEST_F(MetricsServerTest, ReadingsStandBesideWhatIsCounted) {
  const std::string text = MetricsText(meter, Readings);
  EXPECT_THAT(text, HasSubstr("# TYPE renkei_test_seconds gauge\n"
                              "renkei_test_seconds{file=\"a\"} 12.5\n"
                              "renkei_test_seconds{file=\"b\"} +Inf\n"));
  EXPECT_THAT(text, HasSubstr("# TYPE renkei_test_total counter\nrenkei_test_total 3\n"));
  EXPECT_THAT(text, HasSubstr("renkei_entries_total 0"));
}

TEST_F(MetricsServerTest, AnswersOverHttpWithWhatIsTrueNow) {
  Start();
  EXPECT_THAT(Get(server->port(), "/metrics"), HasSubstr("renkei_entries_total 0"));
  meter.Committed({1, 7, {}, {}});
  const std::string page = Get(server->port(), "/metrics");
  EXPECT_THAT(page, HasSubstr("200 OK"));
  EXPECT_THAT(page, HasSubstr("renkei_entries_total 7"));
  EXPECT_THAT(page, HasSubstr("renkei_test_seconds{file=\"a\"} 12.5"));
}

TEST_F(MetricsServerTest, NothingElseIsThere) {
  Start();
  for (const char* path : {"/", "/etc/passwd", "/../../etc/passwd", "/metrics/../../etc/passwd"}) {
    const std::string page = Get(server->port(), path);
    EXPECT_THAT(page, testing::Not(HasSubstr("root:"))) << path;
    EXPECT_THAT(page, testing::Not(HasSubstr("200 OK"))) << path;
  }
}

TEST_F(MetricsServerTest, AnAddressInUseIsToldAndNothingIsLeftBehind) {
  Start();
  const std::string taken = "127.0.0.1:" + std::to_string(server->port());
  const auto second = MetricsServer::Start(meter, Readings, taken);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code(), Code::kUnavailable);
  EXPECT_THAT(Get(server->port(), "/metrics"), HasSubstr("200 OK"));
}

TEST_F(MetricsServerTest, WhoSendsNothingHoldsUpNobody) {
  Start();
  Connection silent(server->port());
  ASSERT_TRUE(silent.is_connected());
  EXPECT_THAT(Get(server->port(), "/metrics"), HasSubstr("200 OK"));
}

TEST_F(MetricsServerTest, IsGoneWhenItIsStopped) {
  Start();
  const int port = server->port();
  server.reset();
  EXPECT_FALSE(Connection(port).is_connected());
}

}  // namespace
}  // namespace renkei::server
