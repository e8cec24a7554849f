// GET /metrics over plain HTTP, for Prometheus on this machine (server/README.md "Metrics").
#ifndef RENKEI_SERVER_METRICS_METRICS_SERVER_H_
#define RENKEI_SERVER_METRICS_METRICS_SERVER_H_

#include <memory>
#include <string>

#include "server/metrics/prometheus_meter.h"
#include "server/metrics/reading.h"

namespace renkei::server {

// All of it as Prometheus reads it; what the server answers.
std::string MetricsText(const PrometheusMeter& meter, const Look& look);

// Any thread. Two threads of its own answer, so that one slow reader does not hold up the other.
class MetricsServer {
 public:
  // address: IP:PORT, port 0: any free one. kUnavailable: it cannot be listened on.
  // What `look` looks at must outlive the server.
  static Result<std::unique_ptr<MetricsServer>> Start(const PrometheusMeter& meter, Look look,
                                                      const std::string& address);
  ~MetricsServer();
  MetricsServer(const MetricsServer&) = delete;
  MetricsServer& operator=(const MetricsServer&) = delete;

  int port() const;

 private:
  struct Parts;
  explicit MetricsServer(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_METRICS_METRICS_SERVER_H_
