// The embedded store: one SQLite database in WAL mode with synchronous=FULL. One thread writes: it
// takes what waits, runs it in one transaction, commits with one fsync, and goes on with what has
// come in the meantime, while another thread tells the callers of the last one (group commit).
// Readers have connections of their own and never wait for the writer.
#ifndef RENKEI_SERVER_STORE_SQLITE_STORE_H_
#define RENKEI_SERVER_STORE_SQLITE_STORE_H_

#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <thread>

#include "server/core/meter.h"
#include "server/core/store.h"
#include "server/store/work_queue.h"
#include "server/store/write_queue.h"

namespace renkei::server {

class Checkpointer;
class Database;
class MarkFile;
class Scrubber;
class SqliteTransaction;

struct SqliteOptions {
  std::size_t max_waiting = 8192;  // pieces of work; more are told kThrottled
  std::size_t max_batch = 256;     // in one transaction
  std::size_t readers = 4;         // connections
  // A caller waits for the disk itself (WriteHereIfAlone) where a transaction takes no longer.
  std::chrono::nanoseconds quick = std::chrono::milliseconds(2);
  Meter* meter = nullptr;  // outlives the store; null: nobody counts
  // From one scrub to the next (scrubber.h); 0: none. Then a start checks everything, however long
  // that takes.
  std::chrono::seconds scrub_every{0};
  bool log_room = false;  // takes room for the log at once (log_room.h)
  bool lies = false;      // gives out, and adds to, what does not continue its chain: tests only
};

// Any thread.
class SqliteStore final : public Store {
 public:
  struct Opened {
    std::unique_ptr<SqliteStore> store;
    std::string problem;  // one sentence for the operator when there is no store
  };

  // Opens or makes `folder`/relay.db, takes the folder's lock, and checks it: the write-ahead log
  // (log_check.h), its pages and heads (PrepareDatabase), and that all is there that was
  // acknowledged (store_mark.h). A damaged one is refused.
  static Opened Open(const std::filesystem::path& folder, const SqliteOptions& options);
  // Finishes what waits, tells everybody, closes.
  ~SqliteStore() override;

  void Write(Work work, Done done) override;
  void WriteHereIfAlone(Work work, const Meanwhile& meanwhile, Done done) override;
  void AfterDones(std::function<void()> hook) override;
  Status Read(const View& view) override;

  // The last write succeeded, as far as the store's own part went (what its caller refused says
  // nothing of the store), and nothing damaged was ever met.
  bool healthy() const { return healthy_.load() && !damaged_.load(); }
  // Something of it did not read, or not as it was written.
  bool damaged() const { return damaged_.load(); }
  // How long ago a scrub ended that found everything as it was stored; nothing: none yet.
  std::optional<Nanos> scrubbed() const;
  // Pieces of work that wait for the disk.
  std::size_t waiting() const { return waiting_.size(); }
  // SQLite's code of the last failure; 0: none yet.
  int last_failure() const { return last_failure_.load(); }

 private:
  struct Job {
    Work work;
    Meanwhile meanwhile;
    Done done;
    Status status;
  };
  struct Reader;
  class ReaderLease;
  struct Lock;

  explicit SqliteStore(const SqliteOptions& options);
  // A sentence, or nothing.
  std::string OpenFiles(const std::filesystem::path& folder);
  std::string OpenDatabase(const std::filesystem::path& folder, const std::string& path);
  Status OpenReaders(const std::string& path);
  Status StartScrubber(const std::string& path);

  void Put(Job job);
  void RunWriter();
  void RunCompletion();
  // One run of Done calls, and what is called after it.
  void Answer(std::vector<Job>& jobs);
  // Undone: a job refused after it had written. Undone and failed have changed nothing.
  enum class Outcome { kCommitted, kUndone, kStoreFailed };

  // Leaves each job's status set.
  void CommitBatch(std::vector<Job>& jobs);
  // One transaction for all of `jobs`, whose statuses are set as far as it came.
  Outcome TryTogether(std::span<Job> jobs);
  // Why it ended before the last one; nothing: all ran.
  std::optional<Outcome> RunJobs(std::span<Job> jobs);
  void LookAfterLog();
  bool SyncFailed() const;
  // Of the writing connection, or of the one that copies the log, if that is why nothing is
  // written.
  int WriteFailure() const;
  // sqlite_code: of the connection, 0: not SQLite's.
  void Observe(const Status& status, int sqlite_code);

  const SqliteOptions options_;
  Meter no_meter_;
  Meter& meter_;
  std::unique_ptr<Lock> lock_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<SqliteTransaction> transaction_;
  std::unique_ptr<MarkFile> mark_;
  std::unique_ptr<Checkpointer> checkpointer_;

  std::mutex readers_mutex_;
  std::condition_variable reader_free_;
  std::vector<std::unique_ptr<Reader>> readers_;  // those nobody uses now

  std::mutex after_dones_mutex_;
  std::function<void()> after_dones_;

  WriteQueue<Job> waiting_;  // who has its turn has the connection, and answers
  WorkQueue<std::vector<Job>> finished_;
  std::atomic<std::size_t> answering_ = 0;  // runs of jobs that the completion thread has or gets
  std::atomic<bool> healthy_ = true;
  std::atomic<bool> damaged_ = false;
  std::atomic<int> last_failure_ = 0;
  std::thread writer_;
  std::thread completion_;
  std::unique_ptr<Scrubber> scrubber_;  // last: it tells the others what it finds
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_STORE_SQLITE_STORE_H_
