// A value that is looked up only when somebody asks for the metrics.
#ifndef RENKEI_SERVER_METRICS_READING_H_
#define RENKEI_SERVER_METRICS_READING_H_

#include <functional>
#include <string>
#include <vector>

namespace renkei::server {

// Name, help and label are literals of ours, never anything of a request.
struct Reading {
  enum class Kind { kGauge, kCounter };

  std::string name;  // as Prometheus wants it: unit at the end, "_total" for a counter
  std::string help;
  Kind kind = Kind::kGauge;
  double value = 0;
  std::string label;        // empty: none
  std::string label_value;  // readings of one name stand beside each other in the list
};

// Any thread, several at once.
using Look = std::function<std::vector<Reading>()>;

}  // namespace renkei::server

#endif  // RENKEI_SERVER_METRICS_READING_H_
