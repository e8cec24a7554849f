#include "server/log_repeats.h"

namespace renkei::server {

bool LogRepeats::Take(std::string_view text, Moment now) {
  auto it = windows_.find(text);
  if (it == windows_.end()) {
    const bool is_full = windows_.size() >= kMaxTexts;
    it = windows_.try_emplace(is_full ? std::string() : std::string(text), Window{now}).first;
  }
  return ++it->second.came <= kSaidInAWindow;
}

std::vector<LogRepeats::LeftOut> LogRepeats::TakeLeftOut(Moment now) {
  std::vector<LeftOut> out;
  std::erase_if(windows_, [&](const auto& item) {
    const Window& window = item.second;
    // A clock that went back ends the window too.
    if (now >= window.began && now - window.began < kRepeatWindow) {
      return false;
    }
    if (window.came > kSaidInAWindow) {
      out.push_back({item.first, window.came - kSaidInAWindow});
    }
    return true;
  });
  return out;
}

}  // namespace renkei::server
