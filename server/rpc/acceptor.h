// Takes connections for gRPC, which has no limit on them, and whose own listener never accepts
// again once the process has run out of descriptors (gRPC 1.51, tcp_server_posix.cc: an accept that
// fails with EMFILE is not repeated). One that is over a limit is closed at once.
#ifndef RENKEI_SERVER_RPC_ACCEPTOR_H_
#define RENKEI_SERVER_RPC_ACCEPTOR_H_

#include <grpcpp/server_builder.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "crypto/base/result.h"
#include "server/rpc/connection_table.h"

struct addrinfo;
struct sockaddr_storage;

namespace renkei::server {

// Its own thread takes connections; everything else from one thread, but for refused().
class Acceptor {
 public:
  using Target = grpc::experimental::ExternalConnectionAcceptor;

  // Listens on every address of host:port ([ipv6]:port; port 0: any free one, the same on each).
  // kUnavailable: one of them cannot be bound.
  static Result<std::unique_ptr<Acceptor>> Listen(const std::string& address,
                                                  const ConnectionLimits& limits);
  // Stops.
  ~Acceptor();
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;

  int port() const { return port_; }
  // Hands connections over from now on, once gRPC's server runs; `target` lives until Stop().
  void Start(Target* target);
  // Closes the listening sockets; connections stay.
  void Stop();
  // Connections that were closed because too many were open.
  std::uint64_t refused() const { return refused_.load(std::memory_order_relaxed); }

 private:
  explicit Acceptor(const ConnectionLimits& limits);
  Status Bind(const std::string& address);
  Status BindOne(const addrinfo& at);
  void Run(Target& target);
  // False: the process has no descriptor left.
  bool TakeFrom(int listener, Target& target);
  void HandOver(int listener, int connection, const sockaddr_storage& from, Target& target);

  ConnectionTable table_;
  std::vector<int> listeners_;
  int port_ = 0;
  int stop_ = -1;  // an eventfd
  std::atomic<std::uint64_t> refused_ = 0;
  std::thread thread_;
};

// As many descriptors as this process may have at most. Raises its soft limit to the hard one
// first; for the start of the process.
std::size_t RaiseDescriptorLimit();

// Descriptors that are not for connections: the store's, gRPC's own, files.
inline constexpr std::size_t kOtherDescriptors = 256;

}  // namespace renkei::server

#endif  // RENKEI_SERVER_RPC_ACCEPTOR_H_
