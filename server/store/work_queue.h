// A queue between threads: many put, one takes everything that waits. Guarded.
#ifndef RENKEI_SERVER_STORE_WORK_QUEUE_H_
#define RENKEI_SERVER_STORE_WORK_QUEUE_H_

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <utility>
#include <vector>

namespace renkei::server {

template <typename T>
class WorkQueue {
 public:
  explicit WorkQueue(std::size_t limit) : limit_(limit) {}

  // False, and `item` is untouched: full or closed.
  bool Put(T&& item) {
    {
      const std::lock_guard lock(mutex_);
      if (closed_ || items_.size() >= limit_) {
        return false;
      }
      items_.push_back(std::move(item));
    }
    changed_.notify_one();
    return true;
  }

  // Waits for at least one; at most `most`. Empty only when closed and drained.
  std::vector<T> Take(std::size_t most) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return has_next(); });
    return TakeNext(most);
  }

  std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return items_.size();
  }

  // What waits can still be taken; nothing more comes in.
  void Close() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    changed_.notify_all();
  }

 protected:
  // For who decides more than that before it takes (write_queue.h), these with the lock held.
  bool has_next() const { return closed_ || !items_.empty(); }
  std::size_t count() const { return items_.size(); }
  std::vector<T> TakeNext(std::size_t most) {
    std::vector<T> out;
    while (!items_.empty() && out.size() < most) {
      out.push_back(std::move(items_.front()));
      items_.pop_front();
    }
    return out;
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;

 private:
  const std::size_t limit_;
  std::deque<T> items_;
  bool closed_ = false;
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_STORE_WORK_QUEUE_H_
