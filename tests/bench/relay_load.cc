// What a durable append costs beside an empty call, in one run: a relay on SQLite with fsync, and a
// service that does nothing, both behind the same mTLS settings, in this process and over loopback.
//   relay_load [--only append|empty] [--seconds S] [--in-flight N]...
// Prints one JSON object a line; ratios count, absolute figures drift with the machine.
#include <grpcpp/grpcpp.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <filesystem>
#include <mutex>
#include <string>
#include <vector>

#include "crypto/pki/pem.h"
#include "renkei/relay/v1/enrolment.grpc.pb.h"
#include "renkei/relay/v1/threads.grpc.pb.h"
#include "server/region_files.h"
#include "server/rpc/grpc_server.h"
#include "server/store/sqlite_store.h"
#include "tests/support/relay_world.h"

namespace renkei {
namespace {

namespace v1 = relay::v1;
using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kPayloadBytes = 1040;  // 1 KiB and its tag: the smallest sealed record

class EmptyService final : public v1::Enrolment::CallbackService {
 public:
  grpc::ServerUnaryReactor* SubmitRequest(grpc::CallbackServerContext* context,
                                          const v1::SubmitRequestRequest*,
                                          v1::SubmitRequestResponse*) override {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
};

// Folder, relay, the empty service, and one member's channels to both.
class Bench {
 public:
  explicit Bench(const std::filesystem::path& folder) : folder_(folder) {
    auto opened = server::SqliteStore::Open(folder / "store", {});
    RENKEI_CHECK(opened.store != nullptr);
    store_ = std::move(opened.store);
    relay_ = std::move(server::Relay::Open(*store_, clock_, random_, world_.Identity()).value());
    world_.WriteRelayFiles(folder);
    auto files = server::LoadRegion(folder, clock_.Now());
    RENKEI_CHECK(files.files.has_value());
    server::ServerOptions options;
    options.listen = "127.0.0.1:0";
    options.tls_chain_pem = files.files->tls_chain_pem;
    options.tls_key_pem = files.files->tls_key_pem.Clone();
    options.client_root_pem = pki::ToPem(files.files->root);
    options.limits = server::NoLimits();
    server_ = std::move(server::GrpcServer::Start(*relay_, options).value());
    StartEmpty(options);
    world_.PublishAll(*relay_);
  }
  ~Bench() {
    empty_->Shutdown();
    server_.reset();
    relay_.reset();
    store_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;

  std::shared_ptr<grpc::Channel> RelayChannel() { return Channel(server_->port()); }
  std::shared_ptr<grpc::Channel> EmptyChannel() { return Channel(empty_port_); }

  // A case with two members; where it stands.
  void BeginCase(v1::Threads::Stub& stub) {
    const test::CommitParts first = world_.NewCase(nurse_);
    v1::CommitRequest request;
    request.mutable_card()->set_card(ToString(first.card.card_bytes));
    request.mutable_card()->set_signature(ToString(first.card.signature));
    request.set_group_info(ToString(first.group_info));
    for (const thread::Envelope& envelope : first.envelopes) {
      RENKEI_CHECK(
          request.add_envelopes()->ParseFromString(ToString(thread::SerializeEnvelope(envelope))));
    }
    v1::CommitResponse response;
    grpc::ClientContext context;
    RENKEI_CHECK(stub.Create(&context, request, &response).ok() && response.has_accepted());
    card_ = first.card;
    const auto head = thread::VerifyHead(AsBytes(response.accepted().head().SerializeAsString()),
                                         world_.Identity().signing_certificate.public_key());
    seen_ = {head->seq, head->hash, head->received_at};
  }
  std::string NextRecord() {
    const std::lock_guard lock(mutex_);
    return ToString(world_.Record(*card_, nurse_, seen_, kPayloadBytes));
  }

 private:
  void StartEmpty(const server::ServerOptions& options) {
    grpc::SslServerCredentialsOptions ssl(GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY);
    ssl.pem_root_certs = options.client_root_pem;
    ssl.pem_key_cert_pairs.push_back(
        {ToString(options.tls_key_pem.Expose()), options.tls_chain_pem});
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::SslServerCredentials(ssl), &empty_port_);
    builder.RegisterService(&empty_service_);
    empty_ = builder.BuildAndStart();
    RENKEI_CHECK(empty_ != nullptr);
  }
  std::shared_ptr<grpc::Channel> Channel(int port) {
    grpc::SslCredentialsOptions ssl;
    ssl.pem_root_certs = pki::ToPem(world_.region().root().certificate());
    ssl.pem_cert_chain = pki::ToPem(nurse_.TlsChain(world_.region()));
    ssl.pem_private_key = ToString(pki::PrivateKeyPem(nurse_.device.tls.key).Expose());
    grpc::ChannelArguments arguments;
    arguments.SetSslTargetNameOverride(pki::RelayDnsName(world_.region().id()));
    return grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(port), grpc::SslCredentials(ssl),
                                     arguments);
  }

  std::filesystem::path folder_;
  SystemClock clock_;
  SystemRandom random_;
  test::RelayWorld world_{7, SystemClock().Now() - Days(1)};
  test::Office& office_ = world_.AddOffice("計測用（架空）");
  test::Handset& nurse_ = world_.AddMember(office_);
  std::unique_ptr<server::SqliteStore> store_;
  std::unique_ptr<server::Relay> relay_;
  std::unique_ptr<server::GrpcServer> server_;
  EmptyService empty_service_;
  std::unique_ptr<grpc::Server> empty_;
  int empty_port_ = 0;
  std::mutex mutex_;  // guards world_'s randomness in NextRecord
  std::optional<thread::SignedCard> card_;
  thread::Position seen_;
};

struct Figures {
  double per_second = 0;
  double p50_ms = 0;
  double p99_ms = 0;
};

// Keeps `in_flight` calls under way for `seconds`. `issue(done)` starts one and calls done(ok)
// once.
class Load {
 public:
  using Issue = std::function<void(std::function<void(bool)>)>;

