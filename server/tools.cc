#include "server/tools.h"

#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <iterator>

#include "crypto/pki/names.h"
#include "crypto/pki/pem.h"
#include "server/backup.h"
#include "server/backup_chain.h"
#include "server/region_files.h"
#include "server/rpc/health_client.h"
#include "server/rpc/methods.h"
#include "server/store/store_files.h"
#include "server/store/store_tools.h"

namespace renkei::server {
namespace {

using std::filesystem::path;

constexpr Millis kHealthLimit = Seconds(5);

int Fail(const std::string& sentence) {
  std::fprintf(stderr, "renkei-relay: %s\n", sentence.c_str());
  return 1;
}

std::string TimeText(Millis at) {
  const std::time_t seconds = static_cast<std::time_t>(at.value / 1000);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[32];
  std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text;
}

unsigned long long Number(std::uint64_t value) {
  return value;
}

int Backup(const path& data_dir, const path& to, const BackupWish& wish) {
  const BackupResult made = MakeBackup(data_dir, to, wish, SystemClock().Now());
  if (!made.problem.empty()) {
    return Fail(made.problem);
  }
  const std::string since =
      wish.since.empty() ? "" : "; it continues " + wish.since.string() + ", keep both";
  std::printf("backup of %s in %s: %llu bytes of %llu, checked and synced%s%s\n",
              TimeText(made.made_at).c_str(), to.c_str(), Number(made.kept_bytes),
              Number(made.bytes), since.c_str(),
              wish.with_keys ? "; it holds the relay's keys" : "; without the relay's keys");
  return 0;
}

int Restore(const path& from, const path& data_dir, bool replace) {
  const BackupResult restored = RestoreBackup(from, data_dir, replace, SystemClock().Now());
  if (!restored.problem.empty()) {
    return Fail(restored.problem);
  }
  std::printf(
      "restored the backup of %s into %s; a store that was there is kept beside it. Start the "
      "relay: "
      "it announces a new incarnation, and clients give back what came after the backup\n",
      TimeText(restored.made_at).c_str(), data_dir.c_str());
  return 0;
}

int Verify(const path& database) {
  const StoreReport report = VerifyStore(database);
  if (!report.problem.empty()) {
    return Fail(report.problem);
  }
  for (const std::string& finding : report.findings) {
    std::printf("%s\n", finding.c_str());
  }
  for (const std::string& each : report.miscounted) {
    std::printf("%s\n", each.c_str());
  }
  std::printf("%llu cases, %llu entries, %llu rows of audit log: %s\n", Number(report.threads),
              Number(report.entries), Number(report.audit_rows),
              report.findings.empty() ? "sound" : "damaged");
  if (!report.findings.empty()) {
    return Fail(
        "the store is damaged; nothing was changed. Restore the last backup that "
        "`renkei-relay verify --backup` finds sound (deploy/RUNBOOK.md \"Damaged store\")");
  }
  if (!report.miscounted.empty()) {
    return Fail(
        "nothing is damaged, but how much some have in the store is miscounted, so that they are "
        "refused too early or too late; nothing was changed. Stop the relay (a backup: restore it) "
        "and run `renkei-relay usage --data DIR --recount`");
  }
  return 0;
}

int VerifyBackup(const path& folder) {
  std::string problem;
  const path beside =
      WithoutSlash(folder).has_parent_path() ? WithoutSlash(folder).parent_path() : path(".");
  const auto whole = WholeBackup::Open(folder, beside, problem);
  if (!whole) {
    return Fail(problem);
  }
  if (whole->links() > 1) {
    std::printf("put together from %zu folders\n", whole->links());
  }
  if (whole->manifest().schema_version < kSchemaVersion) {
    std::printf(
        "of an older relay (schema version %lld): looked at as `restore` puts it in place\n",
        static_cast<long long>(whole->manifest().schema_version));
  }
  return Verify(whole->database());
}

int Usage(const path& data_dir) {
  const UsageReport report = ReadStoredBytes(data_dir / kStoreFolder / kDatabaseFile);
  if (!report.problem.empty()) {
    return Fail(report.problem);
  }
  for (const auto& [institution, bytes] : report.institutions) {
    std::printf("%s %llu MiB (%llu bytes)\n", institution.Text().c_str(), Number(bytes >> 20U),
                Number(bytes));
  }
  return 0;
}

int Recount(const path& data_dir) {
  const Recounted done = RecountStoredBytes(data_dir / kStoreFolder);
  if (!done.problem.empty()) {
    return Fail(done.problem);
  }
  std::printf("counted again: %llu devices and institutions had another number\n",
              Number(done.wrong));
  return 0;
}

int VerifyAuditOf(const path& data_dir) {
  const AuditReport report = VerifyAuditLog(data_dir / kStoreFolder / kDatabaseFile);
  if (!report.problem.empty()) {
    return Fail(report.problem);
  }
  if (report.broken_at != 0) {
    return Fail("the audit log was changed: row " + std::to_string(report.broken_at) +
                " does not continue the chain");
  }
  std::printf("%llu rows, unbroken; head %s\n", Number(report.rows), ToHex(report.head).c_str());
  return 0;
}

int Migrate(const path& data_dir) {
  const Migrated done =
      MigrateStore(data_dir / kStoreFolder, SystemClock().Now(), MigrationSteps(), kSchemaVersion);
  if (!done.problem.empty()) {
    return Fail(done.problem);
  }
  if (done.kept.empty()) {
    std::printf("the store has schema version %lld already; nothing was changed\n",
                static_cast<long long>(done.to));
    return 0;
  }
  std::printf("schema version %lld is now %lld; the store as it was is kept in %s\n",
              static_cast<long long>(done.from), static_cast<long long>(done.to),
              done.kept.c_str());
  return 0;
}

// CASE.deletion in `folder`, for whoever keeps the books. Those that are there stay.
bool WriteCertificates(const std::vector<DeletionRow>& deleted, const path& folder) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  for (const DeletionRow& row : deleted) {
    const path file = folder / (row.case_id.Text() + ".deletion");
    if (std::filesystem::exists(file, failed)) {
      continue;
    }
    std::ofstream out(file, std::ios::binary);
    out << ToString(row.certificate);
    out.close();
    if (!out) {
      return false;
    }
  }
  return !failed;
}

int Retention(const path& data_dir, const path& certificates) {
  const RetentionReport report = ReadRetention(data_dir / kStoreFolder / kDatabaseFile);
  if (!report.problem.empty()) {
    return Fail(report.problem);
  }
  for (const RetentionReport::Closed& item : report.closed) {
    const thread::Closing& closing = item.thread.closing;
    std::printf("%s closed, counted from %s, asked to be kept %u years%s%s\n",
                item.thread.case_id.Text().c_str(), TimeText(closing.counted_from).c_str(),
                closing.keep_years, item.announced ? ", deletion announced " : "",
                item.announced ? TimeText(item.announced->at).c_str() : "");
  }
  for (const DeletionRow& row : report.deleted) {
    std::printf("%s deleted %s\n", row.case_id.Text().c_str(), TimeText(row.at).c_str());
  }
  if (!certificates.empty() && !WriteCertificates(report.deleted, certificates)) {
    return Fail("the certificates could not be written into " + certificates.string() +
                "; those that are there are whole, run it again");
  }
  std::printf("%llu closed, %llu deleted\n", Number(report.closed.size()),
              Number(report.deleted.size()));
  return 0;
}

std::optional<pki::Certificate> ReadRoot(const path& data_dir) {
  std::ifstream in(data_dir / kRelayFolder / kRootFile, std::ios::binary);
  const std::string der{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  auto root = pki::Certificate::Parse(AsBytes(der));
  return root.ok() ? std::optional(std::move(*root)) : std::nullopt;
}

const char* WordOf(HealthAnswer answer) {
  switch (answer) {
    case HealthAnswer::kServing:
      return "SERVING";
    case HealthAnswer::kNotServing:
      return "NOT_SERVING";
    case HealthAnswer::kUnknown:
      return "UNKNOWN";
    case HealthAnswer::kNoAnswer:
      break;
  }
  return "NO_ANSWER";
}

int Health(const path& data_dir, const std::string& at) {
  const std::optional<pki::Certificate> root = ReadRoot(data_dir);
  if (!root) {
    return Fail("the file " + (data_dir / kRelayFolder / kRootFile).string() +
                " cannot be read; name the relay's data directory with --data");
  }
  const HealthClient client(at, pki::ToPem(*root), pki::RelayDnsName(root->ids().region));
  std::vector<std::string> services = ServiceNames();
  services.insert(services.begin(), "");
  bool is_serving = true;
  for (const std::string& service : services) {
    const HealthAnswer answer = client.Ask(service, kHealthLimit);
    is_serving = is_serving && answer == HealthAnswer::kServing;
    std::printf("%s %s\n", service.empty() ? "relay" : service.c_str(), WordOf(answer));
    if (answer == HealthAnswer::kNoAnswer) {
      break;
    }
  }
  return is_serving ? 0 : 1;
}

}  // namespace

struct Tools::Options {
  std::string data;
  std::string to;
  std::string since;
  std::string from;
  std::string backup;
  std::string certificates;
  std::string at = "127.0.0.1:4711";
  bool without_keys = false;
  bool replace = false;
  bool recount = false;
  CLI::App* root = nullptr;
  CLI::App* backup_command = nullptr;
  CLI::App* restore_command = nullptr;
  CLI::App* verify_command = nullptr;
  CLI::App* migrate_command = nullptr;
  CLI::App* health_command = nullptr;
  CLI::App* usage_command = nullptr;
  CLI::App* retention_command = nullptr;

