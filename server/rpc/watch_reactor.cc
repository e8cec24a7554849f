#include "server/rpc/watch_reactor.h"

#include <grpcpp/impl/codegen/proto_utils.h>

#include <algorithm>
#include <utility>

#include "server/rpc/status_map.h"
#include "server/rpc/threads_handler.h"
#include "server/rpc/watch_encoding.h"

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

}  // namespace

void WatchReactor::Start(Admitted admitted, const grpc::ByteBuffer& request) {
  pass_.emplace(std::move(admitted.pass));
  caller_ = admitted.caller;
  is_counted_ = true;
  guard_.meter().StreamOpened();
  relay::v1::WatchRequest parsed;
  grpc::ByteBuffer bytes(request);
  const grpc::Status status =
      grpc::SerializationTraits<relay::v1::WatchRequest>::Deserialize(&bytes, &parsed);
  if (!status.ok()) {
    return FinishOnce({grpc::StatusCode::INVALID_ARGUMENT, "watch: not a request"});
  }
  auto positions = MapPositions(parsed);
  if (!positions.ok()) {
    return FinishOnce(StatusOf(positions.error()));
  }
  session_ = std::make_shared<WatchSession>(
      relay_.store(), admitted.caller,
      [&callers = relay_.callers(), credential = admitted.credential] {
        return callers.StillValid(*credential);
      },
      weak_from_this(), &relay_.hub().live());
  relay_.hub().Add(session_);
  relay_.audit().Note(EventOf(admitted.caller, "threads.watch", "opened"));
  if (const Status started = session_->Start(*positions); !started.ok()) {
    return FinishOnce(StatusOf(started.error()));
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
    if (is_finished_ || is_busy_) {
      return;
    }
    is_busy_ = true;
  }
  auto output = session_->StillValid()
                    ? session_->Next()
                    : Result<WatchOutput>(Error(Code::kAuthFailed, "caller: expired or revoked"));
  {
    const std::lock_guard lock(mutex_);
    if (output.ok()) {
      unsent_ = EncodeOutput(*output);
      std::reverse(unsent_.begin(), unsent_.end());
    } else {
      finish_with_ = StatusOf(output.error());
    }
  }
  HoldUnsent();
  SendNext();
}

// What was read for it stays in memory until it is all taken. Only by whom is_busy_ belongs to.
void WatchReactor::HoldUnsent() {
  std::size_t bytes = 0;
  {
    const std::lock_guard lock(mutex_);
    for (const grpc::ByteBuffer& message : unsent_) {
      bytes += message.Length();
    }
  }
  if (bytes == 0) {
    return;
  }
  const std::uint64_t id = guard_.unread().NewId();
  guard_.unread().Hold(id, caller_, bytes, weak_from_this());
  const std::lock_guard lock(mutex_);
  held_ = id;
}

void WatchReactor::ReleaseHeld() {
  std::uint64_t id = 0;
  {
    const std::lock_guard lock(mutex_);
    id = std::exchange(held_, 0);
  }
  if (id != 0) {
    guard_.unread().Release(id);
  }
}

// Starts the next write, or gives up being busy. Only by whom is_busy_ belongs to.
void WatchReactor::SendNext() {
  const grpc::ByteBuffer* next = nullptr;
  std::optional<grpc::Status> finish;
  {
    const std::lock_guard lock(mutex_);
    is_writing_ = !finish_with_ && !unsent_.empty();
    is_busy_ = is_writing_;
    finish = std::exchange(finish_with_, std::nullopt);
    next = is_writing_ ? &unsent_.back() : nullptr;
    if (next != nullptr) {
      // Not asked before: what a device misses it must get, and unary calls pay for it.
      pass_->Spend(next->Length(), relay_.clock().Now());
    }
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
    unsent_.pop_back();
    is_all_sent = unsent_.empty();
    if (!ok && !finish_with_) {
      finish_with_ = grpc::Status(grpc::StatusCode::UNAVAILABLE, "watch: the stream broke");
    }
  }
  if (is_all_sent) {
    ReleaseHeld();
  }
  // Not busy any more after this one, unless there was more of the same reading.
  SendNext();
  // Where nothing changed meanwhile there is nothing to read.
  if (ok && is_all_sent && !session_->GoIdle()) {
    pump_.Schedule(shared_from_this());
  }
}

void WatchReactor::OnCancel() {
  FinishOnce(grpc::Status::CANCELLED);
}

// Finish must come once, and after the write under way. That one gets a while, so that the reader
// learns why it ends; then it is broken off, or who takes nothing would keep a stream that is cut.
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
    if (is_writing_ && !std::exchange(is_ending_, true)) {
      grace_.Set(std::chrono::system_clock::now() + kCutGrace,
                 [weak = weak_from_this()](bool is_over) {
                   if (const auto self = weak.lock(); is_over && self) {
                     self->BreakOff();
                   }
                 });
    }
    if (!is_finished_) {
      return;
    }
    grace_.Cancel();
  }
  if (pass_) {
    pass_->End();  // before gRPC is told: then the server may go
  }
  Finish(status);
}

// The lock is held while cancelling, so that the context cannot go in between; it may come back to
// us through OnCancel on this thread.
void WatchReactor::BreakOff() {
  const std::lock_guard lock(mutex_);
  if (is_writing_) {
    context_.TryCancel();
  } else if (is_busy_ && !finish_with_) {
    finish_with_ = grpc::Status(grpc::StatusCode::UNAVAILABLE, "watch: read too slowly");
  }
}

void WatchReactor::OnDone() {
  ReleaseHeld();
  if (is_counted_) {
    guard_.meter().StreamClosed();
  }
  if (session_) {
    relay_.hub().Remove(*session_);
  }
  // The last reference may be this one.
  const std::shared_ptr<WatchReactor> self = std::move(self_);
}

}  // namespace renkei::server
