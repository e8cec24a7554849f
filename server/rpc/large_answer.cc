#include "server/rpc/large_answer.h"

#include <chrono>
#include <utility>

namespace renkei::server {

std::shared_ptr<LargeAnswer> LargeAnswer::Make(grpc::CallbackServerContext& context,
                                               ReaderBudget& budget, WatchPump& pump) {
  std::shared_ptr<LargeAnswer> out(new LargeAnswer(context, budget, pump));
  out->self_ = out;
  return out;
}

void LargeAnswer::WhenThereIsRoom(const Caller& caller, std::function<void()> make,
                                  std::function<void()> give_up) {
  has_waited_for_room_ = true;
  make_ = std::move(make);
  give_up_ = std::move(give_up);
  if (budget_.Reserve(id_, caller, weak_from_this())) {
    is_turn_ = true;
    Pump();
  } else {
    LookLater();
  }
}

void LargeAnswer::LookLater() {
  const std::lock_guard lock(mutex_);
  if (is_done_) {
    return;
  }
  const auto when = std::chrono::milliseconds(budget_.stalled().value);
  look_ = std::make_unique<grpc::Alarm>();
  // Weak: the alarm keeps what it calls.
  look_->Set(std::chrono::system_clock::now() + when, [weak = weak_from_this()](bool is_time) {
    const auto self = is_time ? weak.lock() : nullptr;
    if (self) {
      // Held, so that OnDone, after which the server may go, waits for us.
      const std::lock_guard behind(self->mutex_);
      if (!self->is_done_) {
        self->pump_.Schedule(self);
      }
    }
  });
}

void LargeAnswer::Turn() {
  is_turn_ = true;
  pump_.Schedule(shared_from_this());
}

void LargeAnswer::Pump() {
  if (!is_turn_) {
    if (budget_.Look(id_)) {
      LookLater();
    }
    return;
  }
  // What it holds on to goes with the call, not with us. A second time there is nothing to make.
  give_up_ = nullptr;
  if (const auto make = std::exchange(make_, nullptr)) {
    make();
  }
}

void LargeAnswer::OnCancel() {
  if (!budget_.GiveUp(id_)) {
    return;
  }
  std::function<void()> give_up;
  {
    // As OnDone takes it: whoever lets go of us last sees what is done here.
    const std::lock_guard lock(mutex_);
    make_ = nullptr;
    give_up = std::exchange(give_up_, nullptr);
  }
  give_up();
  Finish(grpc::Status(grpc::StatusCode::CANCELLED, "relay: the call was ended"));
}

void LargeAnswer::Hold(const Caller& caller, std::size_t bytes) {
  if (has_waited_for_room_) {
    budget_.Settle(id_, 2 * bytes);
  } else {
    budget_.Hold(id_, caller, 2 * bytes, weak_from_this());
  }
}

// The lock is held while cancelling, so that the context cannot go in between.
void LargeAnswer::BreakOff() {
  const std::lock_guard lock(mutex_);
  if (!is_done_) {
    context_.TryCancel();
  }
}

void LargeAnswer::OnDone() {
  {
    const std::lock_guard lock(mutex_);
    is_done_ = true;
    look_.reset();
  }
  budget_.Release(id_);
  // The last reference may be this one.
  const std::shared_ptr<LargeAnswer> self = std::move(self_);
}

}  // namespace renkei::server
