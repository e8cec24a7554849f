// Who sent much that no request explains.
#include "server/rpc/byte_ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace renkei::server {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20U;
const Peer kNurse = PeerOf("ipv4:192.0.2.1:1000");
const Peer kColleague = PeerOf("ipv4:192.0.2.1:1001");
const Peer kStranger = PeerOf("ipv4:198.51.100.7:2000");

class ByteLedgerTest : public ::testing::Test {
 protected:
  // A round four times a second, of everybody with what they received so far.
  std::vector<Peer> Round(const std::vector<std::pair<Peer, std::uint64_t>>& received,
                          bool is_short = false) {
    now_ = now_ + Millis{250};
    for (const auto& [peer, bytes] : received) {
      ledger_.Look(peer, {bytes, sent_}, now_);
    }
    ledger_.EndRound();
    return ledger_.TakeWorst(is_short);
  }

  Millis now_ = {1'000'000};
  std::uint64_t sent_ = 0;
  ByteLedger ledger_{{.connection = 32 * kMiB, .all = 64 * kMiB}};
};

TEST_F(ByteLedgerTest, WhoseRequestsArriveIsLeftAlone) {
  std::uint64_t received = 0;
  for (int i = 0; i < 1000; ++i) {
    received += 8 * kMiB + 20'000;  // headers and frames beside it
    ledger_.Explain(kNurse, 8 * kMiB);
    EXPECT_THAT(Round({{kNurse, received}}, true), IsEmpty());
  }
}

TEST_F(ByteLedgerTest, AConnectionOverItsBoundIsNamedOnce) {
  EXPECT_THAT(Round({{kNurse, 32 * kMiB}}), IsEmpty());
  EXPECT_THAT(Round({{kNurse, 33 * kMiB}}), ElementsAre(kNurse));
  EXPECT_THAT(Round({}), IsEmpty());
  EXPECT_EQ(ledger_.size(), 0U);
}

TEST_F(ByteLedgerTest, WhatArrivesLateIsForgiven) {
  EXPECT_THAT(Round({{kNurse, 30 * kMiB}}), IsEmpty());
  ledger_.Explain(kNurse, 30 * kMiB);
  EXPECT_THAT(Round({{kNurse, 60 * kMiB}}), IsEmpty());
}

TEST_F(ByteLedgerTest, NothingIsSavedUp) {
  for (int i = 0; i < 10; ++i) {
    ledger_.Explain(kNurse, 32 * kMiB);
    EXPECT_THAT(Round({{kNurse, 100}}), IsEmpty());
  }
  EXPECT_THAT(Round({{kNurse, 33 * kMiB}}), ElementsAre(kNurse));
}

TEST_F(ByteLedgerTest, WhoIsSentMuchAcknowledgesIt) {
  std::uint64_t received = 0;
  for (int i = 0; i < 1000; ++i) {
    sent_ += 8 * kMiB;
    received += kMiB;
    EXPECT_THAT(Round({{kNurse, received}}, true), IsEmpty());
  }
}

TEST_F(ByteLedgerTest, OverTheBoundOfAllTheWorstOfTheWorstAddressGo) {
  std::vector<std::pair<Peer, std::uint64_t>> all = {{kNurse, 7 * kMiB}, {kColleague, 7 * kMiB}};
  for (std::uint16_t i = 0; i < 60; ++i) {
    all.emplace_back(Peer{kStranger.host, i}, kMiB);
  }
  const std::vector<Peer> named = Round(all);
  EXPECT_EQ(named.size(), 60U) << "74 MiB: the office has most of one connection, not of all";
  EXPECT_THAT(named, testing::Not(testing::Contains(kNurse)));
}

TEST_F(ByteLedgerTest, OfOneAddressOnlyWhoHasMuchOfItGoes) {
  std::vector<std::pair<Peer, std::uint64_t>> all = {{kNurse, kMiB}};
  all.emplace_back(PeerOf("ipv4:192.0.2.1:2000"), 31 * kMiB);
  all.emplace_back(PeerOf("ipv4:192.0.2.1:2001"), 30 * kMiB);
  all.emplace_back(PeerOf("ipv4:192.0.2.1:2002"), 10 * kMiB);
  EXPECT_THAT(Round(all), UnorderedElementsAre(all[1].first, all[2].first, all[3].first));
}

TEST_F(ByteLedgerTest, IfMemoryIsShortWhoHasMostGoesHoweverLittleItIs) {
  EXPECT_THAT(Round({{kNurse, 70 << 10U}, {kStranger, 200 << 10U}}, false), IsEmpty());
  EXPECT_THAT(Round({{kNurse, 70 << 10U}, {kStranger, 200 << 10U}}, true), ElementsAre(kStranger));
}

TEST_F(ByteLedgerTest, IfMemoryIsShortAndNobodyFloodsNobodyGoes) {
  EXPECT_THAT(Round({{kNurse, 60 << 10U}, {kStranger, 50 << 10U}}, true), IsEmpty());
  EXPECT_THAT(Round({}, true), IsEmpty());
}

TEST_F(ByteLedgerTest, TwoOfOneHouseholdWithTheSamePortAreTwo) {
  const Peer one = PeerOf("ipv6:[2001:db8:1:2::1]:4711");
  const Peer two = PeerOf("ipv6:[2001:db8:1:2::2]:4711");
  std::uint64_t received = 0;
  for (int i = 0; i < 10; ++i) {
    received += 8 * kMiB;
    ledger_.Explain(one, 8 * kMiB);
    EXPECT_THAT(Round({{one, received}, {two, 1000}}), IsEmpty());
  }
}

TEST_F(ByteLedgerTest, AnotherConnectionFromTheSamePortBeginsAnew) {
  EXPECT_THAT(Round({{kNurse, 30 * kMiB}}), IsEmpty());
  EXPECT_THAT(Round({{kNurse, 20 * kMiB}}), IsEmpty()) << "20 of its own";
  EXPECT_THAT(Round({{kNurse, 33 * kMiB}}), ElementsAre(kNurse));
}

}  // namespace
}  // namespace renkei::server
