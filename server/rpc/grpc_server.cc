#include "server/rpc/grpc_server.h"

#include <grpcpp/ext/health_check_service_server_builder_option.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/impl/server_builder_option.h>
#include <grpcpp/impl/server_builder_plugin.h>

#include <chrono>

#include "crypto/pki/pem.h"
#include "server/rpc/acceptor.h"
#include "server/rpc/call_gate.h"
#include "server/rpc/flood_watch.h"
#include "server/rpc/gate_hooks.h"
#include "server/rpc/methods.h"
#include "server/rpc/services.h"
#include "server/rpc/tls_identity.h"
#include "server/rpc/transport.h"

namespace renkei::server {
namespace {

// The library of gRPC's reflection adds itself to every server of a process that is linked with it.
class WithoutReflection final : public grpc::ServerBuilderOption {
 public:
  void UpdateArguments(grpc::ChannelArguments* /*arguments*/) override {}
  void UpdatePlugins(std::vector<std::unique_ptr<grpc::ServerBuilderPlugin>>* plugins) override {
    std::erase_if(*plugins,
                  [](const auto& plugin) { return plugin->name() == "proto_server_reflection"; });
  }
};

void SetReflection(grpc::ServerBuilder& builder, bool is_wanted) {
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  if (!is_wanted) {
    builder.SetOption(std::make_unique<WithoutReflection>());
  }
}

// Without a listener of its own gRPC does not say that it cannot use them, and takes connections
// for nobody.
bool CanBeUsed(const ServerOptions& options) {
  const auto chain = pki::CertificatesFromPem(options.tls_chain_pem);
  return chain.ok() && pki::IsPrivateKeyPemOf(options.tls_key_pem.Expose(), chain->front()) &&
         pki::CertificatesFromPem(options.client_root_pem).ok();
}

}  // namespace

struct GrpcServer::Parts {
  Parts(Relay& the_relay, const ServerOptions& options)
      : tls(options.client_root_pem, options.tls_chain_pem, options.tls_key_pem.Clone()),
        relay(the_relay),
        memory(options.transport.memory_bytes, heap),
        guard(the_relay, options.limits, options.meter, options.unread, &ledger),
        appends(options.transport.idle),
        gate(std::make_shared<CallGate>(options.limits, guard.meter())),
        enrolment(the_relay, guard),
        directory(the_relay, guard),
        threads(the_relay, guard, pump, appends),
        mailbox(the_relay, guard),
        envelopes(the_relay, guard),
        alerts(the_relay, guard),
        drain(options.drain) {}

  TlsIdentity tls;
  Relay& relay;
  ByteLedger ledger;
  FreeHeap heap;
  MemoryWatch memory;
  Guard guard;
  AppendStreams appends;
  std::shared_ptr<CallGate> gate;
  WatchPump pump{Pace::ForThisMachine()};
  EnrolmentService enrolment;
  DirectoryService directory;
  ThreadsService threads;
  MailboxService mailbox;
  EnvelopesService envelopes;
  AlertsService alerts;
  const Millis drain;
  std::unique_ptr<Acceptor> acceptor;
  std::optional<FloodWatch> floods;
  std::unique_ptr<grpc::Server> server;
};

GrpcServer::GrpcServer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Result<std::unique_ptr<GrpcServer>> GrpcServer::Start(Relay& relay, const ServerOptions& options) {
  if (!CanBeUsed(options)) {
    return Error(Code::kUnavailable, "relay: certificate or key");
  }
  grpc::EnableDefaultHealthCheckService(true);
  auto parts = std::make_unique<Parts>(relay, options);
  grpc::ServerBuilder builder;
  ConfigureTransport(builder, options.transport);
  RENKEI_ASSIGN(parts->acceptor, Acceptor::Listen(options.listen, CappedBy(RaiseDescriptorLimit(),
                                                                           options.connections)));
  parts->acceptor->AddTo(builder, parts->tls.MakeCredentials(parts->gate));
  parts->floods.emplace(parts->acceptor->connections(), parts->ledger, parts->memory,
                        [guard = &parts->guard] { return guard->unread().held(); });
  FindFlooding(builder, *parts->gate,
               [floods = &*parts->floods](const Peer& peer) { floods->HangUpOn(peer); });
  SetReflection(builder, options.reflection);
  for (grpc::Service* service :
       std::initializer_list<grpc::Service*>{&parts->enrolment, &parts->directory, &parts->threads,
                                             &parts->mailbox, &parts->envelopes, &parts->alerts}) {
    builder.RegisterService(service);
  }
  parts->server = builder.BuildAndStart();
  if (!parts->server) {
    return Error(Code::kUnavailable, "relay: gRPC does not start");
  }
  parts->acceptor->Start();
  std::unique_ptr<GrpcServer> server(new GrpcServer(std::move(parts)));
  server->SetServing(true);
  return server;
}

GrpcServer::~GrpcServer() {
  SetServing(false);
  parts_->guard.Drain();
  parts_->acceptor->Stop();
  parts_->relay.hub().CutAll();
  parts_->appends.StopAll();
  parts_->server->Shutdown(std::chrono::system_clock::now() +
                           std::chrono::milliseconds(parts_->drain.value));
  parts_->server->Wait();
  parts_->gate->Close();
}

int GrpcServer::port() const {
  return parts_->acceptor->port();
}

ConnectionCounts GrpcServer::connections() const {
  ConnectionCounts out = parts_->acceptor->counts();
  out.hung_up_on = parts_->floods->hung_up_on();
  return out;
}

void GrpcServer::ReplaceCertificate(std::string chain_pem, SecretBytes key_pem) {
  parts_->tls.Replace(std::move(chain_pem), std::move(key_pem));
}

void GrpcServer::SetServing(bool is_serving) {
  grpc::HealthCheckServiceInterface* health = parts_->server->GetHealthCheckService();
  health->SetServingStatus(is_serving);
  for (const std::string& service : ServiceNames()) {
    health->SetServingStatus(service, is_serving);
  }
}

}  // namespace renkei::server
