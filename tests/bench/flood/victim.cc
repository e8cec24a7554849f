#include "tests/bench/flood/victim.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "crypto/pki/pem.h"
#include "crypto/thread/head.h"
#include "renkei/relay/v1/directory.grpc.pb.h"
#include "tests/support/relay_request.h"

namespace renkei::flood {
namespace {

namespace v1 = relay::v1;
using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kRecordBytes = 1040;
constexpr std::size_t kBigRecordBytes = std::size_t{512} << 10U;
constexpr std::size_t kAtOnce = 16;  // certificates in one call

std::unique_ptr<grpc::ClientContext> Within(int seconds) {
  auto out = std::make_unique<grpc::ClientContext>();
  out->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(seconds));
  out->set_wait_for_ready(true);
  return out;
}

Identity IdentityOf(const test::Handset& handset, const test::Region& region) {
  return {pki::ToPem(handset.TlsChain(region)),
          ToString(pki::PrivateKeyPem(handset.device.tls.key).Expose())};
}

double Percentile(std::vector<double>& sorted, double share) {
  const auto at = static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1));
  return sorted.empty() ? 0 : sorted[at];
}

}  // namespace

Victim::Victim(const std::string& relay, const std::string& settings, std::size_t hostile,
               std::size_t backlog)
    : world_(31, SystemClock().Now() - Days(1)) {
  station_ = &world_.AddOffice("訪問看護ステーション（架空）");
  attackers_ = &world_.AddOffice("よその事業所（架空）");
  nurse_ = &world_.AddMember(*station_);
  doctor_ = &world_.AddMember(*station_);
  const test::Person& person = world_.AddPerson(*attackers_);
  for (std::size_t i = 0; i < hostile; ++i) {
    hostile_.push_back(&world_.AddHandset(person));
  }
  world_.WriteRelayFiles(folder_);
  StartProcess(relay, settings);
  Publish(*station_, *nurse_);
  Publish(*attackers_, *hostile_.front());
  stub_ = v1::Threads::NewStub(Channel(IdentityOf(*nurse_, world_.region())));
  BeginCases(backlog);
  for (const test::Handset* each : hostile_) {
    hostile_records_.push_back(ToString(world_.Record(world_.NewCase(*each).card, *each, {})));
  }
  watcher_ = std::thread([this] { Watch(); });
}

Victim::~Victim() {
  {
    const std::lock_guard lock(mutex_);
    stopped_.store(true);
    if (watching_ != nullptr) {
      watching_->TryCancel();
    }
  }
  watcher_.join();
  if (process_ > 0) {
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
  }
}

void Victim::StartProcess(const std::string& relay, const std::string& settings) {
  const std::string config = folder_ / "relay.toml";
  std::ofstream(config) << settings;
  int out[2];
  RENKEI_CHECK(pipe2(out, O_CLOEXEC) == 0);
  const pid_t parent = getpid();
  process_ = fork();
  RENKEI_CHECK(process_ >= 0);
  if (process_ == 0) {
    // No process outlives the program, whatever ends it.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent || dup2(out[1], STDERR_FILENO) < 0) {
      _exit(1);
    }
    const std::string data = folder_;
    execl(relay.c_str(), relay.c_str(), "--data", data.c_str(), "--listen", "127.0.0.1:0",
          "--config", config.c_str(), nullptr);
    _exit(127);
  }
  close(out[1]);
  FILE* said = fdopen(out[0], "r");
  char line[512];
  while (port_ == 0 && std::fgets(line, sizeof(line), said) != nullptr) {
    (void)std::sscanf(line, "listening on 127.0.0.1:%d", &port_);
    if (port_ == 0) {
      std::fputs(line, stderr);
    }
  }
  RENKEI_CHECK(port_ != 0);
  // Nobody may wait for us to read what it logs.
  std::thread([said] {
    char rest[512];
    while (std::fgets(rest, sizeof(rest), said) != nullptr) {
    }
    std::fclose(said);
  }).detach();
}

void Victim::Publish(const test::Office& office, const test::Handset& by) {
  const auto stub = v1::Directory::NewStub(Channel(IdentityOf(by, world_.region())));
  const std::vector<Bytes> all = world_.CertificatesOf(office);
  for (std::size_t at = 0; at < all.size(); at += kAtOnce) {
    v1::PublishRequest request;
    for (std::size_t i = at; i < std::min(at + kAtOnce, all.size()); ++i) {
      request.add_certificates(ToString(all[i]));
    }
    v1::PublishResponse response;
    const grpc::Status status = stub->Publish(Within(60).get(), request, &response);
    RENKEI_CHECK(status.ok() && response.published() > 0);
  }
}

void Victim::BeginCases(std::size_t backlog) {
  const auto where = [&](const v1::CommitResponse& response) {
    RENKEI_CHECK(response.has_accepted());
    const auto head = thread::VerifyHead(AsBytes(response.accepted().head().SerializeAsString()),
                                         world_.Identity().signing_certificate.public_key());
    return thread::Position{head->seq, head->hash, head->received_at};
  };
  const auto begin = [&](const test::Handset& by, v1::Threads::Stub& stub,
                         thread::SignedCard& card) {
    const test::CommitParts parts = world_.NewCase(by);
    v1::CommitResponse response;
    RENKEI_CHECK(stub.Create(Within(60).get(), test::RequestOf(parts), &response).ok());
    card = parts.card;
    return where(response);
  };
  (void)begin(*nurse_, *stub_, card_);
  const test::CommitParts both = world_.NextCommit(card_, *nurse_, {nurse_, doctor_});
  v1::CommitResponse joined;
  RENKEI_CHECK(stub_->Commit(Within(60).get(), test::RequestOf(both), &joined).ok());
  card_ = both.card;
  seen_ = where(joined);
  if (backlog == 0) {
    return;
  }
  const auto stub = v1::Threads::NewStub(ChannelOfHostile(0));
  thread::SignedCard theirs;
  const thread::Position seen = begin(*hostile_.front(), *stub, theirs);
  hostile_case_ = ToString(theirs.card.case_id.view());
  for (std::size_t i = 0; i < backlog; ++i) {
    RENKEI_CHECK(
        Append(*stub, ToString(world_.Record(theirs, *hostile_.front(), seen, kBigRecordBytes))));
  }
}

