#include "server/core/watch_session.h"

#include <algorithm>
#include <utility>

#include "crypto/thread/entry.h"
#include "server/core/alert_calls.h"
#include "server/core/limits.h"
#include "server/core/thread_reader.h"

namespace renkei::server {
namespace {

// One message: enough to make good use of the network, small enough that a slow reader ties
// nothing up.
constexpr std::size_t kBatchEntries = 500;
constexpr std::size_t kBatchBytes = std::size_t{1} << 20U;

bool ByCase(const WatchPosition& a, const WatchPosition& b) {
  return a.case_id < b.case_id;
}

}  // namespace

WatchSession::WatchSession(Store& store, const Caller& caller, Validity valid,
                           std::weak_ptr<WatchListener> listener, const LiveEntries* live)
    : store_(store),
      caller_(caller),
      valid_(std::move(valid)),
      listener_(std::move(listener)),
      live_(live) {}

void WatchSession::Cut(WatchListener::Why why) const {
  if (const auto listener = listener_.lock()) {
    listener->Cut(why);
  }
}

void WatchSession::Wake() const {
  if (const auto listener = listener_.lock()) {
    listener->Wake();
  }
}

Status WatchSession::Start(std::span<const WatchPosition> positions) {
  if (positions.size() > kMaxWatchPositions) {
    return Error(Code::kMalformed, "watch: too many positions");
  }
  positions_.assign(positions.begin(), positions.end());
  std::stable_sort(positions_.begin(), positions_.end(), ByCase);
  const auto same = [](const WatchPosition& a, const WatchPosition& b) {
    return a.case_id == b.case_id;
  };
  if (std::adjacent_find(positions_.begin(), positions_.end(), same) != positions_.end()) {
    return Error(Code::kMalformed, "watch: a thread named twice");
  }
  std::vector<std::pair<CaseId, Span>> threads;
  bool mail = false;
  bool alert = false;
  RENKEI_TRY(store_.Read([&](ReadTransaction& transaction) -> Status {
    RENKEI_ASSIGN(threads, transaction.ThreadsOf(caller_.person));
    RENKEI_ASSIGN(const auto waiting, transaction.ReadMail(caller_.device, 0, 1, 1));
    mail = !waiting.empty();
    RENKEI_ASSIGN(const auto calling, AlertsThatCall(transaction, caller_.person));
    alert = !calling.empty();
    return Ok();
  }));
  const std::lock_guard lock(mutex_);
  for (const auto& [case_id, span] : threads) {
    changed_.insert(case_id);
  }
  pings_.mailbox = pings_.mailbox || mail;
  pings_.alert = pings_.alert || alert;
  return Ok();
}

Result<WatchOutput> WatchSession::Next() {
  for (;;) {
    WatchOutput output;
    const std::vector<CaseId> marked = TakeMarks(output.pings);
    if (const Status status = ReadMarked(marked, output); !status.ok()) {
      GiveBack(marked, output.pings);
      return status.error();
    }
    const std::lock_guard lock(mutex_);
    if (changed_.empty() && !told_caught_up_) {
      told_caught_up_ = true;
      output.caught_up = true;
    }
    // A mark that came while reading is read now: nobody would wake for it.
    idle_ = output.empty() && changed_.empty() && !pings_.any();
    if (idle_ || !output.empty()) {
      return output;
    }
  }
}

std::vector<CaseId> WatchSession::TakeMarks(WatchPings& pings) {
  const std::lock_guard lock(mutex_);
  std::vector<CaseId> marked(changed_.begin(), changed_.end());
  changed_.clear();
  pings = std::exchange(pings_, {});
  idle_ = false;
  return marked;
}

void WatchSession::GiveBack(const std::vector<CaseId>& marked, const WatchPings& pings) {
  const std::lock_guard lock(mutex_);
  changed_.insert(marked.begin(), marked.end());
  pings_.Merge(pings);
}

// What one message is made of.
struct WatchSession::Reading {
  std::vector<WatchOutput::Item> items;
  std::size_t bytes = 0;
  std::vector<WatchPosition> reached;
  std::vector<CaseId> unread;  // there is more of them

