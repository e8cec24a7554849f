#include "server/core/audit_budget.h"

#include <utility>

namespace renkei::server {

AuditBudget::Verdict AuditBudget::Take(const DeviceId& device, Millis now) {
  if (accounts_.size() >= kMaxDevices && !accounts_.contains(device)) {
    for (const auto& [forgotten, account] : accounts_) {
      forgotten_ += account.missed;
    }
    accounts_.clear();
  }
  Account& account = accounts_[device];
  if (account.bucket.Take(kRate, now, kCost)) {
    ++account.missed;
    return {false, 0};
  }
  return {true, std::exchange(account.missed, 0)};
}

}  // namespace renkei::server
