// How many refusals of one device the audit log takes, so that whoever asks in a loop for what is
// refused fills no disk. What goes beyond is counted, and the count goes in with the device's next
// row. Not guarded: its owner is (audit.h).
#ifndef RENKEI_SERVER_CORE_AUDIT_BUDGET_H_
#define RENKEI_SERVER_CORE_AUDIT_BUDGET_H_

#include <map>
#include <utility>

#include "crypto/base/ids.h"
#include "server/core/rate_limiter.h"

namespace renkei::server {

class AuditBudget {
 public:
  // 2,000 at once, then one in five seconds: some 17,000 rows a day.
  static constexpr Rate kRate = {.per_second = 1, .burst = 10000};
  static constexpr std::uint64_t kCost = 5;
  static constexpr std::size_t kMaxDevices = 4096;

  struct Verdict {
    bool take = true;
    std::uint64_t missed = 0;  // of this device since its last row that was taken
  };
  Verdict Take(const DeviceId& device, Millis now);
  // Refusals of devices that had to be forgotten before their next row came; counted once.
  std::uint64_t TakeForgotten() { return std::exchange(forgotten_, 0); }

 private:
  struct Account {
    TokenBucket bucket;
    std::uint64_t missed = 0;
  };

  std::map<DeviceId, Account> accounts_;
  std::uint64_t forgotten_ = 0;
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_CORE_AUDIT_BUDGET_H_
