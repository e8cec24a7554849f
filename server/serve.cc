#include "server/serve.h"

#include <signal.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <chrono>
#include <ctime>

#include "crypto/pki/pem.h"
#include "server/alert_driver.h"
#include "server/certificate_reload.h"
#include "server/limit_settings.h"
#include "server/log.h"
#include "server/metrics/metrics_server.h"
#include "server/readings.h"
#include "server/region_files.h"
#include "server/retention_watch.h"
#include "server/rpc/grpc_server.h"
#include "server/rpc/methods.h"
#include "server/rpc/spare_poller.h"
#include "server/store/sqlite_store.h"
#include "server/store_probe.h"

namespace renkei::server {
namespace {

constexpr int kLookSeconds = 1;

sigset_t OurSignals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGHUP);
  return set;
}

enum class Signal { kNone, kStop, kReload };

// kNone: the time is over.
Signal WaitForSignal(int seconds) {
  const sigset_t set = OurSignals();
  const timespec limit{seconds, 0};
  const int got = sigtimedwait(&set, nullptr, &limit);
  if (got <= 0) {
    return Signal::kNone;
  }
  return got == SIGHUP ? Signal::kReload : Signal::kStop;
}

// Tells gRPC's health service, the metrics and the log whether the store answers.
class Health {
 public:
  Health(SqliteStore& store, GrpcServer& server, const Settings& settings)
      : store_(store),
        server_(server),
        probe_(store, std::chrono::seconds(settings.probe_seconds),
               std::chrono::seconds(settings.probe_timeout_seconds)) {}

  void Look() {
    const bool is_answering = probe_.Look(std::chrono::steady_clock::now());
    const bool is_serving = is_answering && store_.healthy();
    if (is_serving == is_serving_.exchange(is_serving)) {
      return;
    }
    server_.SetServing(is_serving);
    if (is_serving) {
      spdlog::info("the store answers again");
    } else if (store_.damaged()) {
      spdlog::error(
          "the store is damaged: something in it is not what was stored, and is given to nobody; "
          "the rest is kept. Stop the relay and put the last good backup in its place: "
          "`renkei-relay restore --from BACKUP --data DIR --replace` (deploy/RUNBOOK.md \"Damaged "
          "store\")");
    } else {
      spdlog::error("the store does not answer (sqlite {})", store_.last_failure());
    }
  }

  // Any thread.
  bool is_serving() const { return is_serving_.load(); }

 private:
  SqliteStore& store_;
  GrpcServer& server_;
  StoreProbe probe_;
  std::atomic<bool> is_serving_ = true;
};

// Looks at the certificate's files now and then, and when it is told to.
class CertificateWatch {
 public:
  CertificateWatch(CertificateReload& reload, std::uint32_t every_seconds)
      : reload_(reload), every_(every_seconds) {}

  void Look(bool is_asked) {
    const auto now = std::chrono::steady_clock::now();
    if (!is_asked && (every_.count() == 0 || now - looked_ < every_)) {
      return;
    }
    looked_ = now;
    const CertificateReload::Looked looked = reload_.Look(SystemClock().Now(), is_asked);
    switch (looked.found) {
      case CertificateReload::Found::kTaken:
        return spdlog::info("a new TLS certificate is in use, valid until {} ms UTC",
                            reload_.not_after().value);
      case CertificateReload::Found::kRefused:
        return spdlog::error("the certificate in use stays: {}", looked.problem);
      case CertificateReload::Found::kNothingNew:
        break;
    }
    if (is_asked) {
      spdlog::info("no new TLS certificate is there");
    }
  }

 private:
  CertificateReload& reload_;
  const std::chrono::seconds every_;
  std::chrono::steady_clock::time_point looked_ = std::chrono::steady_clock::now();
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

ServerOptions OptionsOf(const ServeOptions& options, RegionFiles& files, Meter& meter) {
  ServerOptions out;
  out.listen = options.listen;
  out.tls_chain_pem = files.tls_chain_pem;
  out.tls_key_pem = std::move(files.tls_key_pem);
  out.reflection = options.settings.reflection;
  out.client_root_pem = pki::ToPem(files.root);
  out.limits = LimitsOf(options.settings);
  out.connections = {options.settings.connections, options.settings.connections_per_address};
  out.unread = ReaderSharesOf(options.settings);
  out.transport.memory_bytes = std::size_t{options.settings.memory_mib} << 20U;
  out.drain = Seconds(options.settings.drain_seconds);
  out.meter = &meter;
  return out;
}

SqliteOptions StoreOptionsOf(const ServeOptions& options, Meter& meter) {
  SqliteOptions out;
  out.max_waiting = options.settings.max_waiting;
  out.max_batch = options.settings.max_batch;
  out.readers = options.settings.readers;
  out.meter = &meter;
  out.log_room = true;
  out.lies = options.lies;
  if (!options.lies) {  // which would find out
    out.scrub_every = std::chrono::days(options.settings.scrub_days);
  }
  return out;
}

std::string HostOf(const std::string& listen) {
  return listen.substr(0, listen.rfind(':'));
}

// Of the certificates that stay as long as the process does.
std::vector<CertificateEnd> LastingCertificates(const RegionFiles& files) {
  return {{"issuing", files.issuing.not_after()},
          {"root", files.root.not_after()},
          {"signing", files.signing_certificate.not_after()}};
}

Look LookAt(const Observed& observed) {
  return [observed] {
    std::vector<Reading> out = ReadRelay(observed);
    for (Reading& reading : ReadProcess("/proc/self", "/sys/fs/cgroup")) {
      out.push_back(std::move(reading));
    }
    return out;
  };
}

// What the relay counts with: into Prometheus, or not at all.
struct Metering {
  Meter none;
  std::unique_ptr<PrometheusMeter> prometheus;

