#include "server/rpc/peer_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <utility>

namespace renkei::server {
namespace {

constexpr std::size_t kNetworkBytes = 8;  // a /64
constexpr std::array<std::uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255};

bool IsMapped(const AddressKey& key) {
  return std::equal(kMapped.begin(), kMapped.end(), key.begin());
}

ByteArray<16> OfIpv4(const in_addr& address) {
  ByteArray<16> out{};
  std::copy(kMapped.begin(), kMapped.end(), out.begin());
  std::memcpy(out.data() + kMapped.size(), &address, sizeof(address));
  return out;
}

ByteArray<16> OfIpv6(const in6_addr& address) {
  ByteArray<16> out{};
  std::memcpy(out.data(), &address, sizeof(address));
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

AddressKey Peer::address() const {
  AddressKey out = host;
  if (!IsMapped(out)) {
    std::fill(out.begin() + kNetworkBytes, out.end(), std::uint8_t{0});
  }
  return out;
}

Peer PeerOf(const sockaddr_storage& address) {
  if (address.ss_family == AF_INET) {
    sockaddr_in ipv4{};
    std::memcpy(&ipv4, &address, sizeof(ipv4));
    return {OfIpv4(ipv4.sin_addr), ntohs(ipv4.sin_port)};
  }
  if (address.ss_family == AF_INET6) {
    sockaddr_in6 ipv6{};
    std::memcpy(&ipv6, &address, sizeof(ipv6));
    return {OfIpv6(ipv6.sin6_addr), ntohs(ipv6.sin6_port)};
  }
  return {};
}

Peer PeerOf(const std::string& text) {
  Peer out;
  const std::size_t colon = text.rfind(':');
  if (colon != std::string::npos) {
    (void)std::from_chars(text.data() + colon + 1, text.data() + text.size(), out.port);
  }
  const std::string host = HostOf(text);
  in_addr ipv4{};
  in6_addr ipv6{};
  if (inet_pton(AF_INET, host.c_str(), &ipv4) == 1) {
    out.host = OfIpv4(ipv4);
  } else if (inet_pton(AF_INET6, host.c_str(), &ipv6) == 1) {
    out.host = OfIpv6(ipv6);
  }
  return out;
}

bool IsThisMachine(const AddressKey& address) {
  return address == AddressKey{} || (IsMapped(address) && address[kMapped.size()] == 127);
}

}  // namespace renkei::server
