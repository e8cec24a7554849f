// One connection to the relay by somebody who keeps to no rules of HTTP/2: raw frames over TLS, or
// raw bytes without. Knows as much of the protocol as an attacker needs.
#ifndef RENKEI_TESTS_BENCH_FLOOD_PEER_H_
#define RENKEI_TESTS_BENCH_FLOOD_PEER_H_

#include <openssl/ssl.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace renkei::flood {

// How the peer presents itself; without a certificate both are empty.
struct Identity {
  std::string chain_pem;
  std::string key_pem;
};

class TlsContext {
 public:
  explicit TlsContext(const Identity& identity);
  SSL_CTX* get() const { return context_.get(); }

 private:
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
};

enum class Frame : std::uint8_t {
  kData = 0,
  kHeaders = 1,
  kReset = 3,
  kSettings = 4,
  kPing = 6,
  kWindowUpdate = 8,
  kContinuation = 9,
};
inline constexpr std::uint8_t kEndStream = 1;
inline constexpr std::uint8_t kEndHeaders = 4;

using Headers = std::vector<std::pair<std::string, std::string>>;
// Literal fields, nothing indexed.
std::string Pack(const Headers& headers);
Headers CallHeaders(const std::string& path);
std::string Framed(Frame type, std::uint8_t flags, std::uint32_t stream,
                   const std::string& payload);

// One thread.
class Peer {
 public:
  // TCP only. !ok(): refused.
  explicit Peer(int port);
  ~Peer();
  Peer(Peer&& other) noexcept;
  Peer& operator=(Peer&&) = delete;

  bool ok() const { return socket_ >= 0; }
  // TLS with ALPN h2, then HTTP/2's preface and empty settings. False: the other side does not.
  bool Greet(const TlsContext& context);
  bool SendRaw(const std::string& bytes);
  // Over TLS; false: closed.
  bool Send(const std::string& bytes);
  // Takes what has come, answers settings and pings, and adds up the windows it is given. False:
  // the connection is closed.
  bool Listen(int wait_millis);
  // Bytes that may be sent on this stream, and on all.
  std::int64_t window(std::uint32_t stream) const;
  void Spent(std::uint32_t stream, std::int64_t bytes);

 private:
  void Handle(Frame type, std::uint8_t flags, std::uint32_t stream, const std::string& payload);

  int socket_ = -1;
  std::unique_ptr<SSL, decltype(&SSL_free)> tls_{nullptr, &SSL_free};
  std::string received_;
  std::int64_t connection_window_ = 65535;
  std::int64_t first_window_ = 65535;
  std::vector<std::pair<std::uint32_t, std::int64_t>> windows_;  // what was added, by stream
};

}  // namespace renkei::flood

#endif  // RENKEI_TESTS_BENCH_FLOOD_PEER_H_
