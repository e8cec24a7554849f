#include "server/rpc/connection_table.h"

#include <sys/stat.h>

#include <algorithm>

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

bool ConnectionTable::IsBanned(const AddressKey& address, Millis now) const {
  const auto it = banned_.find(address);
  return it != banned_.end() && now < it->second;
}

void ConnectionTable::Ban(const AddressKey& address, Millis now) {
  if (IsThisMachine(address)) {
    return;
  }
  std::erase_if(banned_, [now](const auto& item) { return item.second <= now; });
  if (banned_.size() < kMaxBanned) {
    banned_[address] = now + kBan;
  }
}

bool ConnectionTable::Admits(const AddressKey& address, Millis now) {
  if (IsBanned(address, now)) {
    return false;
  }
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

void ConnectionTable::Add(int descriptor, const Peer& peer) {
  if (const auto it = open_.find(descriptor); it != open_.end()) {
    Forget(it->second.peer.address());
  }
  open_[descriptor] = {identify_(descriptor), peer};
  ++of_address_[peer.address()];
}

int ConnectionTable::Find(const Peer& peer) const {
  const auto it = std::find_if(open_.begin(), open_.end(), [&](const auto& item) {
    return item.second.peer == peer && identify_(item.first) == item.second.identity;
  });
  return it == open_.end() ? -1 : it->first;
}

void ConnectionTable::Sweep() {
  std::erase_if(open_, [this](const auto& item) {
    if (identify_(item.first) == item.second.identity) {
      return false;
    }
    Forget(item.second.peer.address());
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
