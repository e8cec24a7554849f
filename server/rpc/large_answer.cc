#include "server/rpc/large_answer.h"

#include <utility>

namespace renkei::server {

std::shared_ptr<LargeAnswer> LargeAnswer::Make(grpc::CallbackServerContext& context,
                                               ReaderBudget& budget) {
  std::shared_ptr<LargeAnswer> out(new LargeAnswer(context, budget));
  out->self_ = out;
  return out;
}

void LargeAnswer::Hold(const Caller& caller, std::size_t bytes) {
  held_ = budget_.Hold(caller, 2 * bytes, weak_from_this());
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
  }
  budget_.Release(held_);
  // The last reference may be this one.
  const std::shared_ptr<LargeAnswer> self = std::move(self_);
}

}  // namespace renkei::server
