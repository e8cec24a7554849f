#include "server/rpc/reader_budget.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace renkei::server {
namespace {

// Outside the lock: breaking off may come back with a Release.
void BreakOffEach(const std::vector<std::weak_ptr<Unread>>& readers) {
  for (const std::weak_ptr<Unread>& each : readers) {
    if (const auto reader = each.lock()) {
      reader->BreakOff();
    }
  }
}

void TurnEach(const std::vector<std::weak_ptr<Unmade>>& waiters) {
  for (const std::weak_ptr<Unmade>& each : waiters) {
    if (const auto waiter = each.lock()) {
      waiter->Turn();
    }
  }
}

// An empty account has room for anything, or what is larger than the share would wait for ever.
bool HasRoomFor(std::size_t bytes, std::size_t held, std::size_t share) {
  return held == 0 || held + bytes <= share;
}

template <typename Map>
std::size_t HeldBy(const Map& accounts, const typename Map::key_type& key) {
  const auto it = accounts.find(key);
  return it == accounts.end() ? 0 : it->second.held;
}

template <typename Map>
void EraseIfEmpty(Map& accounts, const typename Map::key_type& key) {
  const auto it = accounts.find(key);
  if (it != accounts.end() && it->second.held == 0 && it->second.ids.empty()) {
    accounts.erase(it);
  }
}

}  // namespace

std::uint64_t ReaderBudget::NewId() {
  const std::lock_guard lock(mutex_);
  return ++last_id_;
}

void ReaderBudget::Hold(std::uint64_t id, const Caller& caller, std::size_t bytes,
                        std::weak_ptr<Unread> reader) {
  Readers over;
  {
    const std::lock_guard lock(mutex_);
    Answer& answer = answers_[id];
    answer.institution = caller.person.institution;
    answer.device = caller.device;
    answer.reader = std::move(reader);
    Add(answer, bytes);
    BecomeUnread(id, answer);
    MakeRoomFor(id, over);
  }
  BreakOffEach(over);
}

bool ReaderBudget::Reserve(std::uint64_t id, const Caller& caller, std::weak_ptr<Unmade> reader) {
  Readers over;
  {
    const std::lock_guard lock(mutex_);
    Answer& answer = answers_[id];
    answer.institution = caller.person.institution;
    answer.device = caller.device;
    answer.reader = reader;
    answer.waiter = std::move(reader);
    if (HasRoom(answer.institution, answer.device)) {
      Add(answer, shares_.unmade);
      answer.state = State::kMaking;
      return true;
    }
    waiting_[answer.institution][answer.device].push_back(id);
    MakeRoomSoon(answer, over);
  }
  BreakOffEach(over);
  return false;
}

void ReaderBudget::Settle(std::uint64_t id, std::size_t bytes) {
  Readers over;
  Waiters next;
  {
    const std::lock_guard lock(mutex_);
    const auto it = answers_.find(id);
    if (it == answers_.end()) {
      return;
    }
    Subtract(it->second);
    Add(it->second, bytes);
    BecomeUnread(id, it->second);
    MakeRoomFor(id, over);
    LetIn(next);
  }
  BreakOffEach(over);
  TurnEach(next);
}

bool ReaderBudget::GiveUp(std::uint64_t id) {
  const std::lock_guard lock(mutex_);
  const auto it = answers_.find(id);
  if (it == answers_.end() || it->second.state != State::kWaiting) {
    return false;
  }
  const auto institution = waiting_.find(it->second.institution);
  const auto device = institution->second.find(it->second.device);
  std::erase(device->second, id);
  if (device->second.empty()) {
    institution->second.erase(device);
  }
  if (institution->second.empty()) {
    waiting_.erase(institution);
  }
  answers_.erase(it);
  return true;
}

bool ReaderBudget::Look(std::uint64_t id) {
  Readers over;
  {
    const std::lock_guard lock(mutex_);
    const auto it = answers_.find(id);
    if (it == answers_.end() || it->second.state != State::kWaiting) {
      return false;
    }
    MakeRoomSoon(it->second, over);
  }
  BreakOffEach(over);
  return true;
}

void ReaderBudget::Release(std::uint64_t id) {
  Waiters next;
  {
    const std::lock_guard lock(mutex_);
    const auto it = answers_.find(id);
    if (it == answers_.end() || it->second.state == State::kWaiting) {
      return;
    }
    const Answer answer = it->second;
    Subtract(it->second);
    answers_.erase(it);
    for (auto* ids :
         {&all_.ids, &institutions_[answer.institution].ids, &devices_[answer.device].ids}) {
      ids->erase(id);
    }
    Forget(answer);
    LetIn(next);
  }
  TurnEach(next);
}

ReaderBudget::Accounts ReaderBudget::Of(const Answer& answer) {
  return {devices_[answer.device], institutions_[answer.institution]};
}

void ReaderBudget::Add(Answer& answer, std::size_t bytes) {
  const Accounts of = Of(answer);
  for (Account* account : {&all_, &of.institution, &of.device}) {
    account->held += bytes;
  }
  answer.bytes = bytes;
}

