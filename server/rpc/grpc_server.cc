#include "server/rpc/grpc_server.h"

#include <grpcpp/ext/health_check_service_server_builder_option.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <stdlib.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "server/rpc/acceptor.h"
#include "server/rpc/services.h"

namespace renkei::server {
namespace {

constexpr std::array kServices = {"renkei.relay.v1.Enrolment", "renkei.relay.v1.Directory",
                                  "renkei.relay.v1.Threads", "renkei.relay.v1.Mailbox",
                                  "renkei.relay.v1.Envelopes"};

std::shared_ptr<grpc::ServerCredentials> MakeCredentials(const ServerOptions& options) {
  // Enrolment comes without a certificate; whoever brings one must bring a good one.
  grpc::SslServerCredentialsOptions ssl(GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY);
  ssl.pem_root_certs = options.client_root_pem;
  ssl.pem_key_cert_pairs.push_back({ToString(options.tls_key_pem.Expose()), options.tls_chain_pem});
  return grpc::SslServerCredentials(ssl);
}

// Connections whose other end is gone are found within 80 seconds; a client may ask as often as
// every 10.
void SetKeepalive(grpc::ServerBuilder& builder) {
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 60'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 10'000);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, 256);
}

// What somebody can make gRPC hold without ever making a call (server/README.md "Bounds").
void SetBounds(grpc::ServerBuilder& builder, const ServerOptions& options) {
  builder.SetMaxReceiveMessageSize(static_cast<int>(kMaxRequestBytes));
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, 8192);
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, 20'000);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, 120'000);
  builder.SetResourceQuota(grpc::ResourceQuota("relay").Resize(options.memory_bytes));
}

ConnectionLimits Capped(ConnectionLimits limits) {
  const std::size_t descriptors = RaiseDescriptorLimit();
  const std::size_t most =
      descriptors > 2 * kOtherDescriptors ? descriptors - kOtherDescriptors : descriptors / 2;
  limits.all = std::min(limits.all, most);
  return limits;
}

}  // namespace

void RequireTls13() {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): before gRPC starts any thread
  setenv("GRPC_SSL_CIPHER_SUITES", "ECDHE-RSA-AES256-GCM-SHA384", 1);
}

struct GrpcServer::Parts {
  Parts(Relay& the_relay, const ServerOptions& options)
      : relay(the_relay),
        guard(the_relay, options.limits),
        enrolment(the_relay, guard),
        directory(the_relay, guard),
        threads(the_relay, guard, pump),
        mailbox(the_relay, guard),
        envelopes(the_relay, guard),
        drain(options.drain) {}

  Relay& relay;
  Guard guard;
  WatchPump pump;
  EnrolmentService enrolment;
  DirectoryService directory;
  ThreadsService threads;
  MailboxService mailbox;
  EnvelopesService envelopes;
  const Millis drain;
  std::unique_ptr<Acceptor::Target> target;
  std::unique_ptr<Acceptor> acceptor;
  std::unique_ptr<grpc::Server> server;
};

GrpcServer::GrpcServer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Result<std::unique_ptr<GrpcServer>> GrpcServer::Start(Relay& relay, const ServerOptions& options) {
  grpc::EnableDefaultHealthCheckService(true);
  auto parts = std::make_unique<Parts>(relay, options);
  grpc::ServerBuilder builder;
  SetKeepalive(builder);
  SetBounds(builder, options);
  RENKEI_ASSIGN(parts->acceptor, Acceptor::Listen(options.listen, Capped(options.connections)));
  parts->target = builder.experimental().AddExternalConnectionAcceptor(
      grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD,
      MakeCredentials(options));
  for (grpc::Service* service :
       std::initializer_list<grpc::Service*>{&parts->enrolment, &parts->directory, &parts->threads,
                                             &parts->mailbox, &parts->envelopes}) {
    builder.RegisterService(service);
  }
  parts->server = builder.BuildAndStart();
  if (!parts->server) {
    return Error(Code::kUnavailable, "relay: gRPC does not take certificate or key");
  }
  parts->acceptor->Start(parts->target.get());
  std::unique_ptr<GrpcServer> server(new GrpcServer(std::move(parts)));
  server->SetServing(true);
  return server;
}

GrpcServer::~GrpcServer() {
  SetServing(false);
  parts_->guard.Drain();
  parts_->acceptor->Stop();
  parts_->relay.hub().CutAll();
  parts_->server->Shutdown(std::chrono::system_clock::now() +
                           std::chrono::milliseconds(parts_->drain.value));
  parts_->server->Wait();
}

const Admission& GrpcServer::admission() const {
  return parts_->guard.admission();
}

int GrpcServer::port() const {
  return parts_->acceptor->port();
}

void GrpcServer::SetServing(bool is_serving) {
  grpc::HealthCheckServiceInterface* health = parts_->server->GetHealthCheckService();
  health->SetServingStatus(is_serving);
  for (const char* service : kServices) {
    health->SetServingStatus(service, is_serving);
  }
}

}  // namespace renkei::server
