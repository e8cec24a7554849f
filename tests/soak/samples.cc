#include "tests/soak/samples.h"

#include <algorithm>
#include <cmath>

#include "crypto/base/result.h"
#include "tests/soak/scrape.h"

namespace renkei::soak {
namespace {

constexpr int kEachHour = 6;
constexpr double kMib = 1024 * 1024;

double At(std::vector<float>& values, double share) {
  if (values.empty()) {
    return 0;
  }
  const auto at = static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + at, values.end());
  return values[static_cast<std::size_t>(at)];
}

double Mib(std::uint64_t bytes) {
  return static_cast<double>(bytes) / kMib;
}

void SayHour(const Sample& sample) {
  if (!sample.use) {
    std::printf("%02.0f:00  %8llu records; the relay does not run\n", sample.hour,
                static_cast<unsigned long long>(sample.all));
  } else {
    std::printf(
        "%02.0f:00  %8llu records  memory %5.0f MiB  descriptors %4llu  streams %3.0f  store %6.1f"
        " MiB  log %5.1f MiB  p50 %5.1f ms  p99 %6.1f ms\n",
        sample.hour, static_cast<unsigned long long>(sample.all), sample.use->resident_mib,
        static_cast<unsigned long long>(sample.use->descriptors), sample.streams.value_or(0),
        Mib(sample.store.database_bytes), Mib(sample.store.log_bytes), sample.p50_ms,
        sample.p99_ms);
  }
  std::fflush(stdout);
}

}  // namespace

Sample LookAt(const Door& door, const std::filesystem::path& data, double hour) {
  Sample out;
  out.hour = hour;
  out.store = SizeOfStore(data);
  const Life life = door.Look();
  out.use = life.number != 0 ? UseOf(life.pid) : std::nullopt;
  if (out.use) {
    out.life = life.number;
    out.streams = ValueIn(Scrape(life.metrics_port), "renkei_streams_open");
  }
  return out;
}

Sampler::Sampler(const Day& day, const Door& door, Tally& tally, std::filesystem::path data,
                 const std::filesystem::path& file)
    : day_(day),
      door_(door),
      tally_(tally),
      data_(std::move(data)),
      file_(std::fopen(file.c_str(), "we")) {
  RENKEI_CHECK(file_ != nullptr);
  thread_ = std::thread([this] { Run(); });
}

Sampler::~Sampler() {
  if (thread_.joinable()) {
    thread_.join();
  }
  std::fclose(file_);
}

void Sampler::BeginBackup() {
  is_backup_ = true;
  had_backup_ = true;
}

std::vector<Sample> Sampler::Finish() {
  thread_.join();
  return std::move(samples_);
}

void Sampler::Run() {
  for (int i = 0; i <= static_cast<int>(kMidnight) * kEachHour; ++i) {
    const double hour = static_cast<double>(i) / kEachHour;
    day_.WaitUntil(hour);
    samples_.push_back(Look(hour));
    Write(samples_.back());
    if (i % kEachHour == 0) {
      SayHour(samples_.back());
    }
  }
}

Sample Sampler::Look(double hour) {
  Sample out = LookAt(door_, data_, hour);
  std::vector<float> times = tally_.latencies.Take();
  out.p50_ms = At(times, 0.5);
  out.p99_ms = At(times, 0.99);
  out.all = tally_.records;
  out.acknowledged = out.all - before_;
  out.backup = had_backup_.exchange(false) || is_backup_;
  before_ = out.all;
  return out;
}

void Sampler::Write(const Sample& sample) {
  std::fprintf(file_, "{\"hour\":%.3f,\"life\":%d", sample.hour, sample.life);
  if (sample.use) {
    std::fprintf(file_,
                 ",\"resident_mib\":%.1f,\"anonymous_mib\":%.1f,\"descriptors\":%llu,"
                 "\"threads\":%llu,\"streams\":%.0f",
                 sample.use->resident_mib, sample.use->anonymous_mib,
                 static_cast<unsigned long long>(sample.use->descriptors),
                 static_cast<unsigned long long>(sample.use->threads), sample.streams.value_or(-1));
  }
  std::fprintf(file_,
               ",\"database_bytes\":%llu,\"log_bytes\":%llu,\"records\":%llu,\"acknowledged\":%llu,"
               "\"p50_ms\":%.2f,\"p99_ms\":%.2f,\"backup\":%s}\n",
               static_cast<unsigned long long>(sample.store.database_bytes),
               static_cast<unsigned long long>(sample.store.log_bytes),
               static_cast<unsigned long long>(sample.all),
               static_cast<unsigned long long>(sample.acknowledged), sample.p50_ms, sample.p99_ms,
               sample.backup ? "true" : "false");
  std::fflush(file_);
}

}  // namespace renkei::soak
