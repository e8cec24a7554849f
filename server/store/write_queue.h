// What waits to be written, and whose turn it is to write: one at a time, all in the order in which
// it came. The store's thread takes what waits together; a caller who is alone may write its own
// piece (lone_writes.h).
#ifndef RENKEI_SERVER_STORE_WRITE_QUEUE_H_
#define RENKEI_SERVER_STORE_WRITE_QUEUE_H_

#include <cstddef>
#include <mutex>
#include <vector>

#include "server/store/lone_writes.h"
#include "server/store/work_queue.h"

namespace renkei::server {

// Guarded. What is put waits as in every queue; taking it is a turn.
template <typename Job>
class WriteQueue : private WorkQueue<Job> {
  using Queue = WorkQueue<Job>;

 public:
  // limit: of pieces that wait; quick: lone_writes.h.
  WriteQueue(std::size_t limit, Nanos quick) : Queue(limit), lone_(quick) {}

  using Queue::Close;
  using Queue::Put;
  using Queue::size;

  // Waits for at least one and for its turn, which EndTurn ends; at most `most`. Empty, and no
  // turn: closed and drained.
  std::vector<Job> Take(std::size_t most) {
    std::unique_lock lock(this->mutex_);
    this->changed_.wait(lock, [this] { return !is_taken_ && this->has_next(); });
    std::vector<Job> out = this->TakeNext(most);
    is_taken_ = !out.empty();
    return out;
  }
  // A turn for a caller's own piece, at once, if nothing waits and it may write itself. Never from
  // within a turn.
  bool TryTurn() {
    const std::lock_guard lock(this->mutex_);
    if (is_taken_ || this->has_next() || !lone_.MayWriteItself()) {
      return false;
    }
    is_taken_ = true;
    return true;
  }
  // Of the turn, as in WriteTurn.
  void EndTurn(const WriteTurn& turn) {
    bool is_waited_for = false;
    {
      const std::lock_guard lock(this->mutex_);
      is_taken_ = false;
      lone_.Ended(turn);
      is_waited_for = this->has_next();
    }
    // Not for nothing: it would run before the answer that the caller has just given is sent.
    if (is_waited_for) {
      this->changed_.notify_one();
    }
  }

 private:
  LoneWrites lone_;
  bool is_taken_ = false;  // the turn
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_STORE_WRITE_QUEUE_H_
