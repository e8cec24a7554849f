#include "server/rpc/tls_identity.h"

#include <grpc/grpc.h>

#include <algorithm>
#include <utility>

#include "server/rpc/gate_hooks.h"

namespace renkei::server {
namespace {

// grpc++ 1.51 can exchange a server's certificate only by files that it watches itself, unchecked;
// the C API asks at each handshake, and keeps what it has when it gets nothing good.
class FetchingCredentials final : public grpc::ServerCredentials {
 public:
  FetchingCredentials(grpc_ssl_server_certificate_config_callback fetch, void* state,
                      std::shared_ptr<CallGate> gate)
      : credentials_(grpc_ssl_server_credentials_create_with_options(
            grpc_ssl_server_credentials_create_options_using_config_fetcher(
                GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY, fetch, state))) {
    if (gate != nullptr) {
      AskBeforeCalls(credentials_, std::move(gate));
    }
  }
  ~FetchingCredentials() override { grpc_server_credentials_release(credentials_); }
  FetchingCredentials(const FetchingCredentials&) = delete;
  FetchingCredentials& operator=(const FetchingCredentials&) = delete;

  // Nobody of ours asks for one.
  void SetAuthMetadataProcessor(const std::shared_ptr<grpc::AuthMetadataProcessor>&) override {}

 private:
  int AddPortToServer(const std::string& address, grpc_server* server) override {
    return grpc_server_add_http2_port(server, address.c_str(), credentials_);
  }

  grpc_server_credentials* credentials_;
};

}  // namespace

TlsIdentity::TlsIdentity(std::string client_root_pem, std::string chain_pem, SecretBytes key_pem)
    : client_root_pem_(std::move(client_root_pem)),
      chain_pem_(std::move(chain_pem)),
      key_pem_(std::move(key_pem)) {}

void TlsIdentity::Replace(std::string chain_pem, SecretBytes key_pem) {
  const std::lock_guard lock(mutex_);
  chain_pem_ = std::move(chain_pem);
  key_pem_ = std::move(key_pem);
  is_new_ = true;
}

std::shared_ptr<grpc::ServerCredentials> TlsIdentity::MakeCredentials(
    std::shared_ptr<CallGate> gate) {
  return std::make_shared<FetchingCredentials>(&TlsIdentity::Fetch, this, std::move(gate));
}

grpc_ssl_certificate_config_reload_status TlsIdentity::Fetch(
    void* self, grpc_ssl_server_certificate_config** out) {
  auto* identity = static_cast<TlsIdentity*>(self);
  const std::lock_guard lock(identity->mutex_);
  if (!std::exchange(identity->is_new_, false)) {
    return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
  }
  // It takes a text that ends with a zero, and copies it.
  SecretBytes key(identity->key_pem_.size() + 1);
  const ByteView pem = identity->key_pem_.Expose();
  std::copy(pem.begin(), pem.end(), key.ExposeMutable().begin());
  key.ExposeMutable().back() = 0;
  const grpc_ssl_pem_key_cert_pair pair{reinterpret_cast<const char*>(key.Expose().data()),
                                        identity->chain_pem_.c_str()};
  *out = grpc_ssl_server_certificate_config_create(identity->client_root_pem_.c_str(), &pair, 1);
  return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_NEW;
}

}  // namespace renkei::server
