// How long a connection may say nothing; that a peer needs TLS 1.3 and a good certificate is
// grpc_server_test's.
#include "server/rpc/transport.h"

#include <openssl/ssl.h>
#include <sys/socket.h>

#include <chrono>
#include <memory>

#include "tests/server/rpc/live_relay.h"

namespace renkei::test {
namespace {

constexpr auto kPatience = std::chrono::seconds(30);

class Transport : public LiveRelay {
 protected:
  using Wire = std::unique_ptr<BIO, decltype(&BIO_free_all)>;

  void SetUp() override {}
  // Without a word of TLS, or over it.
  Wire Connect(bool with_tls) {
    tls.reset(SSL_CTX_new(TLS_client_method()));
    SSL_CTX_set_verify(tls.get(), SSL_VERIFY_NONE, nullptr);
    const unsigned char alpn[] = {2, 'h', '2'};
    SSL_CTX_set_alpn_protos(tls.get(), alpn, sizeof(alpn));
    Wire out(with_tls ? BIO_new_ssl_connect(tls.get()) : BIO_new(BIO_s_connect()), &BIO_free_all);
    BIO_set_conn_hostname(out.get(), Address().c_str());
    EXPECT_EQ(BIO_do_connect(out.get()), 1);
    if (with_tls) {
      EXPECT_EQ(BIO_do_handshake(out.get()), 1);
    }
    return out;
  }
  // `said`: sent again and again meanwhile. False: it is open still when patience ends.
  static bool IsHungUp(BIO* wire, const std::string& said) {
    int descriptor = -1;
    BIO_get_fd(wire, &descriptor);
    const timeval moment{0, 20'000};
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &moment, sizeof(moment));
    const auto end = std::chrono::steady_clock::now() + kPatience;
    while (std::chrono::steady_clock::now() < end) {
      char bytes[512];
      const int got = BIO_read(wire, bytes, sizeof(bytes));
      if (got <= 0 && !BIO_should_retry(wire)) {
        return true;
      }
      if (!said.empty() && BIO_write(wire, said.data(), static_cast<int>(said.size())) <= 0 &&
          !BIO_should_retry(wire)) {
        return true;
      }
    }
    return false;
  }

  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> tls{nullptr, &SSL_CTX_free};
};

TEST_F(Transport, WhoConnectsAndSaysNothingIsHungUp) {
  transport.handshake = Millis{400};
  Start();
  EXPECT_TRUE(IsHungUp(Connect(false).get(), ""));
}

// A drop now and then keeps nothing open: the time is for the whole handshake.
TEST_F(Transport, WhoseHandshakeTricklesIsHungUp) {
  transport.handshake = Millis{400};
  Start();
  const Wire wire = Connect(false);
  const std::string hello("\x16\x03\x01\x40\x00\x01", 6);  // a record of 16 KiB begins
  ASSERT_EQ(BIO_write(wire.get(), hello.data(), static_cast<int>(hello.size())), 6);
  EXPECT_TRUE(IsHungUp(wire.get(), "\x01"));
}

TEST_F(Transport, WhoSpeaksTlsAndThenNoHttpIsHungUp) {
  transport.handshake = Millis{400};
  Start();
  EXPECT_TRUE(IsHungUp(Connect(true).get(), ""));
}

TEST_F(Transport, AConnectionWithoutACallIsClosedAndOpenedAgainForOne) {
  transport.idle = Millis{300};
  Start();
  const Handset& nurse = world.AddMember(world.AddOffice("訪問看護ステーション（架空）"));
  PublishAll();
  const auto channel = ChannelOf(nurse);
  const auto end = std::chrono::system_clock::now() + kPatience;
  ASSERT_TRUE(channel->WaitForConnected(end));
  EXPECT_TRUE(channel->WaitForStateChange(GRPC_CHANNEL_READY, end));
  v1::ListResponse response;
  EXPECT_TRUE(v1::Threads::NewStub(channel)->List(Context().get(), {}, &response).ok());
}

TEST_F(Transport, HeadersHaveALimit) {
  Start();
  const auto stub = v1::Threads::NewStub(ChannelWithoutCertificate());
  v1::ListResponse response;
  const auto context = Context();
  context->AddMetadata("flood", std::string(9000, 'x'));
  EXPECT_EQ(stub->List(context.get(), {}, &response).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
}

}  // namespace
}  // namespace renkei::test
