// Follows open alerts beside the relay: when the relay has not said that it did the next step some
// seconds after it was due, somebody must be told, whether it errs, lies, or cannot be reached.
// Pure logic over two clocks; one thread.
#ifndef RENKEI_CLIENT_CORE_ALERT_WATCH_H_
#define RENKEI_CLIENT_CORE_ALERT_WATCH_H_

#include <map>
#include <optional>
#include <vector>

#include "client/core/alert_store.h"
#include "client/core/alert_view.h"

namespace renkei::client {

// For the way from the relay to here, and for clocks that differ.
inline constexpr Millis kAlertGrace = Seconds(10);

class AlertWatch {
 public:
  struct OpenAlert {
    AlertPlace place;
    AlertProgress progress;
  };

  // The alerts that are open now, as the thread says. One that is new here, or has gone a step on,
  // gets its time: the step's wait and kAlertGrace, less what has gone by since the relay's last
  // word (`wall`: this machine's clock against the relay's; at most the wait itself).
  //   elapsed  a clock that never jumps
  void Follow(const std::vector<OpenAlert>& open, Millis wall, Millis elapsed);
  // Until somebody must be told next; none: nothing is open, or told already.
  std::optional<Millis> UntilNext(Millis elapsed) const;
  // Those whose time is over now, each once for each step.
  std::vector<AlertPlace> TakeLate(Millis elapsed);

 private:
  struct Followed {
    std::uint32_t step = 0;
    bool begun = false;
    Millis deadline;
    bool told = false;
  };
  std::map<AlertPlace, Followed> followed_;
};

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_CORE_ALERT_WATCH_H_
