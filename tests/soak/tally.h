// What came of the day's calls.
#ifndef RENKEI_TESTS_SOAK_TALLY_H_
#define RENKEI_TESTS_SOAK_TALLY_H_

#include <atomic>
#include <cstdint>
#include <mutex>
#include <utility>
#include <vector>

namespace renkei::soak {

// How long acknowledgements took since this was asked last. Any thread.
class Latencies {
 public:
  void Add(double milliseconds) {
    const std::lock_guard lock(mutex_);
    values_.push_back(static_cast<float>(milliseconds));
  }
  std::vector<float> Take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(values_, {});
  }

 private:
  std::mutex mutex_;
  std::vector<float> values_;
};

struct Tally {
  std::atomic<std::uint64_t> begun = 0;     // records that visits began with
  std::atomic<std::uint64_t> left_out = 0;  // for which the machine was too slow
  std::atomic<std::uint64_t> records = 0;   // acknowledged, urgent ones and acknowledgements too
  std::atomic<std::uint64_t> commits = 0;
  std::atomic<std::uint64_t> packs = 0;
  std::atomic<std::uint64_t> alerts = 0;
  std::atomic<std::uint64_t> duplicates = 0;           // sent again on purpose, told as such
  std::atomic<std::uint64_t> unanswered = 0;           // the relay was stopped or killed meanwhile
  std::atomic<std::uint64_t> mistakes = 0;             // refused, and told so
  std::atomic<std::uint64_t> mistakes_sent_again = 0;  // their first answer was lost
  std::atomic<std::uint64_t> visits = 0;
  std::atomic<std::uint64_t> delivered = 0;  // entries, over streams
  std::atomic<std::uint64_t> rings = 0;      // of alerts, over streams
  std::atomic<std::uint64_t> streams = 0;    // opened
  std::atomic<std::uint64_t> bytes = 0;      // of what was acknowledged and is kept
  Latencies latencies;
};

}  // namespace renkei::soak

#endif  // RENKEI_TESTS_SOAK_TALLY_H_
