// The service that does nothing, with the relay's own settings of the transport.
#include <signal.h>

#include <cstdio>

#include "crypto/pki/pem.h"
#include "relay/empty.grpc.pb.h"
#include "server/region_files.h"
#include "server/rpc/acceptor.h"
#include "server/rpc/tls_identity.h"
#include "server/rpc/transport.h"
#include "tests/bench/relay/region.h"

namespace renkei::bench {
namespace {

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
  Answering() { StartRead(&message_); }
  void OnReadDone(bool ok) override {
    if (ok) {
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
  Payload message_;
  const Nothing answer_;
};

class EmptyService final : public Empty::CallbackService {
 public:
  grpc::ServerUnaryReactor* Call(grpc::CallbackServerContext* context, const Payload* /*request*/,
                                 Nothing* /*response*/) override {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
  grpc::ServerBidiReactor<Payload, Payload>* Stream(
      grpc::CallbackServerContext* /*context*/) override {
    return new Silent;
  }
  grpc::ServerBidiReactor<Payload, Nothing>* Talk(
      grpc::CallbackServerContext* /*context*/) override {
    return new Answering;
  }
};

}  // namespace

int ServeEmpty(const std::filesystem::path& folder) {
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &stop, nullptr);
  auto region = server::LoadRegion(folder, SystemClock().Now());
  RENKEI_CHECK(region.files.has_value());
  server::TlsIdentity tls(pki::ToPem(region.files->root), region.files->tls_chain_pem,
                          region.files->tls_key_pem.Clone());
  EmptyService service;
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
