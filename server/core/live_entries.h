// The newest records of the threads that are busy now, each encoded once for all who watch: whoever
// stands right behind them is served from here, whoever stands further back from the log. Bounded,
// whatever readers do: a slow one holds nothing here.
#ifndef RENKEI_SERVER_CORE_LIVE_ENTRIES_H_
#define RENKEI_SERVER_CORE_LIVE_ENTRIES_H_

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "server/core/rows.h"

namespace renkei::server {

struct LiveEntry {
  std::uint64_t seq = 0;
  std::shared_ptr<const Bytes> encoded;                   // renkei.seal.v1.ThreadEntry
  std::shared_ptr<const std::vector<PersonRef>> readers;  // of the card in force, ascending
};

struct LiveRun {
  std::vector<LiveEntry> entries;
  bool complete = false;  // up to the newest
};

// Guarded.
class LiveEntries {
 public:
  explicit LiveEntries(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  // A durable record. If it does not follow the last one here the thread begins anew with it.
  void Add(const CaseId& case_id, LiveEntry entry);
  // The thread got an entry of which this does not know.
  void Forget(const CaseId& case_id);
  // What the person may read after `after`, up to the newest or to a limit (at least one entry).
  // Nothing: the log has to tell.
  std::optional<LiveRun> After(const CaseId& case_id, const PersonRef& person, std::uint64_t after,
                               std::size_t max_entries, std::size_t max_bytes) const;
  std::size_t bytes() const;

 private:
  using Thread = std::deque<LiveEntry>;

  void DropOldest();

  const std::size_t max_bytes_;
  mutable std::mutex mutex_;
  std::map<CaseId, Thread> threads_;
  // In the order of Add; what was forgotten meanwhile is skipped.
  std::deque<std::pair<CaseId, std::uint64_t>> order_;
  std::size_t bytes_ = 0;
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_CORE_LIVE_ENTRIES_H_
