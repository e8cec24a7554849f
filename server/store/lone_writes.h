// Whether a caller may write its piece itself instead of waking the store's thread. Alone, the way
// there and back takes longer than the transaction; but a thread that writes answers nothing else
// meanwhile, and hides those who wait behind it, who could have been written together.
#ifndef RENKEI_SERVER_STORE_LONE_WRITES_H_
#define RENKEI_SERVER_STORE_LONE_WRITES_H_

#include <algorithm>
#include <cstddef>

#include "server/core/meter.h"

namespace renkei::server {

enum class WrittenBy { kStore, kCaller };

// How a turn ended.
struct WriteTurn {
  std::size_t written = 0;  // pieces
  // When it was committed: who was answered may be back before its end, and was not beside it.
  std::size_t waiting = 0;
  Nanos took{};
  WrittenBy by = WrittenBy::kStore;
};

// One thread.
class LoneWrites {
 public:
  // As many turns of the store's thread, each of one piece with nobody behind it, show that there
  // is one caller at a time. After kBelieved by callers it is looked at anew, for kAgain turns: who
  // is behind a caller on the same thread or stream is not seen while it writes.
  static constexpr std::size_t kShown = 64;
  static constexpr std::size_t kBelieved = 512;
  static constexpr std::size_t kAgain = 16;
  // A turn that takes longer than `quick` was of a disk that the store's thread waits for alone.
  // Every disk has one now and then: it takes back as much as so many quick ones show, of at most
  // kMost.
  static constexpr std::size_t kSlowTakes = 16;
  static constexpr std::size_t kMost = kShown + 3 * kSlowTakes;

  explicit LoneWrites(Nanos quick) : quick_(quick) {}

  bool MayWriteItself() const { return shown_ >= kShown; }
  void Ended(const WriteTurn& turn) {
    believed_ = turn.by == WrittenBy::kCaller ? believed_ + 1 : 0;
    if (turn.written != 1 || turn.waiting != 0) {
      shown_ = 0;
    } else if (believed_ == kBelieved) {
      shown_ = kShown - kAgain;
    } else if (turn.took > quick_) {
      shown_ -= std::min(shown_, kSlowTakes);
    } else {
      shown_ = std::min(shown_ + 1, kMost);
    }
  }

 private:
  const Nanos quick_;
  std::size_t shown_ = 0;
  std::size_t believed_ = 0;
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_STORE_LONE_WRITES_H_
