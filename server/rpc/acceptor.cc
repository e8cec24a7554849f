#include "server/rpc/acceptor.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <utility>

#include "server/rpc/monotonic.h"
#include "server/rpc/peer_address.h"

namespace renkei::server {
namespace {

constexpr int kBacklog = 1024;
constexpr int kAtOnce = 64;  // taken from one listener before the others have their turn
constexpr std::chrono::milliseconds kPause(50);  // with no descriptor left, until it is tried again
constexpr unsigned kUnackedMillis = 20'000;  // data that nobody acknowledges ends the connection

struct FreeAddresses {
  void operator()(addrinfo* list) const { freeaddrinfo(list); }
};
using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

Addresses Resolve(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  if (colon == std::string::npos) {
    return nullptr;
  }
  std::string host = address.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const char* port = address.c_str() + colon + 1;
  int failed = getaddrinfo(host.c_str(), port, &wanted, &found);
  if (failed != 0 && host == "localhost") {
    // Means the loopback, also where no /etc/hosts says so (RFC 6761 §6.3).
    wanted.ai_flags = AI_NUMERICSERV;
    failed = getaddrinfo(nullptr, port, &wanted, &found);
  }
  return Addresses(failed == 0 ? found : nullptr);
}

int SetOn(int socket, int level, int name, int value) {
  return setsockopt(socket, level, name, &value, sizeof(value));
}

// The port is the same place in both families' addresses.
void SetPort(sockaddr_storage& address, int port) {
  const auto in_order = htons(static_cast<std::uint16_t>(port));
  std::memcpy(reinterpret_cast<char*>(&address) + offsetof(sockaddr_in, sin_port), &in_order,
              sizeof(in_order));
}

int PortOf(int socket) {
  sockaddr_in6 address{};
  socklen_t size = sizeof(address);
  const int failed = getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
  return failed == 0 ? ntohs(address.sin6_port) : 0;
}

}  // namespace

std::size_t RaiseDescriptorLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
    return 1024;
  }
  rlimit raised = limit;
  raised.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &raised) == 0) {
    limit = raised;
  }
  return limit.rlim_cur;
}

ConnectionLimits CappedBy(std::size_t descriptors, ConnectionLimits limits) {
  const std::size_t most =
      descriptors > 2 * kOtherDescriptors ? descriptors - kOtherDescriptors : descriptors / 2;
  limits.all = std::min(limits.all, most);
  return limits;
}

Acceptor::Acceptor(const ConnectionLimits& limits)
    : connections_(ConnectionTable(limits, IdentityOfSocket)) {}

Acceptor::~Acceptor() {
  Stop();
  if (stop_ >= 0) {
    close(stop_);
  }
}

Result<std::unique_ptr<Acceptor>> Acceptor::Listen(const std::string& address,
                                                   const ConnectionLimits& limits) {
  std::unique_ptr<Acceptor> out(new Acceptor(limits));
  out->stop_ = eventfd(0, EFD_CLOEXEC);
  if (out->stop_ < 0) {
    return Error(Code::kUnavailable, "listen: no descriptor left");
  }
  RENKEI_TRY(out->Bind(address));
  return out;
}

Status Acceptor::Bind(const std::string& address) {
  const Addresses found = Resolve(address);
  if (found == nullptr) {
    return Error(Code::kUnavailable, "listen: no such address");
  }
  for (const addrinfo* at = found.get(); at != nullptr; at = at->ai_next) {
    RENKEI_TRY(BindOne(*at));
  }
  if (listeners_.empty() && address.starts_with("[::]")) {
    return Bind("0.0.0.0" + address.substr(4));  // a machine without IPv6
  }
  return listeners_.empty() ? Error(Code::kUnavailable, "listen: no address can be had") : Ok();
}

