#include "server/rpc/peer_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <utility>

namespace renkei::server {
namespace {

constexpr std::size_t kNetworkBytes = 8;  // a /64
constexpr std::array<std::uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255};

bool IsMapped(const AddressKey& key) {
  return std::equal(kMapped.begin(), kMapped.end(), key.begin());
}

AddressKey OfIpv4(const in_addr& address) {
  AddressKey out{};
  std::copy(kMapped.begin(), kMapped.end(), out.begin());
  std::memcpy(out.data() + kMapped.size(), &address, sizeof(address));
  return out;
}

AddressKey OfIpv6(const in6_addr& address) {
  AddressKey out{};
  std::memcpy(out.data(), &address, sizeof(address));
  if (!IsMapped(out)) {
    std::fill(out.begin() + kNetworkBytes, out.end(), std::uint8_t{0});
  }
  return out;
}

std::string HostOf(const std::string& peer) {
  const std::size_t begin = peer.find(':') + 1;
  std::string host = peer.substr(begin, peer.rfind(':') - begin);
  for (const auto& [escaped, plain] : {std::pair{"%5B", "["}, std::pair{"%5D", "]"}}) {
    if (const std::size_t at = host.find(escaped); at != std::string::npos) {
      host.replace(at, 3, plain);
    }
  }
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  return host.substr(0, host.find('%'));  // without a zone
}

}  // namespace

AddressKey AddressOf(const sockaddr_storage& address) {
  if (address.ss_family == AF_INET) {
    sockaddr_in ipv4{};
    std::memcpy(&ipv4, &address, sizeof(ipv4));
    return OfIpv4(ipv4.sin_addr);
  }
  if (address.ss_family == AF_INET6) {
    sockaddr_in6 ipv6{};
    std::memcpy(&ipv6, &address, sizeof(ipv6));
    return OfIpv6(ipv6.sin6_addr);
  }
  return AddressKey{};
}

AddressKey AddressOfPeer(const std::string& peer) {
  const std::string host = HostOf(peer);
  in_addr ipv4{};
  if (inet_pton(AF_INET, host.c_str(), &ipv4) == 1) {
    return OfIpv4(ipv4);
  }
  in6_addr ipv6{};
  return inet_pton(AF_INET6, host.c_str(), &ipv6) == 1 ? OfIpv6(ipv6) : AddressKey{};
}

Peer PeerOf(const sockaddr_storage& address) {
  // The port is the same place in both families' addresses.
  std::uint16_t port = 0;
  std::memcpy(&port, reinterpret_cast<const char*>(&address) + offsetof(sockaddr_in, sin_port),
              sizeof(port));
  const bool has_port = address.ss_family == AF_INET || address.ss_family == AF_INET6;
  return {AddressOf(address), has_port ? ntohs(port) : std::uint16_t{0}};
}

Peer PeerOf(const std::string& text) {
  Peer out{AddressOfPeer(text), 0};
  const std::size_t colon = text.rfind(':');
  if (colon != std::string::npos) {
    (void)std::from_chars(text.data() + colon + 1, text.data() + text.size(), out.port);
  }
  return out;
}

bool IsThisMachine(const AddressKey& address) {
  return address == AddressKey{} || (IsMapped(address) && address[kMapped.size()] == 127);
}

}  // namespace renkei::server
