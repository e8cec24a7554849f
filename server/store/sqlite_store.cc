#include "server/store/sqlite_store.h"

#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <limits>
#include <thread>

#include "server/store/checkpointer.h"
#include "server/store/log_room.h"
#include "server/store/scrubber.h"
#include "server/store/sqlite_transaction.h"
#include "server/store/store_files.h"

namespace renkei::server {

namespace {

// A transaction costs its fsync and the pages that each one writes anew, however little is in it.
// Where the last one served many, those who were answered are about to come again: waiting a moment
// for them saves more time than it takes. One caller alone never waits, nor does a full
// transaction.
constexpr std::size_t kManyTogether = 16;
// As few as this, with nothing behind them, are answered without waking another thread first.
constexpr std::size_t kFewTogether = 4;
constexpr std::chrono::microseconds kGather{400};

// Whether it is the store that did not do it, and not the caller's own refusal.
bool IsStoreFault(const Status& status) {
  return !status.ok() &&
         (status.error().code() == Code::kUnavailable || status.error().code() == Code::kCorrupt);
}

}  // namespace

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
      meter_(options.meter != nullptr ? *options.meter : no_meter_),
      waiting_(options.max_waiting, options.quick),
      finished_(std::numeric_limits<std::size_t>::max()) {}

SqliteStore::~SqliteStore() {
  scrubber_.reset();
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
  out.problem = store->OpenFiles(folder);
  if (!out.problem.empty()) {
    return out;
  }
  store->writer_ = std::thread([self = store.get()] { self->RunWriter(); });
  store->completion_ = std::thread([self = store.get()] { self->RunCompletion(); });
  out.store = std::move(store);
  return out;
}

std::string SqliteStore::OpenFiles(const std::filesystem::path& folder) {
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
  problem = OpenDatabase(folder, path);
  if (!problem.empty()) {
    return problem;
  }
  // The new file's name must be as durable as what will be written into it.
  if (!NoteMade(folder) || !SyncFolder(folder)) {
    return "the folder of the store " + path + " cannot be synced to disk";
  }
  transaction_ = std::make_unique<SqliteTransaction>(*database_, true);
  if (options_.lies) {
    transaction_->ReadAsItIs();
  }
  auto checkpointer = Checkpointer::Start(path);
  if (!checkpointer.ok()) {
    return "the store " + path + " cannot be opened a second time";
  }
  checkpointer_ = std::move(*checkpointer);
  if (!OpenReaders(path).ok() || !StartScrubber(path).ok()) {
    return "the store " + path + " cannot be opened for reading";
  }
  return "";
}

std::string SqliteStore::OpenDatabase(const std::filesystem::path& folder,
                                      const std::string& path) {
  const std::optional<StoreMark> mark = ReadMark(path + kMarkSuffix);
  if (!LogReaches(path + kLogSuffix, mark)) {
    return LacksAcknowledged(path);
  }
  auto database = Database::Open(path, Database::Mode::kServing);
  if (!database.ok()) {
    return "the store " + path + " cannot be opened";
  }
  database_ = std::move(*database);
  database_->LeaveLogAlone();
  database_->KeepLogOnClose(true);  // of one that is refused nothing is changed
  const bool is_scrubbed = options_.scrub_every > std::chrono::seconds(0);
  std::string problem = PrepareDatabase(
      *database_, path, is_scrubbed ? kCheckedPages : std::numeric_limits<std::int64_t>::max());
  if (!problem.empty()) {
    return problem;
  }
  if (mark) {
    const auto holds = HoldsMark(*database_, *mark);
    if (!holds.ok() || !*holds) {
      return holds.ok() ? LacksAcknowledged(path) : Damaged(path);
    }
  }
  const auto now = MarkOf(*database_);
  if (!now.ok()) {
    return Damaged(path);
  }
  database_->KeepLogOnClose(false);
  // The commit gives the log its header. A full disk takes neither, and is no reason to keep from
  // anybody what is there to read.
  if (options_.log_room && NoteVersion(*database_).ok()) {
    (void)MakeLogRoom(path + kLogSuffix);
  }
  mark_ = MarkFile::Open(path, *now);
  return mark_ ? "" : "the folder " + folder.string() + " cannot be written to";
}

Status SqliteStore::OpenReaders(const std::string& path) {
  for (std::size_t i = 0; i < options_.readers; ++i) {
    auto reader = std::make_unique<Reader>();
    RENKEI_ASSIGN(reader->database, Database::Open(path, Database::Mode::kReadOnly));
    reader->transaction = std::make_unique<SqliteTransaction>(*reader->database, false);
    if (options_.lies) {
      reader->transaction->ReadAsItIs();
    }
    readers_.push_back(std::move(reader));
  }
  return Ok();
}

Status SqliteStore::StartScrubber(const std::string& path) {
  if (options_.scrub_every == std::chrono::seconds(0)) {
    return Ok();
  }
  RENKEI_ASSIGN(scrubber_, Scrubber::Start(path, options_.scrub_every,
                                           [this](const Status& found, int sqlite_code) {
                                             Observe(found, sqlite_code);
                                           }));
  return Ok();
}

std::optional<Nanos> SqliteStore::scrubbed() const {
  const auto finished = scrubber_ ? scrubber_->finished() : std::nullopt;
  return finished ? std::optional<Nanos>(std::chrono::steady_clock::now() - *finished)
                  : std::nullopt;
}

void SqliteStore::Write(Work work, Done done) {
  Put({std::move(work), {}, std::move(done), Ok()});
}

void SqliteStore::WriteHereIfAlone(Work work, const Meanwhile& meanwhile, Done done) {
  Job job{std::move(work), meanwhile, std::move(done), Ok()};
  if (!waiting_.TryTurn()) {
    return Put(std::move(job));
  }
  if (answering_.load() != 0) {  // of a turn before, by the completion thread
    waiting_.EndTurn({.by = WrittenBy::kCaller});
    return Put(std::move(job));
  }
  const Stopwatch turn;
  std::vector<Job> jobs;
  jobs.push_back(std::move(job));
  CommitBatch(jobs);
  const std::size_t behind = waiting_.size();
  Answer(jobs);
  waiting_.EndTurn({jobs.size(), behind, turn.Elapsed(), WrittenBy::kCaller});
}

void SqliteStore::Put(Job job) {
  if (!waiting_.Put(std::move(job))) {
    meter_.LimitHit(Limit::kWaitingWrites);
    // NOLINTNEXTLINE(bugprone-use-after-move): refused, it was left as it is
    job.done(Error(Code::kThrottled, "store: too much waits"));
  }
}

void SqliteStore::AfterDones(std::function<void()> hook) {
  const std::lock_guard lock(after_dones_mutex_);
  after_dones_ = std::move(hook);
}

Status SqliteStore::Read(const View& view) {
  const ReaderLease lease(*this);
  Database& database = *(*lease).database;
  Status status = Query(database, "BEGIN").Run();
  if (status.ok()) {
    status = view(*(*lease).transaction);
    const Status end = Query(database, "COMMIT").Run();
    status = status.ok() ? end : status;
  }
  Observe(status, database.last_failure());
  return status;
}

void SqliteStore::Observe(const Status& status, int sqlite_code) {
  if (!IsStoreFault(status)) {
    return;
  }
  if (sqlite_code != 0) {
    last_failure_.store(sqlite_code);
  }
  healthy_.store(false);
  if (status.error().code() == Code::kCorrupt) {
    damaged_.store(true);
  }
}

void SqliteStore::RunWriter() {
  std::size_t last = 0;
  for (;;) {
    if (last >= kManyTogether && waiting_.size() < options_.max_batch) {
      std::this_thread::sleep_for(kGather);
    }
    std::vector<Job> jobs = waiting_.Take(options_.max_batch);
    if (jobs.empty()) {
      return;
    }
    last = jobs.size();
    const Stopwatch turn;
    CommitBatch(jobs);
    const Nanos took = turn.Elapsed();
    const std::size_t behind = waiting_.size();
    // In order: only where the completion thread has answered all before.
    if (last <= kFewTogether && answering_.load() == 0 && behind == 0) {
      Answer(jobs);
    } else {
      ++answering_;
      finished_.Put(std::move(jobs));
    }
    LookAfterLog();
    waiting_.EndTurn({last, behind, took, WrittenBy::kStore});
  }
}

void SqliteStore::RunCompletion() {
  for (;;) {
    std::vector<std::vector<Job>> batches = finished_.Take(16);
    if (batches.empty()) {
      return;
    }
    for (std::vector<Job>& jobs : batches) {
      Answer(jobs);
      --answering_;
    }
  }
}

void SqliteStore::Answer(std::vector<Job>& jobs) {
  for (Job& job : jobs) {
    job.done(job.status);
  }
  const std::lock_guard lock(after_dones_mutex_);
  if (after_dones_) {
    after_dones_();
  }
}

// After the answers are on their way.
void SqliteStore::LookAfterLog() {
  if (SyncFailed() || !checkpointer_->Look(database_->log_pages())) {
    return;
  }
  const auto copy = database_->Checkpoint();
  if (copy.ok()) {
    checkpointer_->Finished(*copy);
  }
}

bool SqliteStore::SyncFailed() const {
  return database_->sync_failed() || checkpointer_->sync_failed();
}

int SqliteStore::WriteFailure() const {
  return checkpointer_->sync_failed() ? checkpointer_->last_failure() : database_->last_failure();
}

void SqliteStore::CommitBatch(std::vector<Job>& jobs) {
  const Outcome together = TryTogether(jobs);
  if (together == Outcome::kCommitted) {
    healthy_.store(true);
    return;
  }
  // Alone each: the one that failed must not take the others with it.
  bool is_healthy = healthy_.load() && together == Outcome::kUndone;
  for (Job& job : jobs) {
    const Outcome alone = jobs.size() == 1 ? together : TryTogether(std::span(&job, 1));
    if (alone == Outcome::kStoreFailed && job.status.ok()) {
      job.status = Error(Code::kUnavailable, "store: could not be written");
    }
    // What was undone says nothing of the disk.
    is_healthy = alone == Outcome::kCommitted || (is_healthy && alone == Outcome::kUndone);
    Observe(job.status, WriteFailure());
  }
  healthy_.store(is_healthy && !SyncFailed());
}

SqliteStore::Outcome SqliteStore::TryTogether(std::span<Job> jobs) {
  for (Job& job : jobs) {
    job.status = Ok();  // what an earlier try said was of what has been undone since
  }
  // After a failed fsync the kernel may have dropped the pages: only a restart reads what is there.
  if (SyncFailed() || !Query(*database_, "BEGIN IMMEDIATE").Run().ok()) {
    meter_.CommitFailed();
    return Outcome::kStoreFailed;
  }
  transaction_->Begin();
  const Stopwatch work;
  const std::optional<Outcome> broken_off = RunJobs(jobs);
  if (!broken_off && transaction_->Flush().ok()) {
    CommitStats stats{jobs.size(), transaction_->TakeEntries(), work.Elapsed(), {}};
    const Stopwatch commit;
    // Of many it would be done by another thread beside the next transaction.
    if (database_->Commit(jobs.size() == 1 ? jobs.front().meanwhile : Meanwhile()).ok()) {
      stats.commit = commit.Elapsed();
      mark_->Committed(transaction_->TakeLastEntry(), transaction_->TakeLastAudit(),
                       database_->log_pages());
      meter_.Committed(stats);
      return Outcome::kCommitted;
    }
  }
  const Outcome outcome = broken_off.value_or(Outcome::kStoreFailed);
  if (outcome == Outcome::kStoreFailed) {
    meter_.CommitFailed();
  }
  // SQLite has rolled back by itself after some failures; then this says so and does no harm.
  (void)database_->Execute("ROLLBACK");
  transaction_->Forget();
  return outcome;
}

std::optional<SqliteStore::Outcome> SqliteStore::RunJobs(std::span<Job> jobs) {
  for (Job& job : jobs) {
    job.status = job.work(*transaction_);
    const bool wrote = transaction_->TakeWrote();
    if (IsStoreFault(job.status)) {
      return Outcome::kStoreFailed;
    }
    if (!job.status.ok() && wrote) {
      return Outcome::kUndone;
    }
  }
  return std::nullopt;
}

}  // namespace renkei::server
