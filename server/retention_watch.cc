#include "server/retention_watch.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>

namespace renkei::server {

struct RetentionWatch::State {
  std::mutex mutex;
  bool is_busy = false;
  std::optional<Moment> counted;  // by the last answer
  bool has_more = false;
};

RetentionWatch::RetentionWatch(Retention& retention, const RetentionRules& rules, Moment start)
    : retention_(retention),
      rules_(rules),
      counted_(start),
      next_(start),
      state_(std::make_shared<State>()) {}

void RetentionWatch::Look(Moment now) {
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->is_busy) {
      return;
    }
    if (state_->counted) {
      counted_ = *state_->counted;
      state_->counted.reset();
    }
    if (std::exchange(state_->has_more, false)) {
      next_ = std::min(next_, now);
    }
    if (now < next_) {
      return;
    }
    state_->is_busy = true;
  }
  next_ = now + kEvery;
  const auto ran = std::chrono::duration_cast<std::chrono::milliseconds>(now - counted_);
  retention_.Look(rules_, {ran.count()}, [state = state_, now](Result<RetentionLook> look) {
    const std::lock_guard lock(state->mutex);
    state->is_busy = false;
    if (!look.ok()) {
      return;
    }
    state->counted = now;
    state->has_more = look->has_more;
    if (look->announced + look->deleted > 0) {
      spdlog::info("retention: {} cases announced, {} deleted", look->announced, look->deleted);
    }
  });
}

}  // namespace renkei::server
