// Copies what is durable in SQLite's write-ahead log into the database, on a thread and a
// connection of its own: a checkpoint that the writer makes holds up every append behind it for as
// long as the disk takes for thousands of pages. The writer only makes the last, short one, after
// which the log begins anew. While a long reader (a backup) keeps the log back it grows, and the
// writer is not asked for what it could not do either.
#ifndef RENKEI_SERVER_STORE_CHECKPOINTER_H_
#define RENKEI_SERVER_STORE_CHECKPOINTER_H_

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "server/store/sqlite_db.h"

namespace renkei::server {

class Checkpointer {
 public:
  // `path`: a relay's store that is open for writing elsewhere in this process. kUnavailable,
  // kCorrupt.
  static Result<std::unique_ptr<Checkpointer>> Start(const std::string& path);
  ~Checkpointer();
  Checkpointer(const Checkpointer&) = delete;
  Checkpointer& operator=(const Checkpointer&) = delete;

  // After each commit; the writer's thread. `pages`: how many the log has now. True: nearly all of
  // it was copied, or the disk is too slow for this thread, so copy the rest with
  // Database::Checkpoint() and say with Finished() what came of it.
  bool Look(int pages);
  void Finished(const LogCopy& copy);
  // An fsync failed here: as Database::sync_failed(). Any thread.
  bool sync_failed() const;
  // SQLite's extended code of the last failure here; 0: none yet. Any thread.
  int last_failure() const;

 private:
  explicit Checkpointer(std::unique_ptr<Database> database);
  void Run();

  const std::unique_ptr<Database> database_;  // the thread's
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool is_wanted_ = false;  // or under way
  bool kept_back_ = false;  // the last copy ended at a reader's mark
  bool is_stopped_ = false;
  bool sync_failed_ = false;
  int last_failure_ = 0;
  int copied_ = 0;  // pages of the log
  int tried_ = 0;   // how many it had when this thread was last asked
  int finish_at_;   // from how many pages on the log is to begin anew
  std::thread thread_;
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_STORE_CHECKPOINTER_H_
