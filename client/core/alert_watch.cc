#include "client/core/alert_watch.h"

#include <algorithm>

namespace renkei::client {

void AlertWatch::Follow(const std::vector<OpenAlert>& open, Millis wall, Millis elapsed) {
  std::map<AlertPlace, Followed> now;
  for (const OpenAlert& alert : open) {
    const AlertProgress& progress = alert.progress;
    const auto before = followed_.find(alert.place);
    if (before != followed_.end() && before->second.step == progress.step &&
        before->second.begun == progress.begun) {
      now.insert(*before);
      continue;
    }
    const Millis gone = std::clamp(wall - progress.last_at, Millis{0}, progress.wait);
    now[alert.place] = {progress.step, progress.begun,
                        elapsed + (progress.wait - gone) + kAlertGrace, false};
  }
  followed_ = std::move(now);
}

std::optional<Millis> AlertWatch::UntilNext(Millis elapsed) const {
  std::optional<Millis> out;
  for (const auto& [place, alert] : followed_) {
    if (!alert.told) {
      const Millis left = std::max(alert.deadline - elapsed, Millis{0});
      out = out.has_value() ? std::min(*out, left) : left;
    }
  }
  return out;
}

std::vector<AlertPlace> AlertWatch::TakeLate(Millis elapsed) {
  std::vector<AlertPlace> out;
  for (auto& [place, alert] : followed_) {
    if (!alert.told && alert.deadline <= elapsed) {
      alert.told = true;
      out.push_back(place);
    }
  }
  return out;
}

}  // namespace renkei::client
