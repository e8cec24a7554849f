#include "server/rpc/byte_ledger.h"

#include <linux/tcp.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <map>
#include <utility>

namespace renkei::server {

std::optional<Traffic> TrafficOf(int descriptor) {
  tcp_info info{};
  socklen_t size = sizeof(info);
  if (getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) != 0 ||
      size < offsetof(tcp_info, tcpi_bytes_received) + sizeof(info.tcpi_bytes_received)) {
    return std::nullopt;
  }
  return Traffic{info.tcpi_bytes_received, info.tcpi_bytes_acked};
}

std::size_t ByteLedger::PeerHash::operator()(const Peer& peer) const {
  std::uint64_t halves[2];
  static_assert(sizeof(halves) == sizeof(peer.host));
  std::memcpy(halves, peer.host.data(), sizeof(halves));
  return std::hash<std::uint64_t>{}(halves[0] * 31 + halves[1] * 131 + peer.port);
}

void ByteLedger::Explain(const Peer& peer, std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  explained_[peer] += bytes + bytes / kFraming + kPerCall;
}

void ByteLedger::Look(const Peer& peer, const Traffic& traffic, Millis now) {
  if (!std::exchange(is_round_, true)) {
    const std::lock_guard lock(mutex_);
    explaining_ = std::exchange(explained_, {});
  }
  Connection& at = connections_[peer];
  if (traffic.received < at.traffic.received) {
    at = {};  // another connection from the same port
  }
  const std::uint64_t received = traffic.received - at.traffic.received;
  const std::uint64_t sent = traffic.sent - std::min(traffic.sent, at.traffic.sent);
  const std::int64_t waited = at.looked ? std::max<std::int64_t>(0, (now - *at.looked).value) : 0;
  const auto it = explaining_.find(peer);
  const std::uint64_t explained = (it == explaining_.end() ? 0 : it->second) +
                                  static_cast<std::uint64_t>(waited) * kPerSecond / 1000 +
                                  sent / kSentPerReceived;
  const std::uint64_t before = at.unexplained + received;
  at.unexplained = before - std::min(before, explained);  // nothing is saved up
  at.traffic = traffic;
  at.looked = now;
  at.is_open = true;
}

void ByteLedger::EndRound() {
  is_round_ = false;
  std::erase_if(connections_, [](const auto& item) { return !item.second.is_open; });
  unexplained_ = 0;
  for (auto& [peer, connection] : connections_) {
    connection.is_open = false;  // until it is looked at again
    unexplained_ += connection.unexplained;
  }
}

std::vector<Peer> ByteLedger::TakeWorst(bool is_memory_short) {
  std::vector<Peer> out;
  for (const auto& [peer, connection] : connections_) {
    if (connection.unexplained > bounds_.connection) {
      out.push_back(peer);
    }
  }
  if (out.empty() && (is_memory_short || unexplained_ > bounds_.all)) {
    out = WorstOfWorstAddress(kNothing);
  }
  for (const Peer& peer : out) {
    connections_.erase(peer);
  }
  return out;
}

std::vector<Peer> ByteLedger::WorstOfWorstAddress(std::uint64_t enough) const {
  if (connections_.empty()) {
    return {};
  }
  std::map<AddressKey, std::uint64_t> of_address;
  for (const auto& [peer, connection] : connections_) {
    of_address[peer.address()] += connection.unexplained;
  }
  const auto worst = std::max_element(of_address.begin(), of_address.end(),
                                      [](auto& a, auto& b) { return a.second < b.second; });
  std::uint64_t most = 0;
  for (const auto& [peer, connection] : connections_) {
    most = std::max(most, peer.address() == worst->first ? connection.unexplained : 0);
  }
  std::vector<Peer> out;
  for (const auto& [peer, connection] : connections_) {
    if (peer.address() == worst->first && connection.unexplained > std::max(enough, most / 4)) {
      out.push_back(peer);
    }
  }
  return out;
}

}  // namespace renkei::server
