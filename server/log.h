// The relay's log on stderr: text or JSON lines (log.format), what comes again and again left out
// (log_repeats.h), gRPC's own lines among it. Nothing that is logged names a patient, a person or a
// case.
#ifndef RENKEI_SERVER_LOG_H_
#define RENKEI_SERVER_LOG_H_

#include <chrono>
#include <string>
#include <string_view>

#include "server/config.h"

namespace renkei::server {

// For the whole process, as long as it lives: spdlog's default logger, and gRPC's log function,
// which its threads must not call any more when spdlog is taken down. One at a time, made and
// destroyed by the main thread.
class Log {
 public:
  explicit Log(const Settings& settings);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;
};

// What has to be said whatever the level: where the relay listens, why it does not. On stderr;
// plain text as it is, JSON as a line of the log.
void SayAlways(const Settings& settings, std::string_view level, const std::string& sentence);

// {"time":"2024-05-01T12:34:56.789Z","level":"info","message":"..."}: one line without its end.
// What is not UTF-8 in the message is replaced.
std::string JsonLine(std::chrono::system_clock::time_point time, std::string_view level,
                     std::string_view message);

// gRPC names the other end of a connection now and then: "ipv4:192.0.2.1:4711" becomes "ipv4:-".
std::string WithoutAddresses(std::string_view message);

}  // namespace renkei::server

#endif  // RENKEI_SERVER_LOG_H_
