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

// Its own thread takes connections; everything else from one thread, but for counts().
class Acceptor {
 public:
  // Listens on every address of host:port ([ipv6]:port; port 0: any free one, the same on each).
  // kUnavailable: one of them cannot be bound.
  static Result<std::unique_ptr<Acceptor>> Listen(const std::string& address,
                                                  const ConnectionLimits& limits);
  // Stops.
  ~Acceptor();
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;

  int port() const { return port_; }
  // The server that is built takes its connections from here. Once; it must end before this does.
  void AddTo(grpc::ServerBuilder& builder, std::shared_ptr<grpc::ServerCredentials> credentials);
  // Hands connections over from now on: that server runs.
  void Start();
  // Closes the listening sockets; connections stay. Before the server is told to shut down.
  void Stop();
  // Nobody was hung up on by this.
  ConnectionCounts counts() const { return {closed_.load(), waited_.load(), 0}; }
  // Of those that were handed over.
  SharedConnections& connections() { return connections_; }

 private:
  using Target = grpc::experimental::ExternalConnectionAcceptor;

  explicit Acceptor(const ConnectionLimits& limits);
  Status Bind(const std::string& address);
  Status BindOne(const addrinfo& at);
  void Run();
  // False: the process has no descriptor or memory left for one.
  bool TakeFrom(int listener);
  void HandOver(int listener, int connection, const sockaddr_storage& from);

  SharedConnections connections_;
  std::unique_ptr<Target> target_;
  std::vector<int> listeners_;
  int port_ = 0;
  int stop_ = -1;  // an eventfd
  std::atomic<bool> stopping_ = false;
  std::atomic<std::uint64_t> closed_ = 0;
  std::atomic<std::uint64_t> waited_ = 0;
  std::thread thread_;
};

// As many descriptors as this process may have at most. Raises its soft limit to the hard one
// first; for the start of the process.
std::size_t RaiseDescriptorLimit();

// `limits`, but never more connections than there are descriptors for: some are the store's,
// gRPC's own, files.
inline constexpr std::size_t kOtherDescriptors = 256;
ConnectionLimits CappedBy(std::size_t descriptors, ConnectionLimits limits);

}  // namespace renkei::server

#endif  // RENKEI_SERVER_RPC_ACCEPTOR_H_
