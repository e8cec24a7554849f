#include "server/serve.h"

#include <signal.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <ctime>

#include "crypto/pki/pem.h"
#include "server/region_files.h"
#include "server/rpc/grpc_server.h"
#include "server/store/sqlite_store.h"

namespace renkei::server {
namespace {

constexpr int kProbeSeconds = 5;

sigset_t StopSignals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

// True: a stop signal came. False: the time is over.
bool WaitForStop(int seconds) {
  const sigset_t set = StopSignals();
  const timespec limit{seconds, 0};
  return sigtimedwait(&set, nullptr, &limit) > 0;
}

void SetUpLog(const std::string& level) {
  auto logger =
      std::make_shared<spdlog::logger>("relay", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
  logger->set_level(spdlog::level::from_str(level));
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
}

// Tells "serving" from "not serving" by writing, because reading still works on a full disk.
class HealthProbe {
 public:
  HealthProbe(SqliteStore& store, GrpcServer& server) : store_(store), server_(server) {}

  void Look() {
    store_.Write(
        [](WriteTransaction& transaction) {
          static constexpr std::uint8_t kAlive = 1;
          return transaction.PutMeta("probe", ByteView(&kAlive, 1));
        },
        [](const Status&) {});
    const bool is_healthy = store_.healthy();
    if (is_healthy == was_healthy_) {
      return;
    }
    was_healthy_ = is_healthy;
    server_.SetServing(is_healthy);
    if (is_healthy) {
      spdlog::info("the store answers again");
    } else {
      spdlog::error("the store does not answer (sqlite {})", store_.last_failure());
    }
  }

 private:
  SqliteStore& store_;
  GrpcServer& server_;
  bool was_healthy_ = true;
};

void LogAuditHead(Store& store, const char* when) {
  std::optional<AuditRow> last;
  const Status status = store.Read([&](ReadTransaction& transaction) -> Status {
    RENKEI_ASSIGN(last, transaction.LastAudit());
    return Ok();
  });
  if (status.ok() && last) {
    spdlog::info("audit log at {}: {} rows, head {}", when, last->seq, ToHex(last->hash));
  }
}

// 0 in a setting: follows from another one, so that an operator who raises one raises all.
std::uint32_t Or(std::uint32_t setting, std::uint64_t derived) {
  return setting != 0 ? setting
                      : static_cast<std::uint32_t>(std::min<std::uint64_t>(derived, UINT32_MAX));
}

AdmissionLimits LimitsOf(const Settings& from) {
  constexpr std::uint64_t kDevices = 10;
  AdmissionLimits out;
  const Rate calls = {from.calls_per_second, from.calls_burst};
  const Rate kib = {Or(from.kib_per_second, std::uint64_t{40} * calls.per_second),
                    Or(from.kib_burst, std::uint64_t{128} * calls.burst)};
  out.device = {calls, kib, from.calls_under_way, from.streams};
  out.institution = {{Or(from.institution_calls_per_second, kDevices * calls.per_second),
                      Or(from.institution_calls_burst, kDevices * calls.burst)},
                     {Or(from.institution_kib_per_second, kDevices * kib.per_second),
                      Or(from.institution_kib_burst, kDevices * kib.burst)},
                     Or(from.institution_calls_under_way, kDevices * from.calls_under_way),
                     from.institution_streams};
  out.address.calls = {from.address_calls_per_second, from.address_calls_burst};
  out.address.under_way = from.address_calls_under_way;
  out.strangers.calls = {from.strangers_calls_per_second, from.strangers_calls_burst};
  out.strangers.under_way = from.strangers_calls_under_way;
  return out;
}

StoredLimits StoredLimitsOf(const Settings& from) {
  return {std::uint64_t{from.stored_mib} << 20U, std::uint64_t{from.institution_stored_mib} << 20U,
          from.threads, from.institution_threads};
}

ServerOptions OptionsOf(const ServeOptions& options, RegionFiles& files) {
  ServerOptions out;
  out.listen = options.listen;
  out.tls_chain_pem = files.tls_chain_pem;
  out.tls_key_pem = std::move(files.tls_key_pem);
  out.client_root_pem = pki::ToPem(files.root);
  out.limits = LimitsOf(options.settings);
  out.connections = {options.settings.connections, options.settings.connections_per_address};
  out.memory_bytes = std::size_t{options.settings.memory_mib} << 20U;
  out.drain = Seconds(options.settings.drain_seconds);
  return out;
}

std::string HostOf(const std::string& listen) {
  return listen.substr(0, listen.rfind(':'));
}

std::string ServeStore(const ServeOptions& options, RegionFiles& files, SqliteStore& store) {
  const SystemClock clock;
  SystemRandom random;
  auto relay = Relay::Open(store, clock, random,
                           {files.root, files.issuing, files.signing_certificate,
                            std::move(files.signing_key), files.operator_institution},
                           StoredLimitsOf(options.settings));
  if (!relay.ok()) {
    return std::string("the relay cannot be opened (") + relay.error().where() + ")";
  }
  auto server = GrpcServer::Start(**relay, OptionsOf(options, files));
  if (!server.ok()) {
    return "cannot listen on " + options.listen;
  }
  LogAuditHead(store, "start");
  spdlog::info("TLS certificate valid until {} ms UTC", files.tls_not_after.value);
  std::fprintf(stderr, "listening on %s:%d\n", HostOf(options.listen).c_str(), (*server)->port());
  HealthProbe probe(store, **server);
  while (!WaitForStop(kProbeSeconds)) {
    probe.Look();
  }
  spdlog::info("stopping: {} streams", (*relay)->hub().size());
  server->reset();
  LogAuditHead(store, "stop");
  return "";
}

}  // namespace

void BlockStopSignals() {
  const sigset_t set = StopSignals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

std::string Serve(const ServeOptions& options) {
  SetUpLog(options.settings.log_level);
  LoadedRegion region = LoadRegion(options.data_dir, SystemClock().Now());
  if (!region.files) {
    return region.problem;
  }
  auto opened = SqliteStore::Open(
      options.data_dir / kStoreFolder,
      {options.settings.max_waiting, options.settings.max_batch, options.settings.readers});
  if (!opened.store) {
    return opened.problem;
  }
  return ServeStore(options, *region.files, *opened.store);
}

}  // namespace renkei::server
