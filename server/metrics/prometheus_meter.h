// The Meter that keeps counts and histograms in prometheus-cpp.
#ifndef RENKEI_SERVER_METRICS_PROMETHEUS_METER_H_
#define RENKEI_SERVER_METRICS_PROMETHEUS_METER_H_

#include <memory>
#include <string>
#include <vector>

#include "server/core/meter.h"

namespace prometheus {
class Collectable;
}  // namespace prometheus

namespace renkei::server {

// Any thread. How many series there are is bounded by `methods`, Code and Limit, whoever calls.
class PrometheusMeter final : public Meter {
 public:
  // methods: those that have series of their own ("Threads.Append"); all others are "other".
  // version: of the relay, for the build's own metric.
  PrometheusMeter(const std::vector<std::string>& methods, const std::string& version);
  ~PrometheusMeter() override;

  void CallStarted() override;
  void CallEnded(std::string_view method, std::optional<Code> error, Nanos took) override;
  void StreamOpened() override;
  void StreamClosed() override;
  void LimitHit(Limit limit) override;
  void Committed(const CommitStats& stats) override;
  void CommitFailed() override;

  std::shared_ptr<prometheus::Collectable> collectable() const;

 private:
  struct Series;

  std::unique_ptr<Series> series_;
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_METRICS_PROMETHEUS_METER_H_
