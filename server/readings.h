// What is looked up when somebody asks for the metrics: the store's size, the age of the backup,
// how long the certificates last, the process (server/README.md "Metrics").
#ifndef RENKEI_SERVER_READINGS_H_
#define RENKEI_SERVER_READINGS_H_

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "server/certificate_reload.h"
#include "server/core/meter.h"
#include "server/core/relay.h"
#include "server/metrics/reading.h"
#include "server/rpc/connection_table.h"

namespace renkei::server {

// A certificate of the relay and until when it is valid. name: "issuing", "root", "signing".
struct CertificateEnd {
  std::string name;
  Millis not_after;
};

// What can be seen of a running relay. The functions are called from the thread that asks.
struct Observed {
  Relay& relay;
  std::filesystem::path data_dir;
  std::function<bool()> is_serving;
  std::function<std::size_t()> waiting_writes;
  std::function<std::optional<Nanos>()> scrubbed;  // SqliteStore::scrubbed
  std::vector<CertificateEnd> certificates;        // but for the TLS certificate
  const CertificateReload* reload;                 // which knows about that one
  std::function<ConnectionCounts()> connections;
  std::function<bool()> is_thread_held;  // SparePoller::is_held
};

// Any thread; what is observed must live.
std::vector<Reading> ReadRelay(const Observed& observed);

// Memory, descriptors, the memory limit of the control group. What cannot be read is left out.
// proc, cgroup: "/proc/self", "/sys/fs/cgroup"; tests bring their own.
std::vector<Reading> ReadProcess(const std::filesystem::path& proc,
                                 const std::filesystem::path& cgroup);

}  // namespace renkei::server

#endif  // RENKEI_SERVER_READINGS_H_
