#include "server/core/admission.h"

#include <algorithm>
#include <utility>

namespace renkei::server {
namespace {

constexpr Millis kWaitForEnd = Seconds(1);  // for another call or stream of the same party to end
constexpr std::uint32_t kUnlimited = 1'000'000'000;

std::uint64_t Kib(std::uint64_t bytes) {
  return (bytes + 1023) / 1024;
}

}  // namespace

struct Admission::Account {
  TokenBucket calls;
  TokenBucket kib;
  TokenBucket news;
  std::uint32_t under_way = 0;
  std::uint32_t streams = 0;

  bool is_idle() const { return under_way == 0 && streams == 0; }
};

// Accounts by key, at most `capacity` idle ones; who came last stands first.
class Admission::Table {
 public:
  explicit Table(std::size_t capacity) : capacity_(capacity) {}

  std::shared_ptr<Account> Get(const Key& key) {
    if (const auto it = by_key_.find(key); it != by_key_.end()) {
      order_.splice(order_.begin(), order_, it->second);
      return it->second->second;
    }
    MakeRoom();
    order_.emplace_front(key, std::make_shared<Account>());
    by_key_[key] = order_.begin();
    return order_.front().second;
  }
  std::size_t size() const { return by_key_.size(); }

 private:
  using Order = std::list<std::pair<Key, std::shared_ptr<Account>>>;

  // Who has something under way is not forgotten; they are fewer than the limits on that allow.
  void MakeRoom() {
    std::size_t looked = 0;
    while (by_key_.size() >= capacity_ && looked < order_.size()) {
      const auto last = std::prev(order_.end());
      if (last->second->is_idle()) {
        by_key_.erase(last->first);
        order_.erase(last);
        return;
      }
      order_.splice(order_.begin(), order_, last);
      ++looked;
    }
  }

  const std::size_t capacity_;
  Order order_;
  std::map<Key, Order::iterator> by_key_;
};

struct Admission::Pass::Undo {
  Admission& admission;
  std::array<Side, 2> sides;
  bool is_stream;
};

AdmissionLimits NoLimits() {
  const Rate rate = {kUnlimited, kUnlimited};
  const Allowance all = {rate, rate, kUnlimited, kUnlimited, rate};
  return {all, all, all, all};
}

Admission::Pass::Pass(std::unique_ptr<Undo> undo) : undo_(std::move(undo)) {}

Admission::Pass::Pass(Pass&& other) noexcept = default;

Admission::Pass::~Pass() {
  End();
}

void Admission::Pass::End() {
  const std::unique_ptr<Undo> undo = std::move(undo_);
  if (!undo) {
    return;
  }
  const std::lock_guard lock(undo->admission.mutex_);
  for (const Side& side : undo->sides) {
    --(undo->is_stream ? side.account->streams : side.account->under_way);
  }
}

void Admission::Pass::Spend(std::uint64_t bytes, Millis now) {
  if (!undo_) {
    return;
  }
  const std::lock_guard lock(undo_->admission.mutex_);
  for (const Side& side : undo_->sides) {
    side.account->kib.Spend(side.allowance->kib, now, Kib(bytes));
  }
}

Admission::Admission(const AdmissionLimits& limits)
    : limits_(limits),
      devices_(std::make_unique<Table>(kMaxDevices)),
      institutions_(std::make_unique<Table>(kMaxInstitutions)),
      addresses_(std::make_unique<Table>(kMaxAddresses)),
      strangers_(std::make_shared<Account>()) {}

Admission::~Admission() = default;

Admission::Verdict Admission::Enter(const Caller& caller, const Use& use, Millis now) {
  const std::lock_guard lock(mutex_);
  return EnterBoth(SidesOf(caller), use, now);
}

std::optional<Admission::Refused> Admission::Message(const Caller& caller, const Use& use,
                                                     Millis now) {
  const std::lock_guard lock(mutex_);
  const std::array<Side, 2> sides = SidesOf(caller);
  for (const Side& side : sides) {
    if (std::optional<Refused> refused = CheckRates(side, use, now)) {
      return refused;
    }
  }
  for (const Side& side : sides) {
    Spend(side, use, now);
  }
  return std::nullopt;
}

Admission::Verdict Admission::EnterStranger(const AddressKey& address, const Use& use, Millis now) {
  const std::lock_guard lock(mutex_);
  // All together first: when they are at their limit no address is remembered for it.
  const Side all{strangers_, &limits_.strangers, Party::kStrangers};
  if (const std::optional<Refused> refused = Check(all, use, now)) {
    return *refused;
  }
  return EnterBoth({Side{addresses_->Get(address), &limits_.address, Party::kAddress}, all}, use,
                   now);
}

std::array<Admission::Side, 2> Admission::SidesOf(const Caller& caller) {
  return {Side{devices_->Get(caller.device.bytes), &limits_.device, Party::kDevice},
          Side{institutions_->Get(caller.person.institution.bytes), &limits_.institution,
               Party::kInstitution}};
}

void Admission::Spend(const Side& side, const Use& use, Millis now) {
  side.account->calls.Spend(side.allowance->calls, now, use.weight);
  side.account->kib.Spend(side.allowance->kib, now, Kib(use.bytes));
  side.account->news.Spend(side.allowance->news, now, use.news);
}

Admission::Verdict Admission::EnterBoth(std::array<Side, 2> sides, const Use& use, Millis now) {
  for (const Side& side : sides) {
    if (const std::optional<Refused> refused = Check(side, use, now)) {
      return *refused;
    }
  }
  for (const Side& side : sides) {
    Spend(side, use, now);
    ++(use.is_stream ? side.account->streams : side.account->under_way);
  }
  return Pass(std::make_unique<Pass::Undo>(Pass::Undo{*this, std::move(sides), use.is_stream}));
}

std::optional<Admission::Refused> Admission::CheckRates(const Side& side, const Use& use,
                                                        Millis now) {
  const auto refuse = [&](Measure measure, Millis wait) {
    return Refused{LimitOf(side.party, measure), wait};
  };
  const Allowance& allowance = *side.allowance;
  Account& account = *side.account;
  if (const auto wait = account.calls.Missing(allowance.calls, now, use.weight)) {
    return refuse(Measure::kCalls, *wait);
  }
  if (const auto wait = account.kib.Missing(allowance.kib, now, Kib(use.bytes))) {
    return refuse(Measure::kBytes, *wait);
  }
  if (const auto wait = account.news.Missing(allowance.news, now, use.news)) {
    return refuse(Measure::kNews, *wait);
  }
  return std::nullopt;
}

std::optional<Admission::Refused> Admission::Check(const Side& side, const Use& use, Millis now) {
  if (std::optional<Refused> refused = CheckRates(side, use, now)) {
    return refused;
  }
  const auto refuse = [&](Measure measure) {
    return Refused{LimitOf(side.party, measure), kWaitForEnd};
  };
  if (use.is_stream && side.account->streams >= side.allowance->streams) {
    return refuse(Measure::kStreams);
  }
  if (!use.is_stream && side.account->under_way >= side.allowance->under_way) {
    return refuse(Measure::kUnderWay);
  }
  return std::nullopt;
}

std::size_t Admission::size() const {
  const std::lock_guard lock(mutex_);
  return devices_->size() + institutions_->size() + addresses_->size();
}

}  // namespace renkei::server