  bool full() const { return items.size() >= kBatchEntries || bytes >= kBatchBytes; }
  std::size_t entries_left() const { return kBatchEntries - items.size(); }
  std::size_t bytes_left() const { return kBatchBytes - bytes; }
  void Add(const CaseId& case_id, std::uint64_t seq, std::shared_ptr<const Bytes> encoded) {
    bytes += encoded->size();
    items.push_back({case_id, seq, std::move(encoded)});
  }
  void Reached(const CaseId& case_id, bool complete) {
    if (!complete) {
      unread.push_back(case_id);
    }
    if (!items.empty() && items.back().case_id == case_id) {
      reached.push_back({case_id, items.back().seq});
    }
  }
};

bool WatchSession::TakeLive(const CaseId& case_id, Reading& reading) {
  if (live_ == nullptr) {
    return false;
  }
  const auto run = live_->After(case_id, caller_.person, PositionOf(case_id),
                                reading.entries_left(), reading.bytes_left());
  if (!run) {
    return false;
  }
  for (const LiveEntry& entry : run->entries) {
    reading.Add(case_id, entry.seq, entry.encoded);
  }
  reading.Reached(case_id, run->complete);
  return true;
}

Status WatchSession::ReadLog(const std::vector<CaseId>& marked, Reading& reading) {
  return store_.Read([&](ReadTransaction& transaction) -> Status {
    for (const CaseId& case_id : marked) {
      if (reading.full()) {
        reading.unread.push_back(case_id);
        continue;
      }
      RENKEI_ASSIGN(const auto allowed,
                    ReadAllowed(transaction, caller_.person, case_id, PositionOf(case_id),
                                reading.entries_left(), reading.bytes_left()));
      if (!allowed) {
        continue;
      }
      for (const EntryRow& row : allowed->entries) {
        reading.Add(case_id, row.seq,
                    std::make_shared<const Bytes>(thread::SerializeEntry(
                        {case_id, row.seq, row.kind, row.received_at, row.payload, row.hash})));
      }
      reading.Reached(case_id, allowed->complete);
    }
    return Ok();
  });
}

Status WatchSession::ReadMarked(const std::vector<CaseId>& marked, WatchOutput& output) {
  Reading reading;
  std::vector<CaseId> in_log;
  for (const CaseId& case_id : marked) {
    if (reading.full()) {
      reading.unread.push_back(case_id);
    } else if (!TakeLive(case_id, reading)) {
      in_log.push_back(case_id);
    }
  }
  if (!in_log.empty()) {
    RENKEI_TRY(ReadLog(in_log, reading));
  }
  // Only now: had the reading failed half-way, the same entries must come again.
  for (const WatchPosition& position : reading.reached) {
    PositionOf(position.case_id) = position.after;
  }
  output.entries = std::move(reading.items);
  const std::lock_guard lock(mutex_);
  changed_.insert(reading.unread.begin(), reading.unread.end());
  return Ok();
}

bool WatchSession::GoIdle() {
  const std::lock_guard lock(mutex_);
  if (!told_caught_up_ || !changed_.empty() || pings_.any()) {
    return false;
  }
  idle_ = true;
  return true;
}

std::uint64_t& WatchSession::PositionOf(const CaseId& case_id) {
  const WatchPosition wanted{case_id, 0};
  auto it = std::lower_bound(positions_.begin(), positions_.end(), wanted, ByCase);
  if (it == positions_.end() || it->case_id != case_id) {
    it = positions_.insert(it, wanted);
  }
  return it->after;
}

void WatchSession::MarkThread(const CaseId& case_id) {
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    changed_.insert(case_id);
    wake = std::exchange(idle_, false);
  }
  if (wake) {
    Wake();
  }
}

void WatchSession::MarkPings(const WatchPings& pings) {
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    pings_.Merge(pings);
    wake = std::exchange(idle_, false);
  }
  if (wake) {
    Wake();
  }
}

}  // namespace renkei::server
