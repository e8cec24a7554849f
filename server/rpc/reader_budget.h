// Answers that were given to gRPC and that their readers have not taken yet. gRPC does not count
// them as its own memory, and a limit of calls a second does not bound them: whoever reads nothing
// keeps each. Here they are bounded, for a device, its institution and all together.
//
// What can wait (a call's answer) is made only when there is room for it, and who holds least is
// next. Meanwhile what nobody took for so long (`stalled`) and is in its way is broken off, and
// nothing else: many who read slowly wait for each other. What cannot wait (a stream's message: it
// is there) has room made for it whatever it costs: the oldest that its device, its institution, or
// whoever holds most of all, holds. Who reads what they ask for is never the oldest. What was
// broken off counts until it is gone.
#ifndef RENKEI_SERVER_RPC_READER_BUDGET_H_
#define RENKEI_SERVER_RPC_READER_BUDGET_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <utility>
#include <vector>

#include "crypto/base/ids.h"
#include "server/core/caller.h"
#include "server/core/limits.h"
#include "server/core/meter.h"
#include "server/rpc/monotonic.h"

namespace renkei::server {

// An answer on its way.
class Unread {
 public:
  virtual ~Unread() = default;
  // It was held for longer than there is room for. Any thread; may come after it was taken.
  virtual void BreakOff() = 0;
};

// One that is not made yet.
class Unmade : public Unread {
 public:
  // There is room for it now. Any thread; must not make it here.
  virtual void Turn() = 0;
};

// In bytes.
struct ReaderShares {
  std::size_t all = std::size_t{256} << 20U;
  std::size_t institution = all / 4;
  std::size_t device = all / 16;
  // For an answer that is not made yet: gRPC holds it twice, as the message and as what is sent.
  std::size_t unmade = 2 * kMaxReadBytes;
  Millis stalled = Seconds(20);
};

// Any thread.
class ReaderBudget {
 public:
  using Now = std::function<Millis()>;
  // meter: outlives it; null: nobody counts.
  explicit ReaderBudget(const ReaderShares& shares, Meter* meter = nullptr, Now now = Monotonic)
      : shares_(shares), meter_(meter), now_(std::move(now)) {}

  // For one answer. Never 0.
  std::uint64_t NewId();

  // Held from now on until Release(id). What has to go for it is broken off before this returns,
  // but never the new one, which may so go over a share alone. Strangers are one device.
  void Hold(std::uint64_t id, const Caller& caller, std::size_t bytes,
            std::weak_ptr<Unread> reader);

  // Room for one that is not made yet; true: there is. Otherwise it waits for its Turn().
  bool Reserve(std::uint64_t id, const Caller& caller, std::weak_ptr<Unmade> reader);
  // It was made, and is this large.
  void Settle(std::uint64_t id, std::size_t bytes);
  // It does not want to be made any more. False: it does not wait (any more).
  bool GiveUp(std::uint64_t id);
  // Breaks off what has become stalled and is in the way of this one. False: it does not wait (any
  // more). For whoever waits to ask again every `stalled`.
  bool Look(std::uint64_t id);
  Millis stalled() const { return shares_.stalled; }

  // It was taken, or its reader is gone.
  void Release(std::uint64_t id);

  std::size_t held() const;
  std::size_t waiting() const;

 private:
  enum class State : std::uint8_t { kWaiting, kMaking, kUnread, kBrokenOff };
  struct Answer {
    InstitutionId institution;
    DeviceId device;
    State state = State::kWaiting;
    std::size_t bytes = 0;
    Millis since;  // kUnread
    std::weak_ptr<Unread> reader;
    std::weak_ptr<Unmade> waiter;
  };
  struct Account {
    std::size_t held = 0;
    std::size_t leaving = 0;      // of it: broken off and not gone
    std::set<std::uint64_t> ids;  // kUnread; ids ascend: the oldest first
    std::size_t staying() const { return held - leaving; }
  };
  struct Accounts {
    Account& device;
    Account& institution;
  };
  using Readers = std::vector<std::weak_ptr<Unread>>;
  using Waiters = std::vector<std::weak_ptr<Unmade>>;

  Accounts Of(const Answer& answer);
  void Add(Answer& answer, std::size_t bytes);
  void Subtract(Answer& answer);
  void BecomeUnread(std::uint64_t id, Answer& answer);
  void Forget(const Answer& answer);
  bool HasRoom(const InstitutionId& institution, const DeviceId& device) const;
  // Whose turn it is now, taken out of the queue: of those with room who holds least, then who came
  // first. Null: nobody's.
  Answer* NextWaiting();
  void LetIn(Waiters& out);
  void BreakOff(std::uint64_t id, Limit limit, Readers& out);
  // So that what is unread of `but`'s parties is within their shares again.
  void MakeRoomFor(std::uint64_t but, Readers& out);
  // For one that waits.
  void MakeRoomSoon(const Answer& answer, Readers& out);
  void BreakOffStalled(const Account& account, std::size_t share, Limit limit, Readers& out);

  const ReaderShares shares_;
  Meter* const meter_;
  const Now now_;
  mutable std::mutex mutex_;
  std::uint64_t last_id_ = 0;
  std::map<std::uint64_t, Answer> answers_;
  Account all_;
  std::map<InstitutionId, Account> institutions_;  // of those that hold anything
  std::map<DeviceId, Account> devices_;
  std::map<InstitutionId, std::map<DeviceId, std::deque<std::uint64_t>>> waiting_;
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_RPC_READER_BUDGET_H_
