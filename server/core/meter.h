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

// What somebody was refused for, or made to wait for: first each party's measures (admission.h), in
// the order of Party and Measure. A new one: before kCount, and a word in LimitName.
enum class Limit {
  kDeviceCalls,
  kDeviceBytes,
  kDeviceUnderWay,
  kDeviceStreams,
  kDeviceNews,
  kInstitutionCalls,
  kInstitutionBytes,
  kInstitutionUnderWay,
  kInstitutionStreams,
  kInstitutionNews,
  kAddressCalls,
  kAddressBytes,
  kAddressUnderWay,
  kAddressStreams,
  kAddressNews,
  kStrangersCalls,
  kStrangersBytes,
  kStrangersUnderWay,
  kStrangersStreams,
  kStrangersNews,
  kWaitingWrites,  // store.max_waiting
  kDeviceStored,   // bytes in the store (usage.h)
  kInstitutionStored,
  kDeviceUnread,  // bytes of answers that are not taken (rpc/reader_budget.h)
  kInstitutionUnread,
  kAllUnread,
  kConnectionCalls,  // calls that began (rpc/call_gate.h)
  kAllConnectionsCalls,
  kCount
};
// A literal.
constexpr const char* LimitName(Limit limit) {
  constexpr const char* kNames[] = {"device_calls",
                                    "device_bytes",
                                    "device_under_way",
                                    "device_streams",
                                    "device_news",
                                    "institution_calls",
                                    "institution_bytes",
                                    "institution_under_way",
                                    "institution_streams",
                                    "institution_news",
                                    "address_calls",
                                    "address_bytes",
                                    "address_under_way",
                                    "address_streams",
                                    "address_news",
                                    "strangers_calls",
                                    "strangers_bytes",
                                    "strangers_under_way",
                                    "strangers_streams",
                                    "strangers_news",
                                    "waiting_writes",
                                    "device_stored",
                                    "institution_stored",
                                    "device_unread",
                                    "institution_unread",
                                    "all_unread",
                                    "connection_calls",
                                    "all_connections_calls",
                                    "other"};
  static_assert(sizeof(kNames) / sizeof(kNames[0]) == static_cast<std::size_t>(Limit::kCount) + 1);
  return kNames[static_cast<std::size_t>(limit)];
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
