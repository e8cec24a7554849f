#include "tests/soak/door.h"

namespace renkei::soak {

void Door::Open(Life life) {
  const std::lock_guard lock(mutex_);
  life.number = life_.number + 1;
  life_ = life;
  is_open_ = true;
  changed_.notify_all();
}

void Door::Close() {
  const std::lock_guard lock(mutex_);
  is_open_ = false;
}

Life Door::Wait() const {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return is_open_; });
  return life_;
}

Life Door::Look() const {
  const std::lock_guard lock(mutex_);
  return is_open_ ? life_ : Life{};
}

bool Door::IsStill(int number) const {
  const std::lock_guard lock(mutex_);
  return is_open_ && life_.number == number;
}

}  // namespace renkei::soak
