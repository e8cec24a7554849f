#include "server/core/thread_usage.h"

#include "crypto/thread/entry.h"

namespace renkei::server {

std::optional<EntryCost> ThreadUsage::Next(thread::EntryKind kind, ByteView payload) {
  if (kind == thread::EntryKind::kCommit) {
    auto commit = thread::ParseCommitPayload(payload);
    if (!commit.ok()) {
      return std::nullopt;
    }
    in_force_ = std::move(commit->card.card);
  }
  if (!in_force_) {
    return std::nullopt;
  }
  const auto cost = CostOfEntry(kind, payload, *in_force_);
  return cost.ok() ? *cost : std::nullopt;
}

std::optional<Payer> ThreadUsage::LastCommitter() const {
  return in_force_ ? PayerOf(*in_force_, in_force_->committer_device) : std::optional<Payer>();
}

}  // namespace renkei::server
