#include "tests/client/net/hostile_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <utility>

#include "crypto/pki/pem.h"

namespace renkei::test {
namespace {

// A listening socket on loopback.
int Listen(int* port) {
  const int out = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  RENKEI_CHECK(bind(out, reinterpret_cast<sockaddr*>(&address), size) == 0);
  RENKEI_CHECK(listen(out, 1) == 0);
  RENKEI_CHECK(getsockname(out, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  *port = ntohs(address.sin_port);
  return out;
}

std::string AddressOf(int port) {
  return "127.0.0.1:" + std::to_string(port);
}

}  // namespace

class AnsweringServer::Service final : public grpc::CallbackGenericService {
 public:
  Service(const std::string& answer, grpc::Status status)
      : answer_(grpc::Slice(answer)), status_(std::move(status)) {}

  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* context) override {
    time_of_last = std::chrono::duration_cast<std::chrono::milliseconds>(
        context->deadline() - std::chrono::system_clock::now());
    return new Reactor(answer_, status_);
  }

  std::atomic<std::chrono::milliseconds> time_of_last{};

 private:
  class Reactor final : public grpc::ServerGenericBidiReactor {
   public:
    Reactor(const grpc::Slice& answer, const grpc::Status& status)
        : answer_(&answer, 1), status_(status) {
      StartRead(&request_);
    }
    void OnReadDone(bool) override {
      if (status_.ok()) {
        StartWriteAndFinish(&answer_, {}, status_);
      } else {
        Finish(status_);
      }
    }
    void OnDone() override { delete this; }

   private:
    grpc::ByteBuffer request_;
    grpc::ByteBuffer answer_;
    grpc::Status status_;
  };

  grpc::Slice answer_;
  grpc::Status status_;
};

AnsweringServer::AnsweringServer(Region& region, std::string answer, grpc::Status status)
    : service_(std::make_unique<Service>(answer, std::move(status))) {
  const Leaf tls = region.AddRelay(pki::CertRole::kRelayTls);
  const std::vector<pki::Certificate> chain = {tls.certificate, region.issuing().certificate(),
                                               region.root().certificate()};
  grpc::SslServerCredentialsOptions options(GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE);
  options.pem_key_cert_pairs.push_back(
      {ToString(pki::PrivateKeyPem(tls.key).Expose()), pki::ToPem(chain)});
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::SslServerCredentials(options), &port_);
  builder.RegisterCallbackGenericService(service_.get());
  server_ = builder.BuildAndStart();
  RENKEI_CHECK(server_ != nullptr);
}

AnsweringServer::~AnsweringServer() {
  server_->Shutdown(std::chrono::system_clock::now());
}

std::chrono::milliseconds AnsweringServer::TimeOfLast() const {
  return service_->time_of_last;
}

std::string AnsweringServer::Address() const {
  return AddressOf(port_);
}

RudeServer::RudeServer(std::string greeting)
    : greeting_(std::move(greeting)), listener_(Listen(&port_)) {
  thread_ = std::thread([this] {
    const int connection = accept(listener_, nullptr, nullptr);
    if (connection >= 0) {
      (void)!write(connection, greeting_.data(), greeting_.size());
      close(connection);
    }
  });
}

RudeServer::~RudeServer() {
  shutdown(listener_, SHUT_RDWR);  // ends the wait in accept, if nobody came
  thread_.join();
  close(listener_);
}

std::string RudeServer::Address() const {
  return AddressOf(port_);
}

std::string NobodysAddress() {
  int port = 0;
  close(Listen(&port));
  return AddressOf(port);
}

}  // namespace renkei::test