std::shared_ptr<grpc::Channel> Victim::Channel(const Identity& identity) const {
  grpc::SslCredentialsOptions ssl;
  ssl.pem_root_certs = pki::ToPem(world_.Identity().root);
  ssl.pem_cert_chain = identity.chain_pem;
  ssl.pem_private_key = identity.key_pem;
  grpc::ChannelArguments arguments;
  arguments.SetSslTargetNameOverride(
      pki::RelayDnsName(const_cast<test::RelayWorld&>(world_).region().id()));
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
  return grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(port_), grpc::SslCredentials(ssl),
                                   arguments);
}

const std::string& Victim::RecordOfHostile(std::size_t number) const {
  return hostile_records_[number % hostile_records_.size()];
}

Identity Victim::IdentityOfHostile(std::size_t number) const {
  return IdentityOf(*hostile_[number % hostile_.size()],
                    const_cast<test::RelayWorld&>(world_).region());
}

std::shared_ptr<grpc::Channel> Victim::ChannelOfHostile(std::size_t number) const {
  return Channel(IdentityOfHostile(number));
}

std::shared_ptr<grpc::Channel> Victim::ChannelOfNobody() const {
  return Channel({});
}

bool Victim::Append(v1::Threads::Stub& stub, const std::string& record) const {
  v1::AppendRequest request;
  request.set_record(record);
  v1::AppendResponse response;
  return stub.Append(Within(60).get(), request, &response).ok() && response.has_accepted();
}

void Victim::Watch() {
  const auto stub = v1::Threads::NewStub(Channel(IdentityOf(*doctor_, world_.region())));
  while (!stopped_.load()) {
    grpc::ClientContext context;
    context.set_wait_for_ready(true);
    {
      const std::lock_guard lock(mutex_);
      watching_ = &context;
    }
    v1::WatchRequest from;
    from.add_positions()->set_case_id(ToString(card_.card.case_id.view()));
    from.mutable_positions(0)->set_after(seen_.seq);
    const auto reader = stub->Watch(&context, from);
    for (v1::WatchEvent event; !stopped_.load() && reader->Read(&event);) {
      Arrived(event);
    }
    context.TryCancel();
    (void)reader->Finish();
    const std::lock_guard lock(mutex_);
    watching_ = nullptr;
  }
}

// What comes again after a break is not waited for any more.
void Victim::Arrived(const v1::WatchEvent& event) {
  const auto now = SteadyClock::now();
  const std::lock_guard lock(mutex_);
  for (const auto& entry : event.batch().entries()) {
    const auto it = sent_.find(entry.payload());
    if (it != sent_.end()) {
      delivered_.push_back(std::chrono::duration<double, std::milli>(now - it->second).count());
      sent_.erase(it);
    }
  }
}

Latency Victim::Write(double seconds, int per_second) {
  Latency out;
  {
    const std::lock_guard lock(mutex_);
    sent_.clear();
    delivered_.clear();
  }
  std::vector<double> waited;
  const auto begin = SteadyClock::now();
  const auto every = std::chrono::microseconds(1'000'000 / per_second);
  auto next = begin;
  while (SteadyClock::now() - begin < std::chrono::duration<double>(seconds)) {
    const std::string record = ToString(world_.Record(card_, *nurse_, seen_, kRecordBytes));
    const auto asked = SteadyClock::now();
    {
      const std::lock_guard lock(mutex_);
      sent_[record] = asked;
    }
    out.failed += Append(*stub_, record) ? 0 : 1;
    waited.push_back(std::chrono::duration<double, std::milli>(SteadyClock::now() - asked).count());
    next = std::max(next + every, SteadyClock::now());
    std::this_thread::sleep_until(next);
  }
  std::sort(waited.begin(), waited.end());
  {
    const std::lock_guard lock(mutex_);
    std::sort(delivered_.begin(), delivered_.end());
    out.delivered = delivered_.size();
    out.delivered_p50_ms = Percentile(delivered_, 0.5);
    out.delivered_p99_ms = Percentile(delivered_, 0.99);
  }
  out.calls = waited.size();
  out.p50_ms = Percentile(waited, 0.5);
  out.p99_ms = Percentile(waited, 0.99);
  return out;
}

Memory Victim::Use() {
  Memory out;
  const std::filesystem::path of = "/proc/" + std::to_string(process_);
  std::ifstream status(of / "status");
  for (std::string line; std::getline(status, line);) {
    long kib = 0;
    if (std::sscanf(line.c_str(), "VmHWM: %ld", &kib) == 1) {
      out.most_mib = static_cast<double>(kib) / 1024;
    } else if (std::sscanf(line.c_str(), "VmRSS: %ld", &kib) == 1) {
      out.now_mib = static_cast<double>(kib) / 1024;
    }
  }
  std::ofstream(of / "clear_refs") << "5";  // the most, from now on (proc(5))
  return out;
}

bool Victim::is_alive() const {
  return waitpid(process_, nullptr, WNOHANG) == 0;
}

}  // namespace renkei::flood
