#include "server/rpc/reader_budget.h"

#include <algorithm>
#include <utility>

#include "server/rpc/watch_pump.h"

namespace renkei::server {

bool ReaderBudget::Enter(const InstitutionId& institution, const std::shared_ptr<Pumped>& reader) {
  const std::lock_guard lock(mutex_);
  const auto it = accounts_.find(institution);
  if (it == accounts_.end() || it->second.held < of_institution_) {
    return true;
  }
  auto& waiting = it->second.waiting;
  std::erase_if(waiting, [&](const std::weak_ptr<Pumped>& other) {
    return other.expired() || other.lock() == reader;
  });
  waiting.push_back(reader);
  return false;
}

void ReaderBudget::Hold(const InstitutionId& institution, std::size_t bytes) {
  if (bytes == 0) {
    return;
  }
  const std::lock_guard lock(mutex_);
  accounts_[institution].held += bytes;
}

std::vector<std::shared_ptr<Pumped>> ReaderBudget::Release(const InstitutionId& institution,
                                                           std::size_t bytes) {
  std::vector<std::shared_ptr<Pumped>> out;
  const std::lock_guard lock(mutex_);
  const auto it = accounts_.find(institution);
  if (bytes == 0 || it == accounts_.end()) {
    return out;
  }
  Account& account = it->second;
  account.held -= std::min(bytes, account.held);
  if (account.held < of_institution_) {
    for (const std::weak_ptr<Pumped>& waiting : std::exchange(account.waiting, {})) {
      if (auto reader = waiting.lock()) {
        out.push_back(std::move(reader));
      }
    }
  }
  if (account.held == 0) {
    accounts_.erase(it);
  }
  return out;
}

std::size_t ReaderBudget::held(const InstitutionId& institution) const {
  const std::lock_guard lock(mutex_);
  const auto it = accounts_.find(institution);
  return it == accounts_.end() ? 0 : it->second.held;
}

}  // namespace renkei::server