  CLI::App* Add(CLI::App& app, const char* name, const char* meaning, bool needs_data = true) {
    CLI::App* command = app.add_subcommand(name, meaning);
    CLI::Option* option = command->add_option("--data", data, "the relay's data directory");
    if (needs_data) {
      option->required();
    }
    return command;
  }
};

Tools::Tools(CLI::App& app) : options_(std::make_unique<Options>()) {
  Options& o = *options_;
  o.root = &app;
  o.backup_command =
      o.Add(app, "backup", "copy everything into a new folder; the relay may be running");
  o.backup_command->add_option("--to", o.to, "the new folder")->required();
  o.backup_command->add_option(
      "--since", o.since, "a backup in the same folder: keep only what is not in it (incremental)");
  o.backup_command->add_flag("--without-keys", o.without_keys, "leave the relay's keys out");
  o.restore_command = o.Add(app, "restore", "put a backup into a stopped relay's place");
  o.restore_command->add_option("--from", o.from, "the backup's folder")->required();
  o.restore_command->add_flag("--replace", o.replace,
                              "where a store is: keep it beside and put the backup in its place");
  o.verify_command = o.Add(app, "verify", "walk every case's chain; changes nothing", false);
  o.verify_command->add_option("--backup", o.backup, "of a backup instead");
  o.migrate_command = o.Add(app, "migrate", "bring a stopped relay's store to today's schema");
  o.health_command = o.Add(app, "health", "ask a running relay whether it serves");
  o.health_command->add_option("--at", o.at, "HOST:PORT where it listens")->capture_default_str();
  o.usage_command = o.Add(app, "usage", "how much each institution has in the store");
  o.usage_command->add_flag("--recount", o.recount, "count again what a stopped relay's store has");
  o.retention_command =
      o.Add(app, "retention", "which cases are closed, and which were deleted; changes nothing");
  o.retention_command->add_option("--certificates", o.certificates,
                                  "a folder into which the deletion certificates are written");
  CLI::App* audit = app.add_subcommand("audit", "the audit log");
  o.Add(*audit, "verify", "walk its hash chain; changes nothing");
  audit->require_subcommand(1);
  o.Add(app, "audit-verify", "the same as `audit verify`");
  app.require_subcommand(0, 1);
}

Tools::~Tools() = default;

std::optional<int> Tools::Run() const {
  const Options& o = *options_;
  if (o.root->get_subcommands().empty()) {
    return std::nullopt;
  }
  // What tools make is the relay's alone.
  umask(077);
  if (o.backup_command->parsed()) {
    return Backup(o.data, o.to, {!o.without_keys, o.since});
  }
  if (o.restore_command->parsed()) {
    return Restore(o.from, o.data, o.replace);
  }
  if (o.verify_command->parsed()) {
    if (o.data.empty() == o.backup.empty()) {
      std::fprintf(stderr, "renkei-relay: verify needs either --data or --backup\n");
      return 2;
    }
    return o.backup.empty() ? Verify(path(o.data) / kStoreFolder / kDatabaseFile)
                            : VerifyBackup(o.backup);
  }
  if (o.health_command->parsed()) {
    return Health(o.data, o.at);
  }
  if (o.usage_command->parsed()) {
    return o.recount ? Recount(o.data) : Usage(o.data);
  }
  if (o.retention_command->parsed()) {
    return Retention(o.data, o.certificates);
  }
  if (o.migrate_command->parsed()) {
    return Migrate(o.data);
  }
  return VerifyAuditOf(o.data);
}

}  // namespace renkei::server
