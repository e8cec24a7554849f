// Calls under way, how long they took, and what is sent in them.
#ifndef RENKEI_TESTS_BENCH_RELAY_LOAD_H_
#define RENKEI_TESTS_BENCH_RELAY_LOAD_H_

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "relay/empty.grpc.pb.h"
#include "renkei/relay/v1/threads.grpc.pb.h"
#include "tests/bench/relay/region.h"

namespace renkei::bench {

using SteadyClock = std::chrono::steady_clock;

// Times in milliseconds. Guarded by being filled without a lock: Add from any thread, the rest when
// nobody adds any more.
class Times {
 public:
  explicit Times(std::size_t capacity) : values_(capacity) {}

  void Add(double milliseconds) {
    const std::size_t at = count_.fetch_add(1, std::memory_order_relaxed);
    if (at < values_.size()) {
      values_[at] = static_cast<float>(milliseconds);
    }
  }
  void AddSince(SteadyClock::time_point begin) {
    Add(std::chrono::duration<double, std::milli>(SteadyClock::now() - begin).count());
  }
  std::size_t count() const { return count_.load(); }
  // The value that this share of them does not exceed; 0 if there is none.
  double At(double share);

 private:
  std::vector<float> values_;
  std::atomic<std::size_t> count_ = 0;
  bool sorted_ = false;
};

// Records of one device for one case, each new; safe for any thread.
class RecordSource {
 public:
  RecordSource(const Case& at, const test::Handset& sender);

  // Bytes of a SealedRecord of the smallest size; it carries the moment at which it was made.
  std::string Next();
  // The chain as far as an acknowledgement told it: what is sealed next names that position.
  void Saw(const relay::v1::AppendResponse::Done& done);

 private:
  std::mutex mutex_;
  thread::SealedRecord record_;
  std::uint64_t count_ = 0;
};

// When the record in this payload was made.
SteadyClock::time_point MadeAt(ByteView payload);

// Starts one call and calls done(ok) once, from any thread.
using Issue = std::function<void(std::function<void(bool)>)>;

// Appends to the sources in turn, over this stub; every acknowledgement must be "accepted".
Issue AppendCalls(relay::v1::Threads::Stub& stub, std::vector<std::unique_ptr<RecordSource>>& to);
// The call that does nothing, with the same bytes.
Issue EmptyCalls(Empty::Stub& stub, std::vector<std::unique_ptr<RecordSource>>& to);

struct LoadResult {
  double seconds = 0;  // until the last call was answered
  double cpu = 0;      // seconds used meanwhile by this process and the server
  std::size_t calls = 0;
};

// Keeps `in_flight` calls under way for `seconds`, dealt out to the issues for good: each is
// somebody who calls again when they are answered. Aborts when one fails.
LoadResult RunClosed(std::span<const Issue> issues, int in_flight, double seconds,
                     const Process& server, Times& times);
// Starts `per_second` calls, evenly, whatever is under way. Each one's time counts from when it
// should have started.
LoadResult RunOpen(const Issue& issue, double per_second, double seconds, const Process& server,
                   Times& times);

}  // namespace renkei::bench

#endif  // RENKEI_TESTS_BENCH_RELAY_LOAD_H_
