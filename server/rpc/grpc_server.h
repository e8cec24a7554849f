// The relay's gRPC server: TLS 1.3, the six services, health (server/README.md "How a request
// flows").
#ifndef RENKEI_SERVER_RPC_GRPC_SERVER_H_
#define RENKEI_SERVER_RPC_GRPC_SERVER_H_

#include <memory>
#include <string>

#include "crypto/base/secret.h"
#include "server/core/admission.h"
#include "server/core/meter.h"
#include "server/core/relay.h"
#include "server/rpc/connection_table.h"
#include "server/rpc/reader_budget.h"
#include "server/rpc/transport.h"

namespace renkei::server {

struct ServerOptions {
  std::string listen;         // host:port; port 0: any free one
  std::string tls_chain_pem;  // the relay's certificate first
  SecretBytes tls_key_pem;
  std::string client_root_pem;  // the region's root
  AdmissionLimits limits;
  ConnectionLimits connections;  // never more than the process has descriptors for
  TransportBounds transport;
  ReaderShares unread;
  Millis drain = Seconds(10);  // how long a shutdown waits for calls under way
  bool reflection = false;     // gRPC's reflection service
  Meter* meter = nullptr;      // outlives the server; null: nobody counts
};

// gRPC reads its cipher suites from the environment and cannot be told a lowest TLS version. With
// Ed25519 certificates only, naming nothing but an RSA-authenticated suite for TLS 1.2 leaves
// TLS 1.3 as the only version that can be agreed. Call it before anything of gRPC, with one thread.
void RequireTls13();

// gRPC's locks are abseil's, which Debian builds with its search for lock cycles: each lock taken
// costs a look at a graph of all, and a cycle that could never meet would end the relay. Switches
// it off for this process. Before anything of gRPC, with one thread.
void IgnoreLockOrder();

// glibc gives the end of a thread's heap back to the machine whenever 128 KiB of it are free, and a
// busy relay takes it again page by page in the same millisecond. From now on it keeps what is
// free up to 8 MiB for each of its heaps (16 of them on two cores); beyond that, and where memory
// is short, all goes back as before (rpc/memory_watch.h). With one thread.
void KeepFreeMemory();

class GrpcServer {
 public:
  // Listens. kUnavailable: the address cannot be bound, or certificate and key are not.
  // `relay` must outlive the server.
  static Result<std::unique_ptr<GrpcServer>> Start(Relay& relay, const ServerOptions& options);
  // Drains: no new calls, streams are told to go, calls under way finish within options.drain.
  ~GrpcServer();
  GrpcServer(const GrpcServer&) = delete;
  GrpcServer& operator=(const GrpcServer&) = delete;

  int port() const;
  ConnectionCounts connections() const;  // any thread
  // Both were checked. For new handshakes; streams that are open stay as they are.
  void ReplaceCertificate(std::string chain_pem, SecretBytes key_pem);
  // What the standard health service says, for the whole and for each service.
  void SetServing(bool is_serving);

 private:
  struct Parts;
  explicit GrpcServer(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_RPC_GRPC_SERVER_H_