// A kind of address that this machine does not have is left out.
Status Acceptor::BindOne(const addrinfo& at) {
  const int socket = ::socket(at.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket < 0) {
    return errno == EAFNOSUPPORT ? Ok() : Error(Code::kUnavailable, "listen: no descriptor left");
  }
  sockaddr_storage address{};
  std::memcpy(&address, at.ai_addr, at.ai_addrlen);
  if (port_ != 0) {
    SetPort(address, port_);
  }
  // Not SO_REUSEPORT: another relay on the same port would take half of the connections unseen.
  // [::] takes IPv4 too.
  (void)SetOn(socket, SOL_SOCKET, SO_REUSEADDR, 1);
  if (at.ai_family == AF_INET6) {
    (void)SetOn(socket, IPPROTO_IPV6, IPV6_V6ONLY, 0);
  }
  if (bind(socket, reinterpret_cast<const sockaddr*>(&address), at.ai_addrlen) != 0 ||
      listen(socket, kBacklog) != 0) {
    const bool is_not_here = errno == EADDRNOTAVAIL;
    close(socket);
    return is_not_here ? Ok() : Error(Code::kUnavailable, "listen: the address cannot be bound");
  }
  listeners_.push_back(socket);
  port_ = PortOf(socket);
  return Ok();
}

void Acceptor::AddTo(grpc::ServerBuilder& builder,
                     std::shared_ptr<grpc::ServerCredentials> credentials) {
  target_ = builder.experimental().AddExternalConnectionAcceptor(
      grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD,
      std::move(credentials));
}

void Acceptor::Start() {
  thread_ = std::thread([this] { Run(); });
}

void Acceptor::Stop() {
  if (thread_.joinable()) {
    stopping_.store(true);
    const std::uint64_t one = 1;
    (void)!write(stop_, &one, sizeof(one));
    thread_.join();
  }
  // Whoever connects from now on is refused instead of waiting for nobody.
  for (const int listener : listeners_) {
    close(listener);
  }
  listeners_.clear();
}

void Acceptor::Run() {
  std::vector<pollfd> watched = {{stop_, POLLIN, 0}};
  for (const int listener : listeners_) {
    watched.push_back({listener, POLLIN, 0});
  }
  while (!stopping_.load()) {
    bool has_room = poll(watched.data(), watched.size(), -1) >= 0 || errno == EINTR;
    for (std::size_t i = 1; has_room && i < watched.size(); ++i) {
      if (watched[i].revents != 0) {
        has_room = TakeFrom(watched[i].fd);
      }
    }
    if (!has_room) {
      // What waits in the listener makes it readable: without a pause this would be a busy loop.
      ++waited_;
      std::this_thread::sleep_for(kPause);
    }
  }
}

bool Acceptor::TakeFrom(int listener) {
  for (int i = 0; i < kAtOnce; ++i) {
    sockaddr_storage from{};
    socklen_t size = sizeof(from);
    const int connection =
        accept4(listener, reinterpret_cast<sockaddr*>(&from), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (connection >= 0) {
      HandOver(listener, connection, from);
      continue;
    }
    // Whatever else: nobody waits any more, or who waited is gone again.
    return errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM;
  }
  return true;
}

void Acceptor::HandOver(int listener, int connection, const sockaddr_storage& from) {
  const Peer peer = PeerOf(from);
  {
    const std::lock_guard lock(connections_.mutex);
    if (!connections_.table.Admits(peer.address(), Monotonic())) {
      ++closed_;
      close(connection);
      return;
    }
    connections_.table.Add(connection, peer);
  }
  (void)SetOn(connection, IPPROTO_TCP, TCP_NODELAY, 1);
  (void)SetOn(connection, IPPROTO_TCP, TCP_USER_TIMEOUT, static_cast<int>(kUnackedMillis));
  Target::NewConnectionParameters parameters;
  parameters.listener_fd = listener;
  parameters.fd = connection;
  target_->HandleNewConnection(&parameters);
}

}  // namespace renkei::server
