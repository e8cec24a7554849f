// A device's open stream: what comes must continue each of its cases without a gap, once.
#ifndef RENKEI_TESTS_SOAK_WATCHER_H_
#define RENKEI_TESTS_SOAK_WATCHER_H_

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>

#include "tests/soak/line.h"

namespace renkei::relay::v1 {
class WatchEvent;
}

namespace renkei::soak {

// Any thread.
class Watcher {
 public:
  // From behind `from` on, over the line's connection. An entry that does not continue its chain
  // ends this program.
  Watcher(const Scene& scene, Line& line, Positions from);
  // Ends the stream.
  ~Watcher();
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

  // False: the stream ended before.
  bool WaitUntilCaughtUp();
  // Until each case came this far. False: the stream ended, or a minute is over.
  bool WaitFor(const Positions& wanted);
  // The stream ended, and nobody here ended it.
  bool IsOver() const;
  // How it ended.
  std::string end() const;
  Positions reached() const;

 private:
  class Stream;

  void Take(const relay::v1::WatchEvent& event);

  const Scene scene_;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  Positions reached_;
  bool is_caught_up_ = false;
  bool is_over_ = false;
  std::string end_;
  std::unique_ptr<Stream> stream_;
};

}  // namespace renkei::soak

#endif  // RENKEI_TESTS_SOAK_WATCHER_H_
