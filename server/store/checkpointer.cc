#include "server/store/checkpointer.h"

#include <algorithm>

namespace renkei::server {
namespace {

constexpr int kEnough = 1024;  // pages worth a checkpoint of their own
constexpr int kFew = 256;      // pages that the writer may copy without being missed
// From here on the log begins anew; to here it grows where the disk is slower than the writer.
constexpr int kLongLog = 4096;
constexpr int kLongestLog = 16384;

}  // namespace

Checkpointer::Checkpointer(std::unique_ptr<Database> database)
    : database_(std::move(database)), finish_at_(kLongLog), thread_([this] { Run(); }) {}

Checkpointer::~Checkpointer() {
  {
    const std::lock_guard lock(mutex_);
    is_stopped_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

Result<std::unique_ptr<Checkpointer>> Checkpointer::Start(const std::string& path) {
  RENKEI_ASSIGN(auto database, Database::Open(path, Database::Mode::kReadWrite));
  RENKEI_TRY(database->Execute("PRAGMA synchronous = FULL"));
  return std::unique_ptr<Checkpointer>(new Checkpointer(std::move(database)));
}

bool Checkpointer::Look(int pages) {
  {
    const std::lock_guard lock(mutex_);
    if (is_wanted_) {
      return false;
    }
    if (pages < std::max(copied_, tried_)) {  // it began anew
      copied_ = 0;
      tried_ = 0;
      kept_back_ = false;
      finish_at_ = kLongLog;
    }
    const int left = pages - copied_;
    if ((pages >= kLongestLog && !kept_back_) || (pages >= finish_at_ && left <= kFew)) {
      return true;
    }
    if (pages - std::max(copied_, tried_) < kEnough) {
      return false;
    }
    tried_ = pages;
    is_wanted_ = true;
  }
  changed_.notify_all();
  return false;
}

void Checkpointer::Finished(const LogCopy& copy) {
  const std::lock_guard lock(mutex_);
  copied_ = copy.copied;
  kept_back_ = copy.copied < copy.in_log;
  // Where a reader kept it from beginning anew, not with each commit again.
  finish_at_ = copy.in_log + kFew;
}

bool Checkpointer::sync_failed() const {
  const std::lock_guard lock(mutex_);
  return sync_failed_;
}

int Checkpointer::last_failure() const {
  const std::lock_guard lock(mutex_);
  return last_failure_;
}

void Checkpointer::Run() {
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return is_wanted_ || is_stopped_; });
      if (is_stopped_) {
        return;
      }
    }
    // What fails here stays in the log, and is tried again; the writer meets the same disk.
    const auto copy = database_->Checkpoint();
    const std::lock_guard lock(mutex_);
    if (copy.ok()) {
      copied_ = copy->copied;
      // A short read that was just going on keeps a few pages back, and is over by the next commit.
      kept_back_ = copy->in_log - copy->copied > kFew;
    }
    sync_failed_ = sync_failed_ || database_->sync_failed();
    last_failure_ = database_->last_failure();
    is_wanted_ = false;
  }
}

}  // namespace renkei::server
