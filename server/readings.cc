#include "server/readings.h"

#include <limits>
#include <system_error>

#include "server/backup.h"
#include "server/region_files.h"
#include "server/store/store_files.h"

namespace renkei::server {
namespace {

using std::filesystem::path;

constexpr double kNever = std::numeric_limits<double>::infinity();

double SecondsOf(Millis time) {
  return static_cast<double>(time.value) / 1000;
}

Reading Gauge(const char* name, const char* help, double value) {
  return {name, help, Reading::Kind::kGauge, value, "", ""};
}

Reading LabelledGauge(const char* name, const char* help, double value, const char* label,
                      const std::string& label_value) {
  return {name, help, Reading::Kind::kGauge, value, label, label_value};
}

double SizeOf(const path& file) {
  std::error_code failed;
  const std::uintmax_t size = std::filesystem::file_size(file, failed);
  return failed ? 0 : static_cast<double>(size);
}

void ReadStore(const path& folder, std::vector<Reading>& out) {
  constexpr const char* kName = "renkei_store_bytes";
  constexpr const char* kHelp =
      "Size of the store's files; \"log\" is what is not yet in the database.";
  const path database = folder / kDatabaseFile;
  out.push_back(LabelledGauge(kName, kHelp, SizeOf(database), "file", "database"));
  out.push_back(LabelledGauge(kName, kHelp, SizeOf(database.string() + "-wal"), "file", "log"));
  std::error_code failed;
  const std::filesystem::space_info space = std::filesystem::space(folder, failed);
  if (!failed) {
    out.push_back(Gauge("renkei_disk_free_bytes", "What the store's disk has left for the relay.",
                        static_cast<double>(space.available)));
    out.push_back(Gauge("renkei_disk_bytes", "Size of the store's disk.",
                        static_cast<double>(space.capacity)));
  }
}

void ReadCertificates(const Observed& observed, Millis now, std::vector<Reading>& out) {
  std::vector<CertificateEnd> all = observed.certificates;
  all.push_back({"tls", observed.reload->not_after()});
  for (const CertificateEnd& certificate : all) {
    out.push_back(LabelledGauge("renkei_certificate_expires_seconds",
                                "Until the relay's certificate expires; negative: it has.",
                                SecondsOf(certificate.not_after - now), "certificate",
                                certificate.name));
  }
  const std::pair<const char*, std::uint64_t> counts[] = {{"taken", observed.reload->taken()},
                                                          {"refused", observed.reload->refused()}};
  for (const auto& [result, count] : counts) {
    out.push_back({"renkei_certificate_reloads_total",
                   "New files of the relay's TLS certificate, and what became of them.",
                   Reading::Kind::kCounter, static_cast<double>(count), "result", result});
  }
}

void ReadConnections(const ConnectionCounts& counts, std::vector<Reading>& out) {
  const std::pair<const char*, std::uint64_t> reasons[] = {
      {"limit", counts.closed}, {"descriptors", counts.waited}, {"flood", counts.hung_up_on}};
  for (const auto& [reason, count] : reasons) {
    out.push_back(
        {"renkei_connections_refused_total",
         "limit: closed because too many are open, or its address is not welcome for a "
         "while. descriptors: looks at the door while the process had no descriptor left, "
         "and whoever connected waited. flood: hung up on, because what it sent had no end.",
         Reading::Kind::kCounter, static_cast<double>(count), "reason", reason});
  }
}

bool IsReturning(const Relay& relay, Millis now) {
  return relay.restored_at() && now - *relay.restored_at() < kReturnWait;
}

}  // namespace

std::vector<Reading> ReadRelay(const Observed& observed) {
  Relay& relay = observed.relay;
  const Millis now = relay.clock().Now();
  std::vector<Reading> out;
  out.push_back(Gauge("renkei_serving", "1: the store answers, and so does the relay.",
                      observed.is_serving() ? 1 : 0));
  out.push_back(
      Gauge("renkei_watchers", "Devices that listen.", static_cast<double>(relay.hub().size())));
  out.push_back(Gauge("renkei_writes_waiting", "Writes that wait for the disk.",
                      static_cast<double>(observed.waiting_writes())));
  ReadStore(observed.data_dir / kStoreFolder, out);
  const std::optional<Nanos> scrubbed = observed.scrubbed();
  out.push_back(Gauge("renkei_store_scrub_age_seconds",
                      "Since everything in the store was read and found as it was stored; +Inf: "
                      "not yet since the start.",
                      scrubbed ? std::chrono::duration<double>(*scrubbed).count() : kNever));
  const std::optional<Millis> backup = LastBackup(observed.data_dir);
  out.push_back(Gauge("renkei_backup_age_seconds",
                      "Since the last backup was finished; +Inf: none is known.",
                      backup ? SecondsOf(now - *backup) : kNever));
  ReadCertificates(observed, now, out);
  ReadConnections(observed.connections(), out);
  out.push_back(Gauge("renkei_grpc_thread_held",
                      "1: one of gRPC's threads is held back, because the other is enough.",
                      observed.is_thread_held() ? 1 : 0));
  out.push_back({"renkei_audit_notes_lost_total",
                 "Notes of the audit log that were dropped because too many waited.",
                 Reading::Kind::kCounter, static_cast<double>(relay.audit().lost()), "", ""});
  out.push_back(Gauge("renkei_restored",
                      "1: restored from a backup, started less than a day ago; cases may wait for "
                      "what their members hold.",
                      IsReturning(relay, now) ? 1 : 0));
  return out;
}

}  // namespace renkei::server
