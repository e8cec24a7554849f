// Whose connection it is: for limits on addresses, and to find it again. Functions; any thread.
#ifndef RENKEI_SERVER_RPC_PEER_ADDRESS_H_
#define RENKEI_SERVER_RPC_PEER_ADDRESS_H_

#include <sys/socket.h>

#include <cstdint>
#include <string>

#include "server/core/address.h"

namespace renkei::server {

// One connection's other end: nobody else has the same at the same time.
struct Peer {
  ByteArray<16> host{};  // IPv6, IPv4 mapped into it; zeros: neither
  std::uint16_t port = 0;

  // What limits go by: IPv4 whole, IPv6 its /64, because one household has that many. Zeros:
  // neither, or this machine's ::1.
  AddressKey address() const;
  friend bool operator==(const Peer&, const Peer&) = default;
};
Peer PeerOf(const sockaddr_storage& address);
// Of gRPC's text: "ipv4:192.0.2.1:4711", "ipv6:[2001:db8::1]:4711" (brackets may be
// percent-encoded).
Peer PeerOf(const std::string& text);

// 127.0.0.0/8 or ::1: a forwarder on this machine brings everybody from there.
bool IsThisMachine(const AddressKey& address);

}  // namespace renkei::server

#endif  // RENKEI_SERVER_RPC_PEER_ADDRESS_H_
