#include "server/metrics/metrics_server.h"

#include <prometheus/collectable.h>
#include <prometheus/exposer.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <exception>
#include <utility>

namespace renkei::server {
namespace {

// Asks `look` anew each time.
class LookCollectable final : public prometheus::Collectable {
 public:
  explicit LookCollectable(Look look) : look_(std::move(look)) {}

  std::vector<prometheus::MetricFamily> Collect() const override {
    std::vector<prometheus::MetricFamily> out;
    for (const Reading& reading : look_()) {
      const bool is_counter = reading.kind == Reading::Kind::kCounter;
      if (out.empty() || out.back().name != reading.name) {
        out.push_back({reading.name,
                       reading.help,
                       is_counter ? prometheus::MetricType::Counter : prometheus::MetricType::Gauge,
                       {}});
      }
      prometheus::ClientMetric metric;
      if (!reading.label.empty()) {
        metric.label.push_back({reading.label, reading.label_value});
      }
      (is_counter ? metric.counter.value : metric.gauge.value) = reading.value;
      out.back().metric.push_back(std::move(metric));
    }
    return out;
  }

 private:
  const Look look_;
};

}  // namespace

std::string MetricsText(const PrometheusMeter& meter, const Look& look) {
  std::vector<prometheus::MetricFamily> all = meter.collectable()->Collect();
  for (prometheus::MetricFamily& family : LookCollectable(look).Collect()) {
    all.push_back(std::move(family));
  }
  return prometheus::TextSerializer().Serialize(all);
}

struct MetricsServer::Parts {
  std::shared_ptr<prometheus::Collectable> counted;
  std::shared_ptr<prometheus::Collectable> looked;
  std::unique_ptr<prometheus::Exposer> exposer;
};

MetricsServer::MetricsServer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

MetricsServer::~MetricsServer() {
  parts_->exposer.reset();
}

Result<std::unique_ptr<MetricsServer>> MetricsServer::Start(const PrometheusMeter& meter, Look look,
                                                            const std::string& address) {
  auto parts = std::make_unique<Parts>();
  parts->counted = meter.collectable();
  parts->looked = std::make_shared<LookCollectable>(std::move(look));
  // civetweb throws; nothing of ours does.
  try {
    parts->exposer = std::make_unique<prometheus::Exposer>(
        std::vector<std::string>{"listening_ports", address, "num_threads", "2",
                                 "request_timeout_ms", "5000", "enable_keep_alive", "no"});
  } catch (const std::exception&) {
    return Error(Code::kUnavailable, "metrics: cannot listen");
  }
  parts->exposer->RegisterCollectable(parts->counted);
  parts->exposer->RegisterCollectable(parts->looked);
  return std::unique_ptr<MetricsServer>(new MetricsServer(std::move(parts)));
}

int MetricsServer::port() const {
  const std::vector<int> ports = parts_->exposer->GetListeningPorts();
  return ports.empty() ? 0 : ports.front();
}

}  // namespace renkei::server
