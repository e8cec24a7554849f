#include "server/rpc/watch_reactor.h"

#include <utility>

#include "server/rpc/status_map.h"
#include "server/rpc/threads_handler.h"

namespace renkei::server {
namespace {

grpc::Status StatusOfCut(WatchListener::Why why) {
  switch (why) {
    case WatchListener::Why::kNotValidAnyMore:
      return {grpc::StatusCode::UNAUTHENTICATED, "caller: expired or revoked"};
    case WatchListener::Why::kReplaced:
      return {grpc::StatusCode::ABORTED, "watch: the device opened another stream"};
    case WatchListener::Why::kShutdown:
      break;
  }
  return {grpc::StatusCode::UNAVAILABLE, "relay: shutting down"};
}

std::uint64_t PayloadBytesOf(const WatchOutput& output) {
  std::uint64_t bytes = 0;
  for (const WatchOutput::Item& item : output.entries) {
    bytes += item.entry.payload.size();
  }
  return bytes;
}

}  // namespace

void WatchReactor::Start(Admitted admitted, const relay::v1::WatchRequest& request) {
  admitted_.emplace(std::move(admitted));
  const Caller& caller = admitted_->caller;
  auto positions = MapPositions(request);
  if (!positions.ok()) {
    guard_.NoteRefusal(caller, "rpc Threads.Watch", positions.error());
    return FinishOnce(StatusOf(positions.error()));
  }
  session_ = std::make_shared<WatchSession>(
      relay_.store(), caller,
      [&callers = relay_.callers(), credential = admitted_->credential] {
        return callers.StillValid(*credential);
      },
      weak_from_this());
  relay_.hub().Add(session_);
  relay_.audit().Note(EventOf(caller, "threads.watch", "opened"));
  if (const Status status = session_->Start(*positions); !status.ok()) {
    guard_.NoteRefusal(caller, "rpc Threads.Watch", status.error());
    return FinishOnce(StatusOf(status.error()));
  }
  if (session_->foreign()) {
    relay_.audit().NoteRefusal(
        EventOf(caller, "threads.watch", "not a member", session_->foreign()->bytes));
  }
  pump_.Schedule(shared_from_this());
}

void WatchReactor::Refuse(const grpc::Status& status) {
  FinishOnce(status);
}

void WatchReactor::Wake() {
  pump_.Schedule(shared_from_this());
}

void WatchReactor::Cut(Why why) {
  FinishOnce(StatusOfCut(why));
}

void WatchReactor::Pump() {
  {
    const std::lock_guard lock(mutex_);
    if (is_finished_ || is_busy_ ||
        !pump_.budget().Enter(admitted_->caller.person.institution, shared_from_this())) {
      return;
    }
    is_busy_ = true;
  }
  auto output = session_->StillValid()
                    ? session_->Next()
                    : Result<WatchOutput>(Error(Code::kAuthFailed, "caller: expired or revoked"));
  const std::uint64_t bytes = output.ok() ? PayloadBytesOf(*output) : 0;
  guard_.Spend(*admitted_, bytes);
  pump_.budget().Hold(admitted_->caller.person.institution, bytes);
  {
    const std::lock_guard lock(mutex_);
    held_ += bytes;
    if (output.ok()) {
      for (relay::v1::WatchEvent& event : MapOutput(*output)) {
        unsent_.push_back(std::move(event));
      }
    } else {
      finish_with_ = StatusOf(output.error());
    }
  }
  SendNext();
}

// Starts the next write, or gives up being busy. Only by whom is_busy_ belongs to.
void WatchReactor::SendNext() {
  const relay::v1::WatchEvent* next = nullptr;
  std::optional<grpc::Status> finish;
  {
    const std::lock_guard lock(mutex_);
    is_writing_ = !finish_with_ && !unsent_.empty();
    is_busy_ = is_writing_;
    finish = std::exchange(finish_with_, std::nullopt);
    next = is_writing_ ? &unsent_.front() : nullptr;
  }
  if (next != nullptr) {
    StartWrite(next);
  } else if (finish) {
    FinishOnce(*finish);
  }
}

void WatchReactor::OnWriteDone(bool ok) {
  bool is_all_sent = false;
  {
    const std::lock_guard lock(mutex_);
    unsent_.pop_front();
    is_all_sent = unsent_.empty();
    if (!ok && !finish_with_) {
      finish_with_ = grpc::Status(grpc::StatusCode::UNAVAILABLE, "watch: the stream broke");
    }
  }
  if (is_all_sent) {
    Release();
  }
  // Not busy any more after this one, unless there was more of the same reading.
  SendNext();
  if (ok && is_all_sent) {
    pump_.Schedule(shared_from_this());
  }
}

void WatchReactor::OnCancel() {
  FinishOnce(grpc::Status::CANCELLED);
}

// Finish must come once, and after the write under way: that one is broken off, or a reader who
// takes nothing would keep a stream that is to be cut. The lock is held while cancelling, so that
// the context cannot go in between; it may come back to us through OnCancel on this thread.
void WatchReactor::FinishOnce(const grpc::Status& status) {
  {
    const std::lock_guard lock(mutex_);
    if (is_finished_) {
      return;
    }
    is_finished_ = !is_busy_;
    if (is_busy_ && !finish_with_) {
      finish_with_ = status;
    }
    if (is_writing_ && !std::exchange(is_cancelled_, true)) {
      context_.TryCancel();
    }
    if (!is_finished_) {
      return;
    }
  }
  Finish(status);
}

void WatchReactor::Release() {
  std::size_t bytes = 0;
  {
    const std::lock_guard lock(mutex_);
    bytes = std::exchange(held_, 0);
  }
  if (bytes == 0) {
    return;
  }
  for (auto& reader : pump_.budget().Release(admitted_->caller.person.institution, bytes)) {
    pump_.Schedule(std::move(reader));
  }
}

void WatchReactor::OnDone() {
  Release();
  if (session_) {
    relay_.hub().Remove(*session_);
  }
  // The last reference may be this one.
  const std::shared_ptr<WatchReactor> self = std::move(self_);
}

}  // namespace renkei::server
