// The relay's metrics, as Prometheus would read them.
#ifndef RENKEI_TESTS_SOAK_SCRAPE_H_
#define RENKEI_TESTS_SOAK_SCRAPE_H_

#include <optional>
#include <string>

namespace renkei::soak {

// GET /metrics from this machine. Empty: nobody answers. Any thread.
std::string Scrape(int port);
// The value of one series, its labels included as they stand there. Nothing: there is none.
std::optional<double> ValueIn(const std::string& metrics, const std::string& series);

}  // namespace renkei::soak

#endif  // RENKEI_TESTS_SOAK_SCRAPE_H_
