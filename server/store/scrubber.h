// Scrubs the store while it serves (scrub.h), again and again, on a thread and a connection of its
// own, slowly: of each second it works a twentieth.
#ifndef RENKEI_SERVER_STORE_SCRUBBER_H_
#define RENKEI_SERVER_STORE_SCRUBBER_H_

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "server/store/sqlite_db.h"

namespace renkei::server {

class Scrubber {
 public:
  // Told once, on its thread, what was found; it looks at nothing more then. sqlite_code: SQLite's
  // of that failure, 0: none.
  using Found = std::function<void(const Status& status, int sqlite_code)>;

  // `path`: a relay's store that is open in this process. `every`: from the end of a pass to the
  // beginning of the next; the first begins at once. kUnavailable: it cannot be opened.
  static Result<std::unique_ptr<Scrubber>> Start(const std::string& path,
                                                 std::chrono::seconds every, Found found);
  // Breaks off what it reads.
  ~Scrubber();
  Scrubber(const Scrubber&) = delete;
  Scrubber& operator=(const Scrubber&) = delete;

  // When the last whole pass ended and had found nothing; nothing: none yet. Any thread.
  std::optional<std::chrono::steady_clock::time_point> finished() const;

 private:
  Scrubber(std::unique_ptr<Database> database, std::chrono::seconds every, Found found);
  void Run();
  void PassAgainAndAgain();
  // False: it is over, because something was found or it is to stop.
  bool Pass();
  // False: it is to stop.
  bool Rest(std::chrono::nanoseconds time);

  const std::unique_ptr<Database> database_;  // the thread's
  const std::chrono::seconds every_;
  const Found found_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool is_stopped_ = false;
  bool has_ended_ = false;
  std::optional<std::chrono::steady_clock::time_point> finished_;
  std::thread thread_;
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_STORE_SCRUBBER_H_
