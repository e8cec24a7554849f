#include "tests/bench/relay/region.h"

#include <condition_variable>
#include <fstream>
#include <mutex>
#include <optional>

#include "crypto/pki/pem.h"
#include "server/region_files.h"

namespace renkei::bench {
namespace {

constexpr std::size_t kOfficeMembers = 50;
constexpr std::size_t kPayloadBytes = 1040;  // 1 KiB and its tag: the smallest sealed record

// Nothing of what limits callers may stand in the way of the load.
constexpr const char* kSettings =
    "[limits]\ncalls_per_second = 100000\ncalls_burst = 1000000\ncalls_under_way = 100000\n"
    "streams = 1024\n"
    "[server]\ndrain_seconds = 0\n[log]\nlevel = \"error\"\n";

// Runs `start` with a function to be called once, and waits for that.
template <typename T>
T Await(const std::function<void(std::function<void(T)>)>& start) {
  std::mutex mutex;
  std::condition_variable changed;
  std::optional<T> result;
  start([&](T value) {
    const std::lock_guard lock(mutex);
    result.emplace(std::move(value));
    changed.notify_all();
  });
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return result.has_value(); });
  return std::move(*result);
}

thread::Position PositionIn(const Result<server::PostOutcome>& outcome) {
  RENKEI_CHECK(outcome.ok() && std::holds_alternative<server::Accepted>(*outcome));
  return std::get<server::Accepted>(*outcome).entry.at;
}

}  // namespace

void WriteNow(server::Store& store, const server::Store::Work& work) {
  const Status status = Await<Status>([&](const std::function<void(Status)>& done) {
    store.Write(work, [done](const Status& result) { done(result); });
  });
  RENKEI_CHECK(status.ok());
}

Region::Region(std::filesystem::path folder, std::string relay)
    : folder_(std::move(folder)),
      relay_(std::move(relay)),
      world_(7, SystemClock().Now() - Days(1)) {
  std::filesystem::create_directories(folder_);
  world_.WriteRelayFiles(folder_);
  std::ofstream(folder_ / "relay.toml") << kSettings;
}

Region::~Region() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::vector<const test::Handset*> Region::AddMembers(std::size_t count) {
  std::vector<const test::Handset*> out;
  for (std::size_t i = 0; i < count; ++i) {
    if (office_ == nullptr || in_office_ == kOfficeMembers) {
      office_ = &world_.AddOffice("計測用（架空）");
      in_office_ = 0;
    }
    ++in_office_;
    out.push_back(&world_.AddMember(*office_));
  }
  return out;
}

void Region::Publish(server::Relay& relay) const {
  for (const test::Office& office : world_.offices()) {
    const std::vector<Bytes> certificates = world_.CertificatesOf(office);
    std::vector<ByteView> views(certificates.begin(), certificates.end());
    // An institution first, so that its leaves find it.
    const auto rows = relay.directory().VerifyAll(views);
    RENKEI_CHECK(rows.ok());
    WriteNow(relay.store(), [&](server::WriteTransaction& transaction) -> Status {
      RENKEI_TRY(relay.directory().Add(transaction, *rows));
      return Ok();
    });
  }
}

void Region::Prepare(const std::function<void(server::Relay&, server::SqliteStore&)>& work) {
  auto opened = server::SqliteStore::Open(folder_ / server::kStoreFolder, {});
  RENKEI_CHECK(opened.store != nullptr);
  auto relay = server::Relay::Open(*opened.store, clock_, random_, world_.Identity());
  RENKEI_CHECK(relay.ok());
  Publish(**relay);
  work(**relay, *opened.store);
}

Case Region::BeginCase(server::Relay& relay, const std::vector<const test::Handset*>& members) {
  const test::CommitParts first = world_.NewCase(*members.front());
  const server::CommitView view = first.View();
  const auto outcome = Await<Result<server::PostOutcome>>(
      [&](const auto& done) { relay.threads().Create(members.front()->Caller(), view, done); });
  Case out{first.card, PositionIn(outcome)};
  Commit(relay, out, members);
  return out;
}

void Region::Commit(server::Relay& relay, Case& at,
                    const std::vector<const test::Handset*>& members) {
  const test::CommitParts next = world_.NextCommit(at.card, *members.front(), members);
  const server::CommitView view = next.View();
  const auto outcome = Await<Result<server::PostOutcome>>(
      [&](const auto& done) { relay.threads().Commit(members.front()->Caller(), view, done); });
  at = {next.card, PositionIn(outcome)};
}

void Region::Append(server::Relay& relay, Case& at, const test::Handset& sender,
                    std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const Bytes record = world_.Record(at.card, sender, at.head, kPayloadBytes);
    at.head = PositionIn(Await<Result<server::PostOutcome>>(
        [&](const auto& done) { relay.threads().Append(sender.Caller(), record, done); }));
  }
}

std::unique_ptr<Process> Region::StartRelay() const {
  return Process::Start(
      {relay_, "--data", folder_, "--listen", "127.0.0.1:0", "--config", folder_ / "relay.toml"});
}

std::unique_ptr<Process> Region::StartEmpty() const {
  return Process::Start({"/proc/self/exe", "--serve-empty", folder_});
}

std::unique_ptr<Process> Region::StartSynced() const {
  return Process::Start(
      {"/proc/self/exe", "--serve-empty", folder_, "--synced", folder_ / "synced"});
}

std::shared_ptr<grpc::Channel> Region::Channel(const test::Handset& handset, int port) {
  grpc::SslCredentialsOptions ssl;
  ssl.pem_root_certs = pki::ToPem(world_.region().root().certificate());
  ssl.pem_cert_chain = pki::ToPem(handset.TlsChain(world_.region()));
  ssl.pem_private_key = ToString(pki::PrivateKeyPem(handset.device.tls.key).Expose());
  grpc::ChannelArguments arguments;
  arguments.SetSslTargetNameOverride(pki::RelayDnsName(world_.region().id()));
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(port), grpc::SslCredentials(ssl),
                                   arguments);
}

std::uint64_t Region::StoreBytes() const {
  std::uint64_t bytes = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder_ / server::kStoreFolder)) {
    bytes += file.file_size();
  }
  return bytes;
}

}  // namespace renkei::bench
