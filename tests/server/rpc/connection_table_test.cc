#include "server/rpc/connection_table.h"

#include <gtest/gtest.h>

#include "server/rpc/peer_address.h"

namespace renkei::server {
namespace {

constexpr Millis kStart = {1'000'000};

class ConnectionTableTest : public ::testing::Test {
 protected:
  bool Connect(int descriptor, const std::string& peer) {
    if (!table_.Admits(PeerOf(peer).address(), now_)) {
      return false;
    }
    sockets_[descriptor] = ++made_;
    table_.Add(descriptor, PeerOf(peer));
    return true;
  }
  // As gRPC does it: nobody is told.
  void Close(int descriptor) { sockets_.erase(descriptor); }

  std::map<int, std::uint64_t> sockets_;
  std::uint64_t made_ = 0;
  std::size_t looked_ = 0;
  Millis now_ = kStart;
  ConnectionTable table_{{.all = 5, .of_address = 2}, [this](int descriptor) {
                           ++looked_;
                           const auto it = sockets_.find(descriptor);
                           return it == sockets_.end() ? std::uint64_t{0} : it->second;
                         }};
};

TEST_F(ConnectionTableTest, AnAddressHasItsNumber) {
  EXPECT_TRUE(Connect(3, "ipv4:192.0.2.1:1"));
  EXPECT_TRUE(Connect(4, "ipv4:192.0.2.1:2"));
  EXPECT_FALSE(Connect(5, "ipv4:192.0.2.1:3"));
  EXPECT_TRUE(Connect(5, "ipv4:192.0.2.2:3"));
}

TEST_F(ConnectionTableTest, ThisMachineHasNoNumberOfItsOwnButAllHave) {
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(Connect(3 + i, i % 2 == 0 ? "ipv4:127.0.0.1:1" : "ipv6:[::1]:1"));
  }
  EXPECT_FALSE(Connect(9, "ipv4:127.0.0.1:1"));
  EXPECT_FALSE(Connect(9, "ipv4:192.0.2.1:1"));
}

TEST_F(ConnectionTableTest, WhatWasClosedMakesRoom) {
  EXPECT_TRUE(Connect(3, "ipv4:192.0.2.1:1"));
  EXPECT_TRUE(Connect(4, "ipv4:192.0.2.1:2"));
  Close(3);
  EXPECT_TRUE(Connect(3, "ipv4:192.0.2.1:3"));
  EXPECT_EQ(table_.size(), 2U);
  EXPECT_FALSE(Connect(5, "ipv4:192.0.2.1:4"));
}

TEST_F(ConnectionTableTest, ADescriptorThatAnotherSocketHasNowIsNotTheOldConnection) {
  EXPECT_TRUE(Connect(3, "ipv4:192.0.2.1:1"));
  EXPECT_TRUE(Connect(4, "ipv4:192.0.2.1:2"));
  sockets_[3] = ++made_;  // closed, and opened again by somebody else in the process
  EXPECT_TRUE(Connect(7, "ipv4:192.0.2.1:3"));
}

TEST_F(ConnectionTableTest, ADescriptorThatComesAgainIsCountedOnce) {
  EXPECT_TRUE(Connect(3, "ipv4:192.0.2.1:1"));
  EXPECT_TRUE(Connect(3, "ipv4:192.0.2.2:1"));
  EXPECT_EQ(table_.size(), 1U);
  EXPECT_TRUE(Connect(4, "ipv4:192.0.2.1:1"));
  EXPECT_TRUE(Connect(5, "ipv4:192.0.2.1:1"));
}

TEST_F(ConnectionTableTest, AFloodDoesNotMakeItLookEachTime) {
  EXPECT_TRUE(Connect(3, "ipv4:192.0.2.1:1"));
  EXPECT_TRUE(Connect(4, "ipv4:192.0.2.1:2"));
  const std::size_t before = looked_;
  for (int i = 0; i < 1000; ++i) {
    EXPECT_FALSE(Connect(5, "ipv4:192.0.2.1:3"));
  }
  EXPECT_EQ(looked_ - before, 2U);
  Close(3);
  now_ = now_ + Millis{100};
  EXPECT_TRUE(Connect(5, "ipv4:192.0.2.1:3"));
}

TEST_F(ConnectionTableTest, AConnectionIsFoundByItsOtherEndAsLongAsItIsOpen) {
  EXPECT_TRUE(Connect(3, "ipv4:192.0.2.1:1"));
  EXPECT_TRUE(Connect(4, "ipv4:192.0.2.1:2"));
  EXPECT_EQ(table_.Find(PeerOf("ipv4:192.0.2.1:2")), 4);
  EXPECT_EQ(table_.Find(PeerOf("ipv4:192.0.2.1:3")), -1);
  EXPECT_EQ(table_.Find(PeerOf("ipv4:192.0.2.2:2")), -1);
  Close(4);
  EXPECT_EQ(table_.Find(PeerOf("ipv4:192.0.2.1:2")), -1);
}

TEST_F(ConnectionTableTest, ABannedAddressWaits) {
  table_.Ban(PeerOf("ipv4:192.0.2.1:1").address(), now_);
  EXPECT_FALSE(Connect(3, "ipv4:192.0.2.1:2"));
  EXPECT_TRUE(Connect(3, "ipv4:192.0.2.2:2"));
  now_ = now_ + ConnectionTable::kBan;
  EXPECT_TRUE(Connect(4, "ipv4:192.0.2.1:2"));
}

TEST_F(ConnectionTableTest, ThisMachineIsNeverBanned) {
  table_.Ban(PeerOf("ipv4:127.0.0.1:1").address(), now_);
  table_.Ban(PeerOf("ipv6:[::1]:1").address(), now_);
  EXPECT_TRUE(Connect(3, "ipv4:127.0.0.1:2"));
  EXPECT_TRUE(Connect(4, "ipv6:[::1]:2"));
}

TEST_F(ConnectionTableTest, HoweverManyAreBannedMemoryIsBounded) {
  for (int i = 0; i < 100'000; ++i) {
    AddressKey address{};
    address[0] = 0x20;
    address[2] = static_cast<std::uint8_t>(i);
    address[3] = static_cast<std::uint8_t>(i >> 8);
    address[4] = static_cast<std::uint8_t>(i >> 16);
    table_.Ban(address, now_);
  }
  EXPECT_EQ(table_.banned(), ConnectionTable::kMaxBanned);
  now_ = now_ + ConnectionTable::kBan;
  table_.Ban(PeerOf("ipv4:192.0.2.1:1").address(), now_);
  EXPECT_EQ(table_.banned(), 1U) << "the others' time is over";
}

}  // namespace
}  // namespace renkei::server
