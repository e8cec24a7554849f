#include "server/core/live_entries.h"

#include <algorithm>

namespace renkei::server {

void LiveEntries::Add(const CaseId& case_id, LiveEntry entry) {
  const std::lock_guard lock(mutex_);
  Thread& thread = threads_[case_id];
  if (!thread.empty() && thread.back().seq + 1 != entry.seq) {
    for (const LiveEntry& old : thread) {
      bytes_ -= old.encoded->size();
    }
    thread.clear();
  }
  bytes_ += entry.encoded->size();
  order_.emplace_back(case_id, entry.seq);
  thread.push_back(std::move(entry));
  // A record has a KiB and more: whatever stands in order_ beyond that was forgotten.
  while (!order_.empty() && (bytes_ > max_bytes_ || order_.size() > max_bytes_ / 1024)) {
    DropOldest();
  }
}

// Of every thread the oldest goes first, so that what stays has no gap.
void LiveEntries::DropOldest() {
  const auto [case_id, seq] = order_.front();
  order_.pop_front();
  const auto it = threads_.find(case_id);
  if (it == threads_.end() || it->second.empty() || it->second.front().seq != seq) {
    return;
  }
  bytes_ -= it->second.front().encoded->size();
  it->second.pop_front();
  if (it->second.empty()) {
    threads_.erase(it);
  }
}

void LiveEntries::Forget(const CaseId& case_id) {
  const std::lock_guard lock(mutex_);
  const auto it = threads_.find(case_id);
  if (it == threads_.end()) {
    return;
  }
  for (const LiveEntry& old : it->second) {
    bytes_ -= old.encoded->size();
  }
  threads_.erase(it);
}

std::optional<LiveRun> LiveEntries::After(const CaseId& case_id, const PersonRef& person,
                                          std::uint64_t after, std::size_t max_entries,
                                          std::size_t max_bytes) const {
  const std::lock_guard lock(mutex_);
  const auto it = threads_.find(case_id);
  if (it == threads_.end() || it->second.empty() || after + 1 < it->second.front().seq ||
      after > it->second.back().seq) {
    return std::nullopt;
  }
  const Thread& thread = it->second;
  LiveRun out;
  std::size_t bytes = 0;
  const void* may_read = nullptr;  // a roster that has the person on it
  for (std::size_t i = after + 1 - thread.front().seq; i < thread.size(); ++i) {
    const LiveEntry& entry = thread[i];
    if (entry.readers.get() != may_read &&
        !std::binary_search(entry.readers->begin(), entry.readers->end(), person)) {
      return std::nullopt;
    }
    may_read = entry.readers.get();
    bytes += entry.encoded->size();
    if (!out.entries.empty() && (out.entries.size() >= max_entries || bytes > max_bytes)) {
      return out;
    }
    out.entries.push_back(entry);
  }
  out.complete = true;
  return out;
}

std::size_t LiveEntries::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

}  // namespace renkei::server
