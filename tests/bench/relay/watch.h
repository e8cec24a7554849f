// Devices that watch: each a stream over a connection of its own.
#ifndef RENKEI_TESTS_BENCH_RELAY_WATCH_H_
#define RENKEI_TESTS_BENCH_RELAY_WATCH_H_

#include <grpcpp/generic/generic_stub.h>

#include <condition_variable>
#include <map>

#include "tests/bench/relay/load.h"

namespace renkei::bench {

// One Threads.Watch stream. It counts what comes and checks that each thread's entries come once
// and in order, but decodes nothing more: what a device does with them costs the device.
class Watcher {
 public:
  // Streams from behind these heads on. Times of delivery (since a record was made) go to `times`.
  Watcher(std::shared_ptr<grpc::Channel> channel, const std::vector<Case>& from, Times* times);
  // Ends the stream.
  ~Watcher();
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

  void WaitUntilCaughtUp();
  // Until `entries` have come; false after a minute.
  bool WaitForEntries(std::size_t entries);
  std::size_t entries() const { return entries_.load(); }
  std::size_t messages() const { return messages_.load(); }
  std::size_t bytes() const { return bytes_.load(); }

 private:
  class Stream;

  void Take(ByteView event);
  void TakeBatch(ByteView batch);

  std::shared_ptr<grpc::Channel> channel_;
  Times* const times_;
  std::map<CaseId, std::uint64_t> reached_;  // the stream's callbacks only
  std::atomic<std::size_t> entries_ = 0;
  std::atomic<std::size_t> messages_ = 0;
  std::atomic<std::size_t> bytes_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_caught_up_ = false;
  bool is_over_ = false;
  std::size_t wanted_ = 0;
  std::unique_ptr<Stream> stream_;
};

// A stream on which nothing comes, to the service that does nothing.
class SilentStream {
 public:
  explicit SilentStream(std::shared_ptr<grpc::Channel> channel);
  ~SilentStream();
  SilentStream(const SilentStream&) = delete;
  SilentStream& operator=(const SilentStream&) = delete;

  void WaitUntilOpen();

 private:
  class Stream;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<Stream> stream_;
};

}  // namespace renkei::bench

#endif  // RENKEI_TESTS_BENCH_RELAY_WATCH_H_
