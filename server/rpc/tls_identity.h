// The relay's own certificate and key for TLS, which may be exchanged while it serves: streams that
// are open stay as they are, new handshakes get the new one.
#ifndef RENKEI_SERVER_RPC_TLS_IDENTITY_H_
#define RENKEI_SERVER_RPC_TLS_IDENTITY_H_

#include <grpc/grpc_security.h>
#include <grpcpp/security/server_credentials.h>

#include <memory>
#include <mutex>
#include <string>

#include "crypto/base/secret.h"
#include "server/rpc/call_gate.h"

namespace renkei::server {

// Guarded. Must outlive the server that has its credentials; for one listening address.
class TlsIdentity {
 public:
  // client_root_pem: whose client certificates are believed. Enrolment comes without a certificate;
  // whoever brings one must bring a good one. chain_pem: the relay's certificate first. key_pem:
  // its key; gRPC keeps copies of its own.
  TlsIdentity(std::string client_root_pem, std::string chain_pem, SecretBytes key_pem);

  // From the next handshake on. If gRPC cannot use them it goes on with what it has: check before.
  void Replace(std::string chain_pem, SecretBytes key_pem);

  // gate: asked before each call (gate_hooks.h). Null: nobody is asked.
  std::shared_ptr<grpc::ServerCredentials> MakeCredentials(std::shared_ptr<CallGate> gate);

 private:
  static grpc_ssl_certificate_config_reload_status Fetch(void* self,
                                                         grpc_ssl_server_certificate_config** out);

  const std::string client_root_pem_;
  std::mutex mutex_;
  std::string chain_pem_;
  SecretBytes key_pem_;
  bool is_new_ = true;  // gRPC has not fetched it yet
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_RPC_TLS_IDENTITY_H_
