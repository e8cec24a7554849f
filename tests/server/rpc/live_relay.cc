#include "tests/server/rpc/live_relay.h"

#include <grpcpp/generic/generic_stub.h>

#include "crypto/pki/pem.h"
#include "renkei/relay/v1/status.pb.h"

namespace renkei::test {
namespace {

// Before gRPC starts, which the first channel or server does.
const bool kTlsIsSetUp = [] {
  server::RequireTls13();
  return true;
}();

}  // namespace

std::shared_ptr<grpc::Channel> ConnectAs(const Region& trusted, const std::string& address,
                                         const std::string& chain_pem, const std::string& key_pem,
                                         grpc::ChannelArguments arguments) {
  grpc::SslCredentialsOptions ssl;
  ssl.pem_root_certs = pki::ToPem(trusted.root().certificate());
  ssl.pem_cert_chain = chain_pem;
  ssl.pem_private_key = key_pem;
  arguments.SetSslTargetNameOverride(pki::RelayDnsName(trusted.id()));
  // A connection of its own, not one that another channel of this process has open.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(address, grpc::SslCredentials(ssl), arguments);
}

LiveRelay::LiveRelay() : world(11, SystemClock().Now() - Days(1)) {
  RENKEI_CHECK(kTlsIsSetUp);
}

void LiveRelay::Start(const server::AdmissionLimits& limits) {
  auto opened = server::SqliteStore::Open(folder.path() / "store", {.meter = meter});
  ASSERT_TRUE(opened.store) << opened.problem;
  store = std::move(opened.store);
  auto core = server::Relay::Open(*store, clock, random, world.Identity());
  ASSERT_TRUE(core.ok()) << core.error().where();
  relay = std::move(*core);
  world.WriteRelayFiles(folder.path());
  auto files = server::LoadRegion(folder.path(), clock.Now());
  ASSERT_TRUE(files.files) << files.problem;
  server::ServerOptions options;
  options.listen = "127.0.0.1:0";
  options.tls_chain_pem = files.files->tls_chain_pem;
  options.tls_key_pem = std::move(files.files->tls_key_pem);
  options.client_root_pem = pki::ToPem(files.files->root);
  options.limits = limits;
  options.connections = connections;
  options.transport = transport;
  options.unread = unread;
  options.drain = Seconds(2);
  options.meter = meter;
  auto started = server::GrpcServer::Start(*relay, options);
  ASSERT_TRUE(started.ok()) << started.error().where();
  server = std::move(*started);
}

void LiveRelay::Stop() {
  server.reset();
  relay.reset();
  store.reset();
}

std::string LiveRelay::Address() const {
  return "127.0.0.1:" + std::to_string(server->port());
}

std::shared_ptr<grpc::Channel> LiveRelay::ChannelOf(const Handset& handset,
                                                    const grpc::ChannelArguments& arguments) {
  return ConnectAs(world.region(), Address(), pki::ToPem(handset.TlsChain(world.region())),
                   ToString(pki::PrivateKeyPem(handset.device.tls.key).Expose()), arguments);
}

std::shared_ptr<grpc::Channel> LiveRelay::ChannelWithoutCertificate() {
  return ConnectAs(world.region(), Address(), "", "");
}

std::optional<Millis> RetryDelayOf(const grpc::Status& status) {
  v1::StatusDetails details;
  v1::RetryInfo info;
  if (status.error_details().empty() || !details.ParseFromString(status.error_details()) ||
      details.code() != status.error_code() || details.details_size() < 1 ||
      details.details(0).type_url() != "type.googleapis.com/google.rpc.RetryInfo" ||
      !info.ParseFromString(details.details(0).value())) {
    return std::nullopt;
  }
  return Millis{info.retry_delay().seconds() * 1000 + info.retry_delay().nanos() / 1'000'000};
}

std::unique_ptr<grpc::ClientContext> Context() {
  auto out = std::make_unique<grpc::ClientContext>();
  out->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
  return out;
}

Called CallByHand(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                  const std::string& bytes) {
  grpc::Slice slice(bytes);
  grpc::ByteBuffer request(&slice, 1);
  grpc::GenericStub stub(channel);
  grpc::CompletionQueue queue;
  auto context = Context();
  auto call = stub.PrepareUnaryCall(context.get(), method, request, &queue);
  call->StartCall();
  grpc::ByteBuffer response;
  grpc::Status status;
  call->Finish(&response, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
  Called out{status.error_code(), ""};
  std::vector<grpc::Slice> slices;
  if (status.ok() && response.Dump(&slices).ok()) {
    for (const grpc::Slice& part : slices) {
      out.response.append(part.begin(), part.end());
    }
  }
  return out;
}

Called AskForServices(const std::shared_ptr<grpc::Channel>& channel) {
  const std::string list_services("\x3a\0", 2);  // field 7, ""
  return CallByHand(channel, "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
                    list_services);
}

}  // namespace renkei::test