void ReaderBudget::Subtract(Answer& answer) {
  const Accounts of = Of(answer);
  for (Account* account : {&all_, &of.institution, &of.device}) {
    account->held -= answer.bytes;
    account->leaving -= answer.state == State::kBrokenOff ? answer.bytes : 0;
  }
  answer.bytes = 0;
}

void ReaderBudget::BecomeUnread(std::uint64_t id, Answer& answer) {
  const Accounts of = Of(answer);
  for (Account* account : {&all_, &of.institution, &of.device}) {
    account->ids.insert(id);
  }
  answer.state = State::kUnread;
  answer.since = now_();
}

void ReaderBudget::Forget(const Answer& answer) {
  EraseIfEmpty(institutions_, answer.institution);
  EraseIfEmpty(devices_, answer.device);
}

bool ReaderBudget::HasRoom(const InstitutionId& institution, const DeviceId& device) const {
  return HasRoomFor(shares_.unmade, all_.held, shares_.all) &&
         HasRoomFor(shares_.unmade, HeldBy(institutions_, institution), shares_.institution) &&
         HasRoomFor(shares_.unmade, HeldBy(devices_, device), shares_.device);
}

ReaderBudget::Answer* ReaderBudget::NextWaiting() {
  const DeviceId* next = nullptr;
  const InstitutionId* of = nullptr;
  std::tuple<std::size_t, std::size_t, std::uint64_t> least;
  for (const auto& [institution, devices] : waiting_) {
    for (const auto& [device, ids] : devices) {
      const std::tuple holds(HeldBy(institutions_, institution), HeldBy(devices_, device),
                             ids.front());
      if ((next == nullptr || holds < least) && HasRoom(institution, device)) {
        next = &device;
        of = &institution;
        least = holds;
      }
    }
  }
  if (next == nullptr) {
    return nullptr;
  }
  auto& devices = waiting_.at(*of);
  auto& ids = devices.at(*next);
  Answer& answer = answers_.at(ids.front());
  ids.pop_front();
  if (ids.empty()) {
    devices.erase(answer.device);
  }
  if (devices.empty()) {
    waiting_.erase(answer.institution);
  }
  return &answer;
}

void ReaderBudget::LetIn(Waiters& out) {
  while (Answer* answer = NextWaiting()) {
    Add(*answer, shares_.unmade);
    answer->state = State::kMaking;
    out.push_back(answer->waiter);
  }
}

void ReaderBudget::BreakOff(std::uint64_t id, Limit limit, Readers& out) {
  Answer& answer = answers_.at(id);
  const Accounts of = Of(answer);
  for (Account* account : {&all_, &of.institution, &of.device}) {
    account->leaving += answer.bytes;
    account->ids.erase(id);
  }
  answer.state = State::kBrokenOff;
  out.push_back(answer.reader);
  if (meter_ != nullptr) {
    meter_->LimitHit(limit);
  }
}

void ReaderBudget::MakeRoomFor(std::uint64_t but, Readers& out) {
  const Accounts of = Of(answers_.at(but));
  while (of.device.staying() > shares_.device && *of.device.ids.begin() != but) {
    BreakOff(*of.device.ids.begin(), Limit::kDeviceUnread, out);
  }
  while (of.institution.staying() > shares_.institution && *of.institution.ids.begin() != but) {
    BreakOff(*of.institution.ids.begin(), Limit::kInstitutionUnread, out);
  }
  while (all_.staying() > shares_.all) {
    // Who holds most gives way, whoever came last.
    const auto most = std::max_element(
        institutions_.begin(), institutions_.end(), [](const auto& a, const auto& b) {
          return std::pair(!a.second.ids.empty(), a.second.staying()) <
                 std::pair(!b.second.ids.empty(), b.second.staying());
        });
    const std::uint64_t oldest_of_most = *most->second.ids.begin();
    const std::uint64_t oldest = oldest_of_most != but ? oldest_of_most : *all_.ids.begin();
    if (oldest == but) {
      break;
    }
    BreakOff(oldest, Limit::kAllUnread, out);
  }
}

void ReaderBudget::MakeRoomSoon(const Answer& answer, Readers& out) {
  const Accounts of = Of(answer);
  BreakOffStalled(of.device, shares_.device, Limit::kDeviceUnread, out);
  BreakOffStalled(of.institution, shares_.institution, Limit::kInstitutionUnread, out);
  BreakOffStalled(all_, shares_.all, Limit::kAllUnread, out);
  Forget(answer);  // who holds nothing yet has no account
}

void ReaderBudget::BreakOffStalled(const Account& account, std::size_t share, Limit limit,
                                   Readers& out) {
  const Millis now = now_();
  while (!account.ids.empty() && !HasRoomFor(shares_.unmade, account.staying(), share) &&
         now - answers_.at(*account.ids.begin()).since >= shares_.stalled) {
    BreakOff(*account.ids.begin(), limit, out);
  }
}

std::size_t ReaderBudget::held() const {
  const std::lock_guard lock(mutex_);
  return all_.held;
}

std::size_t ReaderBudget::waiting() const {
  const std::lock_guard lock(mutex_);
  std::size_t out = 0;
  for (const auto& [institution, devices] : waiting_) {
    for (const auto& [device, ids] : devices) {
      out += ids.size();
    }
  }
  return out;
}

}  // namespace renkei::server
