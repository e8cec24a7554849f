// Whether the relay can be reached, and where: closed before the operator stops or kills it, open
// again when the next one listens. So a call that fails tells whether the relay broke a promise.
#ifndef RENKEI_TESTS_SOAK_DOOR_H_
#define RENKEI_TESTS_SOAK_DOOR_H_

#include <sys/types.h>

#include <condition_variable>
#include <mutex>

namespace renkei::soak {

// One life of the process.
struct Life {
  int number = 0;  // 1..
  pid_t pid = 0;
  int port = 0;
  int metrics_port = 0;
};

// Any thread.
class Door {
 public:
  // The next life begins; its number is set here.
  void Open(Life life);
  void Close();
  // Until it is open.
  Life Wait() const;
  // Open, or of number 0.
  Life Look() const;
  // It is open and was all the time since this life began.
  bool IsStill(int number) const;

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  Life life_;
  bool is_open_ = false;
};

}  // namespace renkei::soak

#endif  // RENKEI_TESTS_SOAK_DOOR_H_
