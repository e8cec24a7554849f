// What waits to be written, and whose turn it is to write: one at a time, all in the order in which
// it came. The store's thread takes what waits together; a caller who is alone may write its own
// piece (lone_writes.h).
#ifndef RENKEI_SERVER_STORE_WRITE_QUEUE_H_
#define RENKEI_SERVER_STORE_WRITE_QUEUE_H_

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <utility>
#include <vector>

#include "server/store/lone_writes.h"

namespace renkei::server {

// Guarded.
template <typename Job>
class WriteQueue {
 public:
  // limit: of pieces that wait; quick: lone_writes.h.
  WriteQueue(std::size_t limit, Nanos quick) : limit_(limit), lone_(quick) {}

  // False, and `job` is untouched: full or closed.
  bool Put(Job&& job) {
    {
      const std::lock_guard lock(mutex_);
      if (closed_ || jobs_.size() >= limit_) {
        return false;
      }
      jobs_.push_back(std::move(job));
    }
    changed_.notify_one();
    return true;
  }

  // Waits for at least one and for its turn, which EndTurn ends; at most `most`. Empty, and no
  // turn: closed and drained.
  std::vector<Job> Take(std::size_t most) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !is_taken_ && (closed_ || !jobs_.empty()); });
    std::vector<Job> out;
    while (!jobs_.empty() && out.size() < most) {
      out.push_back(std::move(jobs_.front()));
      jobs_.pop_front();
    }
    is_taken_ = !out.empty();
    return out;
  }
  // A turn for a caller's own piece, at once, if nothing waits and it may write itself. Never from
  // within a turn.
  bool TryTurn() {
    const std::lock_guard lock(mutex_);
    if (is_taken_ || closed_ || !jobs_.empty() || !lone_.MayWriteItself()) {
      return false;
    }
    is_taken_ = true;
    return true;
  }
  // written, took: of the turn.
  void EndTurn(std::size_t written, Nanos took, WrittenBy by) {
    {
      const std::lock_guard lock(mutex_);
      is_taken_ = false;
      lone_.Ended({written, jobs_.size(), took, by});
    }
    changed_.notify_one();
  }

  std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return jobs_.size();
  }

  // What waits can still be taken; nothing more comes in.
  void Close() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    changed_.notify_all();
  }

 private:
  const std::size_t limit_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> jobs_;
  LoneWrites lone_;
  bool is_taken_ = false;  // the turn
  bool closed_ = false;
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_STORE_WRITE_QUEUE_H_
