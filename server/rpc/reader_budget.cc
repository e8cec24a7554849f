#include "server/rpc/reader_budget.h"

#include <algorithm>
#include <utility>

namespace renkei::server {

std::uint64_t ReaderBudget::Hold(const Caller& caller, std::size_t bytes,
                                 std::weak_ptr<Unread> reader) {
  std::vector<std::weak_ptr<Unread>> over;
  std::uint64_t id = 0;
  {
    const std::lock_guard lock(mutex_);
    id = ++last_id_;
    const InstitutionId& institution = caller.person.institution;
    answers_[id] = {institution, caller.device, bytes, std::move(reader)};
    for (Account* account : {&institutions_[institution], &devices_[caller.device]}) {
      account->held += bytes;
      account->ids.insert(id);
    }
    held_ += bytes;
    while (devices_[caller.device].held > shares_.device &&
           BreakOff(*devices_[caller.device].ids.begin(), id, Limit::kDeviceUnread, over)) {
    }
    while (institutions_[institution].held > shares_.institution &&
           BreakOff(*institutions_[institution].ids.begin(), id, Limit::kInstitutionUnread, over)) {
    }
    while (held_ > shares_.all) {
      // Who holds most gives way, whoever came last.
      const auto most = std::max_element(
          institutions_.begin(), institutions_.end(),
          [](const auto& a, const auto& b) { return a.second.held < b.second.held; });
      if (!BreakOff(*most->second.ids.begin(), id, Limit::kAllUnread, over) &&
          !BreakOff(answers_.begin()->first, id, Limit::kAllUnread, over)) {
        break;
      }
    }
  }
  // Outside: breaking off may come back with a Release.
  for (const std::weak_ptr<Unread>& each : over) {
    if (const auto gone = each.lock()) {
      gone->BreakOff();
    }
  }
  return id;
}

bool ReaderBudget::BreakOff(std::uint64_t oldest, std::uint64_t but, Limit limit,
                            std::vector<std::weak_ptr<Unread>>& out) {
  if (oldest == but) {
    return false;
  }
  out.push_back(answers_.at(oldest).reader);
  Drop(oldest);
  if (meter_ != nullptr) {
    meter_->LimitHit(limit);
  }
  return true;
}

void ReaderBudget::Release(std::uint64_t id) {
  const std::lock_guard lock(mutex_);
  Drop(id);
}

void ReaderBudget::Drop(std::uint64_t id) {
  const auto it = answers_.find(id);
  if (it == answers_.end()) {
    return;
  }
  const Answer answer = std::move(it->second);
  answers_.erase(it);
  held_ -= answer.bytes;
  const auto take_off = [&](auto& accounts, const auto& key) {
    const auto account = accounts.find(key);
    account->second.held -= answer.bytes;
    account->second.ids.erase(id);
    // The one that Hold() looks at has the new answer in it, so that it stays.
    if (account->second.ids.empty()) {
      accounts.erase(account);
    }
  };
  take_off(institutions_, answer.institution);
  take_off(devices_, answer.device);
}

std::size_t ReaderBudget::held() const {
  const std::lock_guard lock(mutex_);
  return held_;
}

}  // namespace renkei::server