  static Figures Run(const Issue& issue, int in_flight, double seconds) {
    Load load(issue, seconds);
    for (int i = 0; i < in_flight; ++i) {
      load.Start();
    }
    std::unique_lock lock(load.mutex_);
    load.idle_.wait(lock, [&load] { return load.under_way_ == 0; });
    return load.Result();
  }

 private:
  Load(const Issue& issue, double seconds)
      : issue_(issue),
        begin_(SteadyClock::now()),
        end_(begin_ + std::chrono::duration_cast<SteadyClock::duration>(
                          std::chrono::duration<double>(seconds))) {}

  void Start() {
    {
      const std::lock_guard lock(mutex_);
      ++under_way_;
    }
    const auto at = SteadyClock::now();
    issue_([this, at](bool ok) {
      RENKEI_CHECK(ok);
      const auto now = SteadyClock::now();
      bool more = false;
      {
        const std::lock_guard lock(mutex_);
        took_ms_.push_back(std::chrono::duration<double, std::milli>(now - at).count());
        last_ = now;
        more = now < end_;
      }
      if (more) {
        Start();
      }
      const std::lock_guard lock(mutex_);
      --under_way_;
      idle_.notify_all();
    });
  }

  Figures Result() {
    std::sort(took_ms_.begin(), took_ms_.end());
    const auto at = [this](double share) {
      return took_ms_[static_cast<std::size_t>(share * static_cast<double>(took_ms_.size() - 1))];
    };
    const double seconds = std::chrono::duration<double>(last_ - begin_).count();
    return {static_cast<double>(took_ms_.size()) / seconds, at(0.5), at(0.99)};
  }

  const Issue& issue_;
  const SteadyClock::time_point begin_;
  const SteadyClock::time_point end_;
  std::mutex mutex_;
  std::condition_variable idle_;
  int under_way_ = 0;
  std::vector<double> took_ms_;
  SteadyClock::time_point last_;
};

Load::Issue AppendCall(Bench& bench, v1::Threads::Stub& stub) {
  return [&](std::function<void(bool)> done) {
    struct Call {
      grpc::ClientContext context;
      v1::AppendRequest request;
      v1::AppendResponse response;
    };
    auto call = std::make_shared<Call>();
    call->request.set_record(bench.NextRecord());
    stub.async()->Append(&call->context, &call->request, &call->response,
                         [call, done](const grpc::Status& status) {
                           done(status.ok() && call->response.has_accepted());
                         });
  };
}

Load::Issue EmptyCall(Bench& bench, v1::Enrolment::Stub& stub) {
  return [&](std::function<void(bool)> done) {
    struct Call {
      grpc::ClientContext context;
      v1::SubmitRequestRequest request;
      v1::SubmitRequestResponse response;
    };
    auto call = std::make_shared<Call>();
    call->request.set_signed_request(bench.NextRecord());
    stub.async()->SubmitRequest(&call->context, &call->request, &call->response,
                                [call, done](const grpc::Status& status) { done(status.ok()); });
  };
}

int Main(int argc, char** argv) {
  CLI::App app("Durable appends beside empty calls, in one run.");
  std::string only;
  double seconds = 5;
  std::vector<int> in_flight = {1, 16, 64, 256};
  std::string folder = (std::filesystem::temp_directory_path() / "renkei-relay-load").string();
  app.add_option("--only", only, "append or empty");
  app.add_option("--seconds", seconds, "of each measurement")->check(CLI::Range(0.1, 600.0));
  app.add_option("--in-flight", in_flight, "calls under way at once")->check(CLI::Range(1, 4096));
  app.add_option("--dir", folder, "a folder on the disk to measure; emptied");
  CLI11_PARSE(app, argc, argv);
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  server::RequireTls13();
  Bench bench(folder);
  const auto threads = v1::Threads::NewStub(bench.RelayChannel());
  const auto empty = v1::Enrolment::NewStub(bench.EmptyChannel());
  bench.BeginCase(*threads);
  for (const int calls : in_flight) {
    const Figures base = Load::Run(EmptyCall(bench, *empty), calls, seconds);
    if (only == "empty") {
      std::printf(
          "{\"bench\":\"empty\",\"in_flight\":%d,\"per_s\":%.0f,\"p50_ms\":%.3f,"
          "\"p99_ms\":%.3f}\n",
          calls, base.per_second, base.p50_ms, base.p99_ms);
      continue;
    }
    const Figures append = Load::Run(AppendCall(bench, *threads), calls, seconds);
    std::printf(
        "{\"bench\":\"append\",\"store\":\"sqlite\",\"in_flight\":%d,\"per_s\":%.0f,"
        "\"empty_call_per_s\":%.0f,\"ratio\":%.3f,\"p50_ms\":%.3f,\"p99_ms\":%.3f}\n",
        calls, append.per_second, base.per_second, append.per_second / base.per_second,
        append.p50_ms, append.p99_ms);
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace
}  // namespace renkei

int main(int argc, char** argv) {
  return renkei::Main(argc, argv);
}
