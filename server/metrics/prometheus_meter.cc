#include "server/metrics/prometheus_meter.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <array>
#include <atomic>
#include <unordered_map>

namespace renkei::server {
namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;

// Around the budgets (0.5 ms, 20 ms, 50 ms), up to what a client waits for.
Histogram::BucketBoundaries SecondsBuckets() {
  return {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
          0.05,   0.1,     0.25,   0.5,   1,      2.5,   5,    10};
}
Histogram::BucketBoundaries SizeBuckets() {
  return {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 10000};
}

constexpr std::string_view kOther = "other";
// One for each Code, one for those that ended well, one for a Code that came later.
constexpr std::size_t kOutcomes = 16;

std::size_t OutcomeIndex(std::optional<Code> error) {
  const std::size_t index = error ? static_cast<std::size_t>(*error) + 1 : 0;
  return index < kOutcomes ? index : kOutcomes - 1;
}

// "ok", "auth_failed".
std::string OutcomeName(std::optional<Code> error) {
  if (!error) {
    return "ok";
  }
  std::string out;
  for (const char* at = CodeName(*error) + 1; *at != '\0'; ++at) {  // after the "k"
    const bool is_upper = *at >= 'A' && *at <= 'Z';
    if (is_upper && !out.empty()) {
      out += '_';
    }
    out += is_upper ? static_cast<char>(*at - 'A' + 'a') : *at;
  }
  return out;
}

double SecondsOf(Nanos time) {
  return std::chrono::duration<double>(time).count();
}

template <typename Metric, typename Builder>
Family<Metric>& Make(Builder builder, prometheus::Registry& registry, const char* name,
                     const char* help) {
  return builder.Name(name).Help(help).Register(registry);
}

}  // namespace

struct PrometheusMeter::Series {
  // Histograms of one method; made when the outcome is first seen.
  using ByOutcome = std::array<std::atomic<Histogram*>, kOutcomes>;

  explicit Series(const std::vector<std::string>& methods) {
    for (const std::string& method : methods) {
      methods_by_name.try_emplace(method);
    }
    methods_by_name.try_emplace(std::string(kOther));
    for (std::size_t i = 0; i < limits.size(); ++i) {
      limits[i] = &limit_family.Add({{"limit", std::string(LimitName(static_cast<Limit>(i)))}});
    }
  }

  Histogram& CallHistogram(std::string_view method, std::optional<Code> error) {
    auto it = methods_by_name.find(std::string(method));
    if (it == methods_by_name.end()) {
      it = methods_by_name.find(std::string(kOther));
    }
    std::atomic<Histogram*>& slot = it->second[OutcomeIndex(error)];
    Histogram* there = slot.load();
    if (there == nullptr) {
      // Whoever comes at the same time gets the same one.
      there = &call_family.Add({{"method", it->first}, {"outcome", OutcomeName(error)}},
                               SecondsBuckets());
      slot.store(there);
    }
    return *there;
  }

  std::shared_ptr<prometheus::Registry> registry = std::make_shared<prometheus::Registry>();
  Family<Histogram>& call_family =
      Make<Histogram>(prometheus::BuildHistogram(), *registry, "renkei_call_seconds",
                      "Calls that ended: how long each took until its answer was given to gRPC.");
  Family<Counter>& limit_family = Make<Counter>(
      prometheus::BuildCounter(), *registry, "renkei_limits_hit_total",
      "Calls and writes that were told to come again, by the limit that they were over.");
  Gauge& calls_in_flight = Make<Gauge>(prometheus::BuildGauge(), *registry,
                                       "renkei_calls_in_flight", "Calls that have no answer yet.")
                               .Add({});
  Gauge& streams =
      Make<Gauge>(prometheus::BuildGauge(), *registry, "renkei_streams_open",
                  "Watch and append streams that gRPC holds, also those that are on their way out.")
          .Add({});
  Histogram& commit_seconds =
      Make<Histogram>(prometheus::BuildHistogram(), *registry, "renkei_store_commit_seconds",
                      "Making a transaction durable: the write and its fsync.")
          .Add({}, SecondsBuckets());
  Histogram& work_seconds =
      Make<Histogram>(prometheus::BuildHistogram(), *registry, "renkei_store_work_seconds",
                      "Running the writes of a transaction, before it is made durable.")
          .Add({}, SecondsBuckets());
  Histogram& batch_writes =
      Make<Histogram>(prometheus::BuildHistogram(), *registry, "renkei_store_batch_writes",
                      "Writes that shared one transaction.")
          .Add({}, SizeBuckets());
  Counter& entries = Make<Counter>(prometheus::BuildCounter(), *registry, "renkei_entries_total",
                                   "Entries appended to threads, durable.")
                         .Add({});
  Counter& failed_commits =
      Make<Counter>(prometheus::BuildCounter(), *registry, "renkei_store_failed_commits_total",
                    "Transactions that could not be made durable.")
          .Add({});

  std::unordered_map<std::string, ByOutcome> methods_by_name;  // immutable but for the slots
  std::array<Counter*, static_cast<std::size_t>(Limit::kCount)> limits{};
};

PrometheusMeter::PrometheusMeter(const std::vector<std::string>& methods,
                                 const std::string& version)
    : series_(std::make_unique<Series>(methods)) {
  Make<Gauge>(prometheus::BuildGauge(), *series_->registry, "renkei_build_info",
              "1; which relay this is.")
      .Add({{"version", version}})
      .Set(1);
}

PrometheusMeter::~PrometheusMeter() = default;

void PrometheusMeter::CallStarted() {
  series_->calls_in_flight.Increment();
}

void PrometheusMeter::CallEnded(std::string_view method, std::optional<Code> error, Nanos took) {
  series_->calls_in_flight.Decrement();
  series_->CallHistogram(method, error).Observe(SecondsOf(took));
}

void PrometheusMeter::StreamOpened() {
  series_->streams.Increment();
}

void PrometheusMeter::StreamClosed() {
  series_->streams.Decrement();
}

void PrometheusMeter::LimitHit(Limit limit) {
  series_->limits.at(static_cast<std::size_t>(limit))->Increment();
}

void PrometheusMeter::Committed(const CommitStats& stats) {
  series_->commit_seconds.Observe(SecondsOf(stats.commit));
  series_->work_seconds.Observe(SecondsOf(stats.work));
  series_->batch_writes.Observe(static_cast<double>(stats.writes));
  series_->entries.Increment(static_cast<double>(stats.entries));
}

void PrometheusMeter::CommitFailed() {
  series_->failed_commits.Increment();
}

std::shared_ptr<prometheus::Collectable> PrometheusMeter::collectable() const {
  return series_->registry;
}

}  // namespace renkei::server