  explicit Metering(const Settings& settings) {
    if (settings.metrics_listen != "off") {
      prometheus = std::make_unique<PrometheusMeter>(MethodNames(), RENKEI_VERSION);
    }
  }
  Meter& meter() { return prometheus ? *prometheus : none; }
};

// Null, and no sentence: they are off.
struct StartedMetrics {
  std::unique_ptr<MetricsServer> server;
  std::string problem;
};

StartedMetrics StartMetrics(const Settings& settings, const Metering& metering,
                            const Observed& observed) {
  StartedMetrics out;
  if (!metering.prometheus) {
    return out;
  }
  auto server =
      MetricsServer::Start(*metering.prometheus, LookAt(observed), settings.metrics_listen);
  if (!server.ok()) {
    out.problem = "cannot listen on " + settings.metrics_listen + " (metrics.listen)";
    return out;
  }
  out.server = std::move(*server);
  spdlog::info("metrics on {}:{}", HostOf(settings.metrics_listen), out.server->port());
  return out;
}

// Serves until it is told to stop.
void RunUntilStopped(Health& health, CertificateWatch& certificates, RetentionWatch& retention) {
  for (;;) {
    const Signal signal = WaitForSignal(kLookSeconds);
    if (signal == Signal::kStop) {
      return;
    }
    health.Look();
    certificates.Look(signal == Signal::kReload);
    retention.Look(std::chrono::steady_clock::now());
  }
}

std::string ServeStore(const ServeOptions& options, RegionFiles& files, SqliteStore& store,
                       Metering& metering) {
  const SystemClock clock;
  const SystemElapsedClock elapsed;
  SystemRandom random;
  const std::vector<CertificateEnd> lasting = LastingCertificates(files);
  auto relay = Relay::Open(store, clock, random,
                           {files.root, files.issuing, files.signing_certificate,
                            std::move(files.signing_key), files.operator_institution},
                           &elapsed, StoredLimitsOf(options.settings));
  if (!relay.ok()) {
    return std::string("the relay cannot be opened (") + relay.error().where() + ")";
  }
  const SparePoller spare;
  std::unique_ptr<GrpcServer> server;
  CertificateReload reload(options.data_dir, files, [&](std::string chain, SecretBytes key) {
    server->ReplaceCertificate(std::move(chain), std::move(key));
  });
  auto started = GrpcServer::Start(**relay, OptionsOf(options, files, metering.meter()));
  if (!started.ok()) {
    return "cannot listen on " + options.listen;
  }
  server = std::move(*started);
  Health health(store, *server, options.settings);
  StartedMetrics metrics = StartMetrics(
      options.settings, metering,
      {**relay, options.data_dir, [&] { return health.is_serving(); },
       [&] { return store.waiting(); }, [&] { return store.scrubbed(); }, lasting, &reload,
       [&] { return server->connections(); }, [&] { return spare.is_held(); }});
  if (!metrics.problem.empty()) {
    return metrics.problem;
  }
  std::optional<AlertDriver> driver(std::in_place, (*relay)->alerts());
  LogAuditHead(store, "start");
  spdlog::info("TLS certificate valid until {} ms UTC", files.tls_not_after.value);
  SayAlways(options.settings, "info",
            "listening on " + HostOf(options.listen) + ":" + std::to_string(server->port()));
  CertificateWatch certificates(reload, options.settings.reload_seconds);
  RetentionWatch retention((*relay)->retention(),
                           {options.settings.retention_years, options.settings.retention_deletes},
                           std::chrono::steady_clock::now());
  RunUntilStopped(health, certificates, retention);
  spdlog::info("stopping: {} streams", (*relay)->hub().size());
  metrics.server.reset();
  server.reset();
  driver.reset();
  relay->reset();  // its last notes are in the audit log then
  LogAuditHead(store, "stop");
  return "";
}

}  // namespace

void BlockSignals() {
  const sigset_t set = OurSignals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

std::string Serve(const ServeOptions& options) {
  const Log log(options.settings);
  LoadedRegion region = LoadRegion(options.data_dir, SystemClock().Now());
  if (!region.files) {
    return region.problem;
  }
  Metering metering(options.settings);
  auto opened =
      SqliteStore::Open(options.data_dir / kStoreFolder, StoreOptionsOf(options, metering.meter()));
  if (!opened.store) {
    return opened.problem;
  }
  return ServeStore(options, *region.files, *opened.store, metering);
}

}  // namespace renkei::server
