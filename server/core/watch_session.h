// One device's watch: where it stands in each thread, what changed since, and reading just that
// from the log. A slow reader costs a mark for each thread, never a queue of entries.
#ifndef RENKEI_SERVER_CORE_WATCH_SESSION_H_
#define RENKEI_SERVER_CORE_WATCH_SESSION_H_

#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <vector>

#include "server/core/caller.h"
#include "server/core/live_entries.h"
#include "server/core/store.h"

namespace renkei::server {

// What the stream's owner is told; both are called from any thread, hold nothing up, and must not
// call into the hub. Cut: end the stream; may come more than once.
class WatchListener {
 public:
  enum class Why { kNotValidAnyMore, kReplaced, kShutdown };

  virtual ~WatchListener() = default;
  virtual void Wake() = 0;
  virtual void Cut(Why why) = 0;
};

struct WatchPosition {
  CaseId case_id;
  std::uint64_t after = 0;
};

struct WatchPings {
  bool mailbox = false;
  bool directory = false;
  bool enrolment = false;
  bool alert = false;

  bool any() const { return mailbox || directory || enrolment || alert; }
  void Merge(const WatchPings& other) {
    mailbox = mailbox || other.mailbox;
    directory = directory || other.directory;
    enrolment = enrolment || other.enrolment;
    alert = alert || other.alert;
  }
};

// To be sent in this order. Nothing in it: all told, Wake() comes when there is more.
struct WatchOutput {
  struct Item {
    CaseId case_id;
    std::uint64_t seq = 0;
    std::shared_ptr<const Bytes> encoded;  // renkei.seal.v1.ThreadEntry
  };

  std::vector<Item> entries;
  WatchPings pings;
  bool caught_up = false;

  bool empty() const { return entries.empty() && !pings.any() && !caught_up; }
};

class WatchSession {
 public:
  using Validity = std::function<bool()>;

  // `valid`: whether the caller's certificate still is (time, revocation). `listener` may be gone
  // before the session is. `live`: the hub's, where what is new need not be read from the log.
  WatchSession(Store& store, const Caller& caller, Validity valid,
               std::weak_ptr<WatchListener> listener, const LiveEntries* live = nullptr);

  // Everything after these positions is missed; threads not named from the first entry. Call it
  // after the session was added to the hub, so that nothing falls between. kUnavailable, kCorrupt.
  Status Start(std::span<const WatchPosition> positions);

  // What changed since, at most one message of it. One thread at a time; again when that was sent.
  // Errors: the store's; nothing is lost, call again.
  Result<WatchOutput> Next();

  // True: there is nothing to tell, and Wake() comes when there is. Any thread.
  bool GoIdle();

  const Caller& caller() const { return caller_; }
  bool StillValid() const { return valid_(); }
  // By the hub.
  void MarkThread(const CaseId& case_id);
  void MarkPings(const WatchPings& pings);
  void Cut(WatchListener::Why why) const;

 private:
  std::vector<CaseId> TakeMarks(WatchPings& pings);
  void GiveBack(const std::vector<CaseId>& marked, const WatchPings& pings);
  std::uint64_t& PositionOf(const CaseId& case_id);
  void Wake() const;
  struct Reading;
  // False: the log has to tell.
  bool TakeLive(const CaseId& case_id, Reading& reading);
  Status ReadLog(const std::vector<CaseId>& marked, Reading& reading);
  Status ReadMarked(const std::vector<CaseId>& marked, WatchOutput& output);

  Store& store_;
  const Caller caller_;
  const Validity valid_;
  const std::weak_ptr<WatchListener> listener_;
  const LiveEntries* const live_;

  std::vector<WatchPosition> positions_;  // by case id; Start's and Next's thread only

  std::mutex mutex_;
  bool told_caught_up_ = false;
  std::set<CaseId> changed_;
  WatchPings pings_;
  bool idle_ = false;  // the last Next() gave nothing: the next mark wakes the listener
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_CORE_WATCH_SESSION_H_
