#include "server/rpc/connection_table.h"

#include <sys/stat.h>

#include "server/rpc/peer_address.h"

namespace renkei::server {
namespace {

constexpr Millis kSweepEvery = {100};

}  // namespace

bool ConnectionTable::HasRoom(const AddressKey& address) const {
  if (open_.size() >= limits_.all) {
    return false;
  }
  const auto it = of_address_.find(address);
  return it == of_address_.end() || it->second < limits_.of_address || IsThisMachine(address);
}

bool ConnectionTable::Admits(const AddressKey& address, Millis now) {
  if (HasRoom(address)) {
    return true;
  }
  if (swept_ && now - *swept_ < kSweepEvery) {
    return false;
  }
  swept_ = now;
  Sweep();
  return HasRoom(address);
}

void ConnectionTable::Add(int descriptor, const AddressKey& address) {
  if (const auto it = open_.find(descriptor); it != open_.end()) {
    Forget(it->second.address);
  }
  open_[descriptor] = {identify_(descriptor), address};
  ++of_address_[address];
}

void ConnectionTable::Sweep() {
  std::erase_if(open_, [this](const auto& item) {
    if (identify_(item.first) == item.second.identity) {
      return false;
    }
    Forget(item.second.address);
    return true;
  });
}

void ConnectionTable::Forget(const AddressKey& address) {
  const auto it = of_address_.find(address);
  if (--it->second == 0) {
    of_address_.erase(it);
  }
}

std::uint64_t IdentityOfSocket(int descriptor) {
  struct stat state {};
  return fstat(descriptor, &state) == 0 && S_ISSOCK(state.st_mode) ? state.st_ino : 0;
}

}  // namespace renkei::server
