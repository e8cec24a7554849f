// Answers that were given to gRPC and that their readers have not taken yet. gRPC does not count
// them as its own memory, and a limit of calls a second does not bound them: whoever reads nothing
// keeps each. Here they are bounded: over its share a device, an institution, or all together lose
// the oldest that they hold, which is broken off. Who reads what they ask for is never the oldest.
#ifndef RENKEI_SERVER_RPC_READER_BUDGET_H_
#define RENKEI_SERVER_RPC_READER_BUDGET_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <vector>

#include "crypto/base/ids.h"
#include "server/core/caller.h"
#include "server/core/meter.h"

namespace renkei::server {

// An answer on its way.
class Unread {
 public:
  virtual ~Unread() = default;
  // It was held for longer than there is room for. Any thread; may come after it was taken.
  virtual void BreakOff() = 0;
};

// In bytes.
struct ReaderShares {
  std::size_t all = std::size_t{256} << 20U;
  std::size_t institution = all / 4;
  std::size_t device = all / 16;
};

// Any thread.
class ReaderBudget {
 public:
  // meter: outlives it; null: nobody counts.
  explicit ReaderBudget(const ReaderShares& shares, Meter* meter = nullptr)
      : shares_(shares), meter_(meter) {}

  // Held from now on until Release(id). What has to go for it is broken off before this returns,
  // but never the new one, which may so go over a share alone. Strangers are one device.
  std::uint64_t Hold(const Caller& caller, std::size_t bytes, std::weak_ptr<Unread> reader);
  // It was taken, or its reader is gone. Nothing happens if it was broken off.
  void Release(std::uint64_t id);

  std::size_t held() const;

 private:
  struct Answer {
    InstitutionId institution;
    DeviceId device;
    std::size_t bytes = 0;
    std::weak_ptr<Unread> reader;
  };
  using Answers = std::map<std::uint64_t, Answer>;  // ids ascend: the oldest first
  struct Account {
    std::size_t held = 0;
    std::set<std::uint64_t> ids;
  };

  void Drop(std::uint64_t id);
  // False: it is `but`.
  bool BreakOff(std::uint64_t oldest, std::uint64_t but, Limit limit,
                std::vector<std::weak_ptr<Unread>>& out);

  const ReaderShares shares_;
  Meter* const meter_;
  mutable std::mutex mutex_;
  std::uint64_t last_id_ = 0;
  std::size_t held_ = 0;
  Answers answers_;
  std::map<InstitutionId, Account> institutions_;  // of those that hold anything
  std::map<DeviceId, Account> devices_;
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_RPC_READER_BUDGET_H_
