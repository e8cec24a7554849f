#include "server/store/sqlite_store.h"

#include <sys/stat.h>
#include <unistd.h>

#include <limits>

#include "server/store/sqlite_transaction.h"
#include "server/store/store_files.h"
#include "server/store/usage_count.h"

namespace renkei::server {

struct SqliteStore::Reader {
  std::unique_ptr<Database> database;
  std::unique_ptr<SqliteTransaction> transaction;
};

struct SqliteStore::Lock {
  FolderLock folder;
};

// Borrows a reader for as long as it lives.
class SqliteStore::ReaderLease {
 public:
  explicit ReaderLease(SqliteStore& store) : store_(store) {
    std::unique_lock lock(store_.readers_mutex_);
    store_.reader_free_.wait(lock, [this] { return !store_.readers_.empty(); });
    reader_ = std::move(store_.readers_.back());
    store_.readers_.pop_back();
  }
  ~ReaderLease() {
    {
      const std::lock_guard lock(store_.readers_mutex_);
      store_.readers_.push_back(std::move(reader_));
    }
    store_.reader_free_.notify_one();
  }
  ReaderLease(const ReaderLease&) = delete;
  ReaderLease& operator=(const ReaderLease&) = delete;

  Reader& operator*() const { return *reader_; }

 private:
  SqliteStore& store_;
  std::unique_ptr<Reader> reader_;
};

SqliteStore::SqliteStore(const SqliteOptions& options)
    : options_(options),
      waiting_(options.max_waiting),
      finished_(std::numeric_limits<std::size_t>::max()) {}

SqliteStore::~SqliteStore() {
  waiting_.Close();
  if (writer_.joinable()) {
    writer_.join();
  }
  finished_.Close();
  if (completion_.joinable()) {
    completion_.join();
  }
}

SqliteStore::Opened SqliteStore::Open(const std::filesystem::path& folder,
                                      const SqliteOptions& options) {
  Opened out;
  std::unique_ptr<SqliteStore> store(new SqliteStore(options));
  out.problem = store->OpenFiles(folder, out.is_damaged);
  if (!out.problem.empty()) {
    return out;
  }
  store->writer_ = std::thread([self = store.get()] { self->RunWriter(); });
  store->completion_ = std::thread([self = store.get()] { self->RunCompletion(); });
  out.store = std::move(store);
  return out;
}

std::string SqliteStore::OpenFiles(const std::filesystem::path& folder, bool& is_damaged) {
  auto locked = LockFolder(folder);
  if (!locked.lock) {
    return locked.problem;
  }
  lock_ = std::make_unique<Lock>(Lock{std::move(*locked.lock)});
  std::string problem = CheckFolder(folder);
  if (!problem.empty()) {
    return problem;
  }
  const std::string path = folder / kDatabaseFile;
  auto database = Database::Open(path, Database::Mode::kReadWrite);
  if (!database.ok()) {
    is_damaged = database.error().code() == Code::kCorrupt;
    return "the store " + path + " cannot be opened";
  }
  database_ = std::move(*database);
  problem = PrepareDatabase(*database_, path, is_damaged);
  if (!problem.empty()) {
    return problem;
  }
  // The new file's name must be as durable as what will be written into it.
  if (!NoteMade(folder) || !SyncFolder(folder)) {
    return "the folder of the store " + path + " cannot be synced to disk";
  }
  if (!CountUsageIfNew(*database_).ok()) {
    return "the store " + path + " cannot be counted: look at it with `renkei-relay verify`";
  }
  transaction_ = std::make_unique<SqliteTransaction>(*database_, true);
  return OpenReaders(path).ok() ? "" : "the store " + path + " cannot be opened for reading";
}

Status SqliteStore::OpenReaders(const std::string& path) {
  for (std::size_t i = 0; i < options_.readers; ++i) {
    auto reader = std::make_unique<Reader>();
    RENKEI_ASSIGN(reader->database, Database::Open(path, Database::Mode::kReadOnly));
    reader->transaction = std::make_unique<SqliteTransaction>(*reader->database, false);
    readers_.push_back(std::move(reader));
  }
  return Ok();
}

void SqliteStore::Write(Work work, Done done) {
  Job job{std::move(work), std::move(done), Ok()};
  if (!waiting_.Put(std::move(job))) {
    job.done(Error(Code::kThrottled, "store: too much waits"));
  }
}

Status SqliteStore::Read(const View& view) {
  const ReaderLease lease(*this);
  Database& database = *(*lease).database;
  Status status = database.Execute("BEGIN");
  if (status.ok()) {
    status = view(*(*lease).transaction);
    const Status end = database.Execute("COMMIT");
    status = status.ok() ? end : status;
  }
  Observe(status, database);
  return status;
}

void SqliteStore::Observe(const Status& status, const Database& database) {
  if (status.ok()) {
    return;
  }
  const Code code = status.error().code();
  if (code == Code::kUnavailable || code == Code::kCorrupt) {
    last_failure_.store(database.last_failure());
    healthy_.store(false);
  }
  if (code == Code::kCorrupt) {
    damaged_.store(true);
  }
}

void SqliteStore::RunWriter() {
  for (;;) {
    std::vector<Job> jobs = waiting_.Take(options_.max_batch);
    if (jobs.empty()) {
      return;
    }
    CommitBatch(jobs);
    finished_.Put(std::move(jobs));
  }
}

void SqliteStore::RunCompletion() {
  for (;;) {
    std::vector<std::vector<Job>> batches = finished_.Take(16);
    if (batches.empty()) {
      return;
    }
    for (std::vector<Job>& jobs : batches) {
      for (Job& job : jobs) {
        job.done(job.status);
      }
    }
  }
}

void SqliteStore::CommitBatch(std::vector<Job>& jobs) {
  if (TryTogether(jobs)) {
    healthy_.store(true);
    return;
  }
  // Alone each: the one that failed must not take the others with it.
  bool is_healthy = false;
  for (Job& job : jobs) {
    if (jobs.size() > 1 && TryTogether(std::span(&job, 1))) {
      is_healthy = true;
    } else if (job.status.ok()) {
      job.status = Error(Code::kUnavailable, "store: could not be written");
    }
    Observe(job.status, *database_);
  }
  healthy_.store(is_healthy && !database_->sync_failed());
}

bool SqliteStore::TryTogether(std::span<Job> jobs) {
  // After a failed fsync the kernel may have dropped the pages: only a restart reads what is there.
  if (database_->sync_failed() || !database_->Execute("BEGIN IMMEDIATE").ok()) {
    return false;
  }
  (void)transaction_->TakeWrote();
  bool is_good = true;
  for (Job& job : jobs) {
    job.status = job.work(*transaction_);
    const bool wrote = transaction_->TakeWrote();
    const bool store_failed =
        !job.status.ok() && (job.status.error().code() == Code::kUnavailable ||
                             job.status.error().code() == Code::kCorrupt);
    if (!job.status.ok() && (wrote || store_failed)) {
      is_good = false;
      break;
    }
  }
  if (is_good && transaction_->Flush().ok() && database_->Execute("COMMIT").ok()) {
    return true;
  }
  // SQLite has rolled back by itself after some failures; then this says so and does no harm.
  (void)database_->Execute("ROLLBACK");
  transaction_->Forget();
  return false;
}

}  // namespace renkei::server
