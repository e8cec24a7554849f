// What the relay says of its own work, so that an operator sees how it is (server/README.md
// "Metrics"). Counts and times only: nothing here takes an id, a name or a byte of a request, so
// that none can get into a metric.
#ifndef RENKEI_SERVER_CORE_METER_H_
#define RENKEI_SERVER_CORE_METER_H_

#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>

#include "crypto/base/result.h"

namespace renkei::server {

using Nanos = std::chrono::nanoseconds;

// How long something took, by a clock that does not jump. Never decides anything.
class Stopwatch {
 public:
  Nanos Elapsed() const { return std::chrono::steady_clock::now() - start_; }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

// What somebody was refused for, or made to wait for. A new one: before kCount, and a word in
// LimitName.
enum class Limit {
  kDeviceCalls,    // limits.calls_per_second, calls_burst
  kStrangerCalls,  // fixed, for an address without a certificate (rpc/guard.h)
  kWaitingWrites,  // store.max_waiting
  kCount
};
constexpr std::string_view LimitName(Limit limit) {
  switch (limit) {
    case Limit::kDeviceCalls:
      return "device_calls";
    case Limit::kStrangerCalls:
      return "stranger_calls";
    case Limit::kWaitingWrites:
      return "waiting_writes";
    case Limit::kCount:
      break;
  }
  return "other";
}

// One transaction of the store.
struct CommitStats {
  std::size_t writes = 0;   // pieces of work in it
  std::size_t entries = 0;  // entries of threads that it added
  Nanos work{};             // running the pieces
  Nanos commit{};           // writing and fsync; the log is copied elsewhere
};

// This one counts nothing: for whoever does not want to know. Any thread; nothing here waits long.
class Meter {
 public:
  Meter() = default;
  virtual ~Meter() = default;
  Meter(const Meter&) = delete;
  Meter& operator=(const Meter&) = delete;

  // A call came in; it ended after `took`, well or with `error`. method: a literal
  // "Threads.Append". A Watch ends, in this sense, when its stream is open.
  virtual void CallStarted() {}
  virtual void CallEnded(std::string_view /*method*/, std::optional<Code> /*error*/,
                         Nanos /*took*/) {}
  // A Watch stream that was let in, until it is gone.
  virtual void StreamOpened() {}
  virtual void StreamClosed() {}
  virtual void LimitHit(Limit /*limit*/) {}
  virtual void Committed(const CommitStats& /*stats*/) {}
  // A transaction that could not be made durable; its pieces are tried again, alone.
  virtual void CommitFailed() {}
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_CORE_METER_H_
