#include "server/store_probe.h"

#include <mutex>

namespace renkei::server {
namespace {

constexpr const char* kProbe = "probe";  // a meta row

Status WriteAndRead(WriteTransaction& transaction, std::uint8_t mark) {
  RENKEI_TRY(transaction.PutMeta(kProbe, ByteView(&mark, 1)));
  RENKEI_ASSIGN(const std::optional<Bytes> there, transaction.FindMeta(kProbe));
  if (!there || there->size() != 1 || there->front() != mark) {
    return Error(Code::kCorrupt, "store: what was written is not there");
  }
  return Ok();
}

}  // namespace

// Shared with the store's thread. Guarded.
struct StoreProbe::Answers {
  std::mutex mutex;
  bool is_waiting = false;     // for an answer
  bool is_unanswered = false;  // no answer but kThrottled since the last real one
  bool is_good = true;         // the last real one
  std::uint8_t mark = 0;
};

StoreProbe::StoreProbe(Store& store, std::chrono::seconds interval, std::chrono::seconds timeout)
    : store_(store),
      interval_(interval),
      timeout_(timeout),
      answers_(std::make_shared<Answers>()) {}

bool StoreProbe::Look(Moment now) {
  bool is_waiting = false;
  bool is_unanswered = false;
  {
    const std::lock_guard lock(answers_->mutex);
    is_waiting = answers_->is_waiting;
    is_unanswered = answers_->is_unanswered;
  }
  if (!is_waiting && (!was_asked_ || now - asked_ >= interval_)) {
    asked_ = now;
    waiting_since_ = is_unanswered ? waiting_since_ : now;
    was_asked_ = true;
    Ask();
  }
  const std::lock_guard lock(answers_->mutex);
  return answers_->is_good && !(answers_->is_unanswered && now - waiting_since_ > timeout_);
}

void StoreProbe::Ask() {
  std::uint8_t mark = 0;
  {
    const std::lock_guard lock(answers_->mutex);
    answers_->is_waiting = true;
    answers_->is_unanswered = true;
    mark = ++answers_->mark;
  }
  store_.Write([mark](WriteTransaction& transaction) { return WriteAndRead(transaction, mark); },
               [answers = answers_](const Status& status) {
                 const std::lock_guard lock(answers->mutex);
                 answers->is_waiting = false;
                 if (status.ok() || status.error().code() != Code::kThrottled) {
                   answers->is_good = status.ok();
                   answers->is_unanswered = false;
                 }
               });
}

}  // namespace renkei::server
