#include "tests/soak/operator.h"

#include <signal.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "tests/soak/scrape.h"

namespace renkei::soak {
namespace {

constexpr const char* kTaken = "renkei_certificate_reloads_total{result=\"taken\"}";
constexpr int kMostLooks = 600;  // of 50 ms, for a new certificate to be in use
constexpr auto kLook = std::chrono::milliseconds(50);

int MetricsPortIn(const std::string& said) {
  constexpr std::string_view kBefore = "metrics on 127.0.0.1:";
  const std::size_t at = said.find(kBefore);
  return at == std::string::npos ? 0 : std::atoi(said.c_str() + at + kBefore.size());
}

void SayEvent(const Event& event, std::chrono::duration<double> took) {
  std::printf("%05.2f  %s, %.2f s\n", event.hour, event.name.c_str(), took.count());
  std::fflush(stdout);
}

}  // namespace

Operator::Operator(const std::string& program, const std::filesystem::path& data,
                   const std::filesystem::path& work, CareRegion& region, Door& door)
    : data_(data),
      work_(work),
      restored_(work / "restored"),
      region_(region),
      door_(door),
      relay_(program, "", data, work / "relay") {}

void Operator::Start() {
  if (!relay_.Start()) {
    crash::Fail("the relay does not start: " + relay_.said());
  }
  const auto use = UseOf(relay_.pid());
  const int metrics_port = MetricsPortIn(relay_.said());
  if (!use || metrics_port == 0) {
    crash::Fail("the relay does not say where its metrics are: " + relay_.said());
  }
  descriptors_at_start_ = use->descriptors;
  door_.Open({0, relay_.pid(), relay_.port(), metrics_port});
}

void Operator::Work(const Day& day, Sampler& sampler) {
  struct Planned {
    double hour;
    const char* name;
    void (Operator::*run)();
  };
  const Planned plan[] = {{1, "whole backup", &Operator::BackUp},
                          {3, "restart", &Operator::Restart},
                          {5, "SIGHUP", &Operator::LookForCertificate},
                          {6.5, "backup", &Operator::BackUp},
                          {kKillAt, "kill -9", &Operator::KillAndStart},
                          {11, "backup", &Operator::BackUp},
                          {14.5, "new certificate", &Operator::RenewCertificate},
                          {16, "backup", &Operator::BackUp},
                          {19.5, "SIGHUP", &Operator::LookForCertificate},
                          {21, "backup", &Operator::BackUp}};
  for (const Planned& planned : plan) {
    day.WaitUntil(planned.hour);
    if (relay_.HasDied()) {
      crash::Fail("the relay ended by itself with " + std::to_string(relay_.exit_code()) + ": " +
                  relay_.said());
    }
    events_.push_back({day.Now(), planned.name});
    if (planned.run == &Operator::BackUp) {
      sampler.BeginBackup();
    }
    const auto begin = std::chrono::steady_clock::now();
    (this->*planned.run)();
    sampler.EndBackup();
    SayEvent(events_.back(), std::chrono::steady_clock::now() - begin);
  }
  day.WaitUntil(kMidnight);
}

void Operator::Restart() {
  door_.Close();
  relay_.Stop();
  Start();
}

void Operator::KillAndStart() {
  door_.Close();
  relay_.Kill();
  Start();
}

void Operator::Run(const char* what, const std::vector<std::string>& arguments) {
  const crash::RelayProcess::Ended ended = relay_.RunTool(arguments);
  if (ended.exit_code != 0) {
    crash::Fail(std::string(what) + " ended with " + std::to_string(ended.exit_code) + ": " +
                ended.said);
  }
}

void Operator::BackUp() {
  const std::filesystem::path to = work_ / ("backup-" + std::to_string(backups_.size()));
  std::vector<std::string> arguments = {"backup", "--data", data_, "--to", to};
  if (!backups_.empty()) {
    arguments.insert(arguments.end(), {"--since", backups_.back()});
  }
  Run("a backup", arguments);
  backups_.push_back(to);
}

void Operator::LookForCertificate() {
  relay_.Signal(SIGHUP);
}

void Operator::RenewCertificate() {
  region_.RenewCertificate();
  relay_.Signal(SIGHUP);
  const int port = door_.Look().metrics_port;
  for (int looks = 0; ValueIn(Scrape(port), kTaken).value_or(0) < 1; ++looks) {
    if (looks == kMostLooks) {
      crash::Fail("SIGHUP did not make the relay take its new certificate: " + relay_.said());
    }
    std::this_thread::sleep_for(kLook);
  }
}

void Operator::Close() {
  door_.Close();
  relay_.Stop();
  Run("verify", {"verify", "--data", data_});
  Run("the audit log's verify", {"audit", "verify", "--data", data_});
  Run("verify of the last backup", {"verify", "--backup", backups_.back()});
  Run("restore", {"restore", "--from", backups_.back(), "--data", restored_});
  Run("verify of what was restored", {"verify", "--data", restored_});
}

}  // namespace renkei::soak
