// Lines that come again and again, a thousand a second when somebody wants it so: the first few are
// said, the rest counted.
#ifndef RENKEI_SERVER_LOG_REPEATS_H_
#define RENKEI_SERVER_LOG_REPEATS_H_

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace renkei::server {

inline constexpr std::uint64_t kSaidInAWindow = 5;  // of one text
inline constexpr std::chrono::seconds kRepeatWindow{60};
inline constexpr std::size_t kMaxTexts = 256;  // that are told apart; all others count as one

// One thread.
class LogRepeats {
 public:
  using Moment = std::chrono::system_clock::time_point;

  // Whether to say this one now.
  bool Take(std::string_view text, Moment now);

  struct LeftOut {
    std::string text;  // empty: of texts that were not told apart
    std::uint64_t times = 0;
  };
  // What was left out in windows that are over; each is told once.
  std::vector<LeftOut> TakeLeftOut(Moment now);

 private:
  struct Window {
    Moment began;
    std::uint64_t came = 0;
  };

  std::map<std::string, Window, std::less<>> windows_;
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_LOG_REPEATS_H_
