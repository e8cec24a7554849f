#include "tests/bench/flood/peer.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "crypto/base/result.h"

namespace renkei::flood {
namespace {

constexpr std::size_t kFrameHeader = 9;
constexpr int kPatienceMillis = 20'000;

std::unique_ptr<BIO, decltype(&BIO_free)> BioOf(const std::string& pem) {
  return {BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free};
}

std::string Length(std::size_t length) {
  if (length < 127) {
    return std::string(1, static_cast<char>(length));
  }
  std::string out(1, '\x7F');
  for (std::size_t rest = length - 127;; rest >>= 7U) {
    out.push_back(static_cast<char>((rest & 0x7FU) | (rest > 0x7FU ? 0x80U : 0U)));
    if (rest <= 0x7FU) {
      return out;
    }
  }
}

std::uint32_t Number(const std::string& bytes, std::size_t at, std::size_t size) {
  std::uint32_t out = 0;
  for (std::size_t i = 0; i < size; ++i) {
    out = (out << 8U) | static_cast<std::uint8_t>(bytes[at + i]);
  }
  return out;
}

void AddNumber(std::string& out, std::uint32_t value, std::size_t size) {
  for (std::size_t i = size; i > 0; --i) {
    out.push_back(static_cast<char>(value >> (8 * (i - 1))));
  }
}

}  // namespace

TlsContext::TlsContext(const Identity& identity)
    : context_(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free) {
  RENKEI_CHECK(context_ != nullptr);
  SSL_CTX_set_verify(context_.get(), SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set_mode(context_.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_AUTO_RETRY);
  static constexpr unsigned char kAlpn[] = {2, 'h', '2'};
  RENKEI_CHECK(SSL_CTX_set_alpn_protos(context_.get(), kAlpn, sizeof(kAlpn)) == 0);
  if (identity.chain_pem.empty()) {
    return;
  }
  const auto chain = BioOf(identity.chain_pem);
  const std::unique_ptr<X509, decltype(&X509_free)> leaf(
      PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr), &X509_free);
  RENKEI_CHECK(leaf && SSL_CTX_use_certificate(context_.get(), leaf.get()) == 1);
  while (X509* above = PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr)) {
    RENKEI_CHECK(SSL_CTX_add_extra_chain_cert(context_.get(), above) == 1);
  }
  const auto bio = BioOf(identity.key_pem);
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr), &EVP_PKEY_free);
  RENKEI_CHECK(key && SSL_CTX_use_PrivateKey(context_.get(), key.get()) == 1);
}

std::string Pack(const Headers& headers) {
  std::string out;
  for (const auto& [name, value] : headers) {
    out += '\0' + Length(name.size()) + name + Length(value.size()) + value;
  }
  return out;
}

Headers CallHeaders(const std::string& path) {
  return {{":method", "POST"},     {":scheme", "https"}, {":path", path},
          {":authority", "relay"}, {"te", "trailers"},   {"content-type", "application/grpc"}};
}

std::string Framed(Frame type, std::uint8_t flags, std::uint32_t stream,
                   const std::string& payload) {
  std::string out;
  AddNumber(out, static_cast<std::uint32_t>(payload.size()), 3);
  out.push_back(static_cast<char>(type));
  out.push_back(static_cast<char>(flags));
  AddNumber(out, stream, 4);
  return out + payload;
}

Peer::Peer(int port) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(port));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (socket_ >= 0 && connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof(to)) != 0) {
    close(socket_);
    socket_ = -1;
  }
}

Peer::Peer(Peer&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)),
      tls_(std::move(other.tls_)),
      received_(std::move(other.received_)),
      connection_window_(other.connection_window_),
      first_window_(other.first_window_),
      windows_(std::move(other.windows_)) {}

Peer::~Peer() {
  tls_.reset();
  if (socket_ >= 0) {
    close(socket_);
  }
}

bool Peer::Greet(const TlsContext& context) {
  const timeval patience = {kPatienceMillis / 1000, 0};
  (void)setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  (void)setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
  tls_.reset(SSL_new(context.get()));
  RENKEI_CHECK(tls_ && SSL_set_fd(tls_.get(), socket_) == 1);
  return SSL_connect(tls_.get()) == 1 && Send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") &&
         Send(Framed(Frame::kSettings, 0, 0, ""));
}

bool Peer::SendRaw(const std::string& bytes) {
  return send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
         static_cast<ssize_t>(bytes.size());
}

bool Peer::Send(const std::string& bytes) {
  return SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size())) ==
         static_cast<int>(bytes.size());
}

bool Peer::Listen(int wait_millis) {
  pollfd watched = {socket_, POLLIN, 0};
  while (SSL_pending(tls_.get()) > 0 || poll(&watched, 1, wait_millis) > 0) {
    char buffer[16384];
    const int got = SSL_read(tls_.get(), buffer, sizeof(buffer));
    if (got <= 0) {
      return false;
    }
    received_.append(buffer, static_cast<std::size_t>(got));
    wait_millis = 0;
  }
  while (received_.size() >= kFrameHeader) {
    const std::size_t size = Number(received_, 0, 3);
    if (received_.size() < kFrameHeader + size) {
      break;
    }
    Handle(static_cast<Frame>(received_[3]), static_cast<std::uint8_t>(received_[4]),
           Number(received_, 5, 4) & 0x7FFFFFFFU, received_.substr(kFrameHeader, size));
    received_.erase(0, kFrameHeader + size);
  }
  return true;
}

void Peer::Handle(Frame type, std::uint8_t flags, std::uint32_t stream,
                  const std::string& payload) {
  constexpr std::uint8_t kAck = 1;
  constexpr std::uint32_t kInitialWindow = 4;
  if (type == Frame::kSettings && (flags & kAck) == 0) {
    for (std::size_t at = 0; at + 6 <= payload.size(); at += 6) {
      if (Number(payload, at, 2) == kInitialWindow) {
        first_window_ = Number(payload, at + 2, 4);
      }
    }
    (void)Send(Framed(Frame::kSettings, kAck, 0, ""));
  } else if (type == Frame::kPing && (flags & kAck) == 0) {
    (void)Send(Framed(Frame::kPing, kAck, 0, payload));
  } else if (type == Frame::kWindowUpdate && payload.size() == 4) {
    Spent(stream, -static_cast<std::int64_t>(Number(payload, 0, 4)));
  }
}

std::int64_t Peer::window(std::uint32_t stream) const {
  std::int64_t out = first_window_;
  for (const auto& [of, change] : windows_) {
    out += of == stream ? change : 0;
  }
  return std::min(out, connection_window_);
}

void Peer::Spent(std::uint32_t stream, std::int64_t bytes) {
  // What comes for the connection as a whole has number 0; what is sent counts for both.
  if (stream == 0 || bytes > 0) {
    connection_window_ -= bytes;
  }
  if (stream == 0) {
    return;
  }
  const auto it = std::find_if(windows_.begin(), windows_.end(),
                               [&](const auto& item) { return item.first == stream; });
  if (it == windows_.end()) {
    windows_.emplace_back(stream, -bytes);
  } else {
    it->second -= bytes;
  }
}

}  // namespace renkei::flood
