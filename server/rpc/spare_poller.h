// gRPC runs callbacks with two threads at least, which take turns at watching the connections: the
// one that takes a message first wakes the other, to watch in its place. Where there is little to
// do that wake is a good part of an answer's time and finds nothing to watch for (server/README.md
// "One thread is enough"). So one of them is held back here, in a callback that does not return, as
// long as the other is seen to be enough.
#ifndef RENKEI_SERVER_RPC_SPARE_POLLER_H_
#define RENKEI_SERVER_RPC_SPARE_POLLER_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

namespace renkei::server {

// Whether one thread is enough, from how long it took to come to what it was given, again and
// again. One thread.
class OneIsEnough {
 public:
  using Duration = std::chrono::steady_clock::duration;

  struct Limits {
    std::chrono::milliseconds look{50};  // between two
    std::chrono::milliseconds late{10};  // more is late
    std::uint32_t late_looks = 3;        // so many in a row are too many
    // How long it is let alone with the other after one was not enough: twice as long each time, up
    // to the longest, until one was enough for that long.
    std::chrono::milliseconds rest{10'000};
    std::chrono::milliseconds longest_rest{320'000};
  };

  explicit OneIsEnough(const Limits& limits) : limits_(limits), rest_(limits.rest) {}

  // took: nothing if it has not come to it within a look. False: it was late too often, or has not
  // come.
  bool Look(std::optional<Duration> took);
  // Once it is not: how long to wait before the next Look.
  std::chrono::milliseconds Rest();

 private:
  const Limits limits_;
  std::chrono::milliseconds rest_;
  std::uint32_t late_ = 0;   // in a row
  std::uint64_t looks_ = 0;  // since the last rest
};

// One for a process: of its gRPC threads, which all its servers and channels share, one is held.
// Where gRPC has but one, or a second of these holds the other, nothing runs for a look, and it is
// given back. Its own thread asks for it, looks and lets it go. Any thread.
class SparePoller {
 public:
  explicit SparePoller(const OneIsEnough::Limits& limits);
  SparePoller() : SparePoller(OneIsEnough::Limits()) {}
  // Gives it back. Not on a thread of gRPC's.
  ~SparePoller();
  SparePoller(const SparePoller&) = delete;
  SparePoller& operator=(const SparePoller&) = delete;

  // False while the two threads share the work, and until gRPC has given one.
  bool is_held() const;

 private:
  class Holder;
  std::unique_ptr<Holder> holder_;
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_RPC_SPARE_POLLER_H_
