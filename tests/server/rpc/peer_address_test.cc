#include "server/rpc/peer_address.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

namespace renkei::server {
namespace {

TEST(AddressOfPeer, IsTheAddressWithoutThePort) {
  EXPECT_EQ(PeerOf("ipv4:192.0.2.1:4711").address(), PeerOf("ipv4:192.0.2.1:4712").address());
  EXPECT_NE(PeerOf("ipv4:192.0.2.1:4711").address(), PeerOf("ipv4:192.0.2.2:4711").address());
}

TEST(AddressOfPeer, AHouseholdsNetworkIsOneAddress) {
  const AddressKey one = PeerOf("ipv6:[2001:db8:1:2::1]:4711").address();
  EXPECT_EQ(one, PeerOf("ipv6:[2001:db8:1:2:ffff::9]:1").address());
  EXPECT_EQ(one, PeerOf("ipv6:%5B2001:db8:1:2::7%5D:4711").address()) << "as gRPC writes it";
  EXPECT_NE(one, PeerOf("ipv6:[2001:db8:1:3::1]:4711").address());
}

TEST(AddressOfPeer, AMappedAddressIsTheIpv4One) {
  EXPECT_EQ(PeerOf("ipv6:[::ffff:192.0.2.1]:4711").address(),
            PeerOf("ipv4:192.0.2.1:4711").address());
  EXPECT_NE(PeerOf("ipv6:[::ffff:192.0.2.2]:4711").address(),
            PeerOf("ipv4:192.0.2.1:4711").address());
}

TEST(AddressOfPeer, AnythingElseIsOneAndTheSame) {
  for (const char* peer : {"", ":", "unix:/tmp/x", "ipv4:", "ipv4:::", "ipv6:[]:1", "ipv6:%5B"}) {
    EXPECT_EQ(PeerOf(peer).address(), AddressKey{}) << peer;
  }
}

TEST(PeerOf, AddressIsTheSameAsOfItsText) {
  sockaddr_storage storage{};
  auto& ipv4 = reinterpret_cast<sockaddr_in&>(storage);
  ipv4.sin_family = AF_INET;
  ASSERT_EQ(inet_pton(AF_INET, "192.0.2.1", &ipv4.sin_addr), 1);
  EXPECT_EQ(PeerOf(storage).address(), PeerOf("ipv4:192.0.2.1:4711").address());
  storage = {};
  auto& ipv6 = reinterpret_cast<sockaddr_in6&>(storage);
  ipv6.sin6_family = AF_INET6;
  ASSERT_EQ(inet_pton(AF_INET6, "2001:db8:1:2::1", &ipv6.sin6_addr), 1);
  EXPECT_EQ(PeerOf(storage).address(), PeerOf("ipv6:[2001:db8:1:2::5]:4711").address());
  ASSERT_EQ(inet_pton(AF_INET6, "::ffff:192.0.2.1", &ipv6.sin6_addr), 1);
  EXPECT_EQ(PeerOf(storage).address(), PeerOf("ipv4:192.0.2.1:4711").address());
  storage = {};
  EXPECT_EQ(PeerOf(storage).address(), AddressKey{});
}

TEST(PeerOf, IsHostAndPortHoweverItIsWritten) {
  sockaddr_storage storage{};
  auto& ipv4 = reinterpret_cast<sockaddr_in&>(storage);
  ipv4.sin_family = AF_INET;
  ipv4.sin_port = htons(4711);
  ASSERT_EQ(inet_pton(AF_INET, "192.0.2.1", &ipv4.sin_addr), 1);
  EXPECT_EQ(PeerOf(storage), PeerOf("ipv4:192.0.2.1:4711"));
  EXPECT_NE(PeerOf(storage), PeerOf("ipv4:192.0.2.1:4712"));
  storage = {};
  auto& ipv6 = reinterpret_cast<sockaddr_in6&>(storage);
  ipv6.sin6_family = AF_INET6;
  ipv6.sin6_port = htons(4711);
  ASSERT_EQ(inet_pton(AF_INET6, "2001:db8:1:2::1", &ipv6.sin6_addr), 1);
  EXPECT_EQ(PeerOf(storage), PeerOf("ipv6:%5B2001:db8:1:2::1%5D:4711"));
  EXPECT_NE(PeerOf(storage), PeerOf("ipv6:[2001:db8:1:2::2]:4711")) << "of the same household";
  EXPECT_EQ(PeerOf("unix:/tmp/x").port, 0);
  EXPECT_EQ(PeerOf("").port, 0);
}

TEST(IsThisMachine, IsLoopbackOnly) {
  EXPECT_TRUE(IsThisMachine(PeerOf("ipv4:127.0.0.1:1").address()));
  EXPECT_TRUE(IsThisMachine(PeerOf("ipv4:127.8.9.1:1").address()));
  EXPECT_TRUE(IsThisMachine(PeerOf("ipv6:[::1]:1").address()));
  EXPECT_FALSE(IsThisMachine(PeerOf("ipv4:192.0.2.1:1").address()));
  EXPECT_FALSE(IsThisMachine(PeerOf("ipv6:[2001:db8::1]:1").address()));
}

}  // namespace
}  // namespace renkei::server
