// The service that does nothing, with the relay's own settings of the transport.
#include <signal.h>

#include <cstdio>
#include <optional>

#include "crypto/pki/pem.h"
#include "relay/empty.grpc.pb.h"
#include "server/region_files.h"
#include "server/rpc/acceptor.h"
#include "server/rpc/spare_poller.h"
#include "server/rpc/tls_identity.h"
#include "server/rpc/transport.h"
#include "tests/bench/relay/region.h"
#include "tests/bench/relay/synced_writes.h"

namespace renkei::bench {
namespace {

void WriteIfAny(SyncedWrites* disk) {
  if (disk != nullptr) {
    disk->Write();
  }
}

// A stream on which nothing is ever sent.
class Silent final : public grpc::ServerBidiReactor<Payload, Payload> {
 public:
  Silent() {
    StartSendInitialMetadata();
    StartRead(&message_);
  }
  void OnReadDone(bool ok) override {
    if (!ok) {
      Finish(grpc::Status::OK);
    }
  }
  void OnDone() override { delete this; }

 private:
  Payload message_;
};

// Answers each message before it reads the next.
class Answering final : public grpc::ServerBidiReactor<Payload, Nothing> {
 public:
  explicit Answering(SyncedWrites* disk) : disk_(disk) { StartRead(&message_); }
  void OnReadDone(bool ok) override {
    if (ok) {
      WriteIfAny(disk_);
      StartWrite(&answer_);
    } else {
      Finish(grpc::Status::OK);
    }
  }
  void OnWriteDone(bool ok) override {
    if (ok) {
      StartRead(&message_);
    }
  }
  void OnDone() override { delete this; }

 private:
  SyncedWrites* const disk_;
  Payload message_;
  const Nothing answer_;
};

// Null: answers from memory. `disk` must outlive it.
class EmptyService final : public Empty::CallbackService {
 public:
  explicit EmptyService(SyncedWrites* disk) : disk_(disk) {}

  grpc::ServerUnaryReactor* Call(grpc::CallbackServerContext* context, const Payload* /*request*/,
                                 Nothing* /*response*/) override {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    WriteIfAny(disk_);
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
  grpc::ServerBidiReactor<Payload, Payload>* Stream(
      grpc::CallbackServerContext* /*context*/) override {
    return new Silent;
  }
  grpc::ServerBidiReactor<Payload, Nothing>* Talk(
      grpc::CallbackServerContext* /*context*/) override {
    return new Answering(disk_);
  }

 private:
  SyncedWrites* const disk_;
};

}  // namespace

int ServeEmpty(const std::filesystem::path& folder, const std::filesystem::path& synced) {
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &stop, nullptr);
  auto region = server::LoadRegion(folder, SystemClock().Now());
  RENKEI_CHECK(region.files.has_value());
  server::TlsIdentity tls(pki::ToPem(region.files->root), region.files->tls_chain_pem,
                          region.files->tls_key_pem.Clone());
  std::optional<SyncedWrites> disk;
  if (!synced.empty()) {
    disk.emplace(synced);
  }
  const server::SparePoller spare;  // as the relay has
  EmptyService service(disk ? &*disk : nullptr);
  grpc::ServerBuilder builder;
  server::ConfigureTransport(builder, {});
  auto acceptor =
      server::Acceptor::Listen("127.0.0.1:0", server::CappedBy(server::RaiseDescriptorLimit(), {}));
  RENKEI_CHECK(acceptor.ok());
  (*acceptor)->AddTo(builder, tls.MakeCredentials(nullptr));
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  RENKEI_CHECK(server != nullptr);
  (*acceptor)->Start();
  std::fprintf(stderr, "listening on 127.0.0.1:%d\n", (*acceptor)->port());
  int signal = 0;
  sigwait(&stop, &signal);
  (*acceptor)->Stop();
  server->Shutdown(std::chrono::system_clock::now());
  return 0;
}

}  // namespace renkei::bench
