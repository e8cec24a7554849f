#include "server/rpc/append_reactor.h"

#include <chrono>
#include <utility>

#include "server/core/answer_run.h"
#include "server/rpc/status_map.h"
#include "server/rpc/unary.h"

namespace renkei::server {
namespace {

constexpr Method kMessage = {"rpc Threads.AppendStream", Access::kPublished};

}  // namespace

struct AppendReactor::Slot {
  relay::v1::AppendRequest request;
  std::size_t bytes = 0;
  std::optional<CallWatch> watch;
  std::optional<Result<relay::v1::AppendResponse>> outcome;
};

void AppendReactor::Start(Admitted admitted) {
  {
    const std::lock_guard lock(mutex_);
    admitted_.emplace(std::move(admitted));
    peer_ = PeerOf(context_.peer());
    guard_.meter().StreamOpened();
  }
  LookLater();
  GoOn();
}

void AppendReactor::LookLater() {
  const std::lock_guard lock(mutex_);
  if (is_finished_) {
    return;
  }
  const auto when =
      std::chrono::system_clock::now() + std::chrono::milliseconds(streams_.idle().value);
  look_ = std::make_unique<grpc::Alarm>();
  // Weak: the alarm keeps what it calls.
  look_->Set(when, [weak = weak_from_this()](bool is_time) {
    if (const auto self = is_time ? weak.lock() : nullptr) {
      self->Look();
    }
  });
}

void AppendReactor::Look() {
  {
    // Held, so that OnDone, after which the server may go, waits for us.
    const std::lock_guard lock(mutex_);
    if (is_finished_) {
      return;
    }
    if (!guard_.StillValid(*admitted_)) {
      EndWith({grpc::StatusCode::UNAUTHENTICATED, "caller: expired or revoked"});
    } else if (!std::exchange(has_read_, false) && unanswered_.empty()) {
      EndWith({grpc::StatusCode::UNAVAILABLE, "append: nothing came for a while"});
    }
  }
  LookLater();
  GoOn();
}

void AppendReactor::Stop(const grpc::Status& status) {
  {
    const std::lock_guard lock(mutex_);
    EndWith(status);
  }
  GoOn();
}

void AppendReactor::OnReadDone(bool ok) {
  std::shared_ptr<Slot> slot;
  {
    const std::lock_guard lock(mutex_);
    has_all_ = has_all_ || !ok;
    if (ok && !end_) {
      slot = reading_;
      has_read_ = true;
      slot->bytes = slot->request.ByteSizeLong();
      unanswered_bytes_ += slot->bytes;
      unanswered_.push_back(slot);
      ++in_core_;
    }
  }
  if (slot) {
    Take(slot);
  }
  {
    // Only now may the next be read: it must not come to core before this one.
    const std::lock_guard lock(mutex_);
    reading_.reset();
  }
  GoOn();
}

void AppendReactor::Take(const std::shared_ptr<Slot>& slot) {
  slot->watch.emplace(guard_.meter(), kMessage.name);
  if (const auto turned_away = guard_.AdmitMessage(*admitted_, kMessage, peer_, slot->bytes)) {
    slot->watch->Ended(turned_away->code);
    const std::lock_guard lock(mutex_);
    --in_core_;
    return EndWith(turned_away->status);
  }
  handler_.Append(admitted_->caller, slot->request,
                  [self = shared_from_this(), slot](Result<relay::v1::AppendResponse> result) {
                    self->Answer(*slot, std::move(result));
                  });
}

void AppendReactor::Answer(Slot& slot, Result<relay::v1::AppendResponse> result) {
  if (result.ok()) {
    guard_.Spend(*admitted_, result->ByteSizeLong());
    slot.watch->Ended(std::nullopt);
  } else {
    slot.watch->Ended(result.error().code());
    guard_.NoteRefusal(admitted_->caller, kMessage.name, result.error());
  }
  {
    const std::lock_guard lock(mutex_);
    --in_core_;
    slot.outcome.emplace(std::move(result));
    if (is_put_off_) {
      return;
    }
    // Outcomes of one run go out in one message.
    is_put_off_ = AnswerRun::PutOff([self = shared_from_this()] {
      {
        const std::lock_guard behind(self->mutex_);
        self->is_put_off_ = false;
      }
      self->GoOn();
    });
    if (is_put_off_) {
      return;
    }
  }
  GoOn();
}

void AppendReactor::OnWriteDone(bool ok) {
  std::uint64_t held = 0;
  {
    const std::lock_guard lock(mutex_);
    held = std::exchange(held_, 0);
    is_writing_ = false;
    writing_.clear_outcomes();
    if (!ok) {
      EndWith({grpc::StatusCode::UNAVAILABLE, "append: the stream broke"});
      unanswered_.clear();
      gathered_.clear_outcomes();
    }
  }
  guard_.unread().Release(held);
  GoOn();
}

void AppendReactor::OnCancel() {
  Stop(grpc::Status::CANCELLED);
}

// The lock is held while cancelling, so that the context cannot go in between; it may come back to
// us through OnCancel on this thread.
void AppendReactor::BreakOff() {
  const std::lock_guard lock(mutex_);
  if (is_writing_) {
    context_.TryCancel();
  }
}

void AppendReactor::OnDone() {
  if (admitted_) {
    guard_.meter().StreamClosed();
  }
  {
    const std::lock_guard lock(mutex_);
    look_.reset();
  }
  streams_.Remove(this);  // this may be gone now
}

void AppendReactor::EndWith(const grpc::Status& status) {
  if (!end_) {
    end_ = status;
  }
}

void AppendReactor::GatherOutcomes() {
  while (!unanswered_.empty() && unanswered_.front()->outcome) {
    Slot& slot = *unanswered_.front();
    if (!slot.outcome->ok()) {
      // Of what came behind it nothing is told, whatever becomes of it.
      EndWith(StatusOf(slot.outcome->error()));
      unanswered_.clear();
      return;
    }
    *gathered_.add_outcomes() = std::move(**slot.outcome);
    unanswered_bytes_ -= slot.bytes;
    unanswered_.pop_front();
  }
}

AppendReactor::Next AppendReactor::Decide() {
  GatherOutcomes();
  Next next;
  if (!is_writing_ && gathered_.outcomes_size() > 0) {
    writing_.Swap(&gathered_);
    is_writing_ = true;
    next.is_write = true;
    held_ = guard_.unread().NewId();
  }
  const auto unsent =
      static_cast<std::size_t>(gathered_.outcomes_size() + writing_.outcomes_size());
  if (admitted_ && !reading_ && !has_all_ && !end_ &&
      unanswered_.size() + unsent < kMaxUnansweredAppends &&
      unanswered_bytes_ < kMaxUnansweredBytes) {
    reading_ = std::make_shared<Slot>();
    next.read = &reading_->request;
  }
  // Not while core has any of it: that holds our limits, and once gRPC is told the server may go.
  const bool is_over = in_core_ == 0 && !is_writing_ && (end_ || (has_all_ && unanswered_.empty()));
  if (is_over && !is_finished_) {
    is_finished_ = true;
    next.finish = end_.value_or(grpc::Status::OK);
  }
  return next;
}

void AppendReactor::GoOn() {
  Next next;
  std::uint64_t held = 0;
  std::size_t bytes = 0;
  {
    const std::lock_guard lock(mutex_);
    next = Decide();
    held = held_;
    bytes = next.is_write ? writing_.ByteSizeLong() : 0;
  }
  if (next.is_write) {
    guard_.unread().Hold(held, admitted_->caller, bytes, weak_from_this());
    StartWrite(&writing_);
  }
  if (next.read != nullptr) {
    StartRead(next.read);
  }
  if (next.finish) {
    if (admitted_) {
      admitted_->pass.End();
    }
    Finish(*next.finish);
  }
}

}  // namespace renkei::server
