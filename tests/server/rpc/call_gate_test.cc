// How many calls a connection may begin, whatever it does with them.
#include "server/rpc/call_gate.h"

#include <gtest/gtest.h>

#include <vector>

namespace renkei::server {
namespace {

constexpr Millis kNow = {1'000'000};

class CountingMeter final : public Meter {
 public:
  void LimitHit(Limit limit) override {
    if (limit == Limit::kConnectionCalls) {
      ++of_connection;
    } else if (limit == Limit::kAllConnectionsCalls) {
      ++of_all;
    }
  }
  std::size_t of_connection = 0;
  std::size_t of_all = 0;
};

// A device 5 a second and 50 at once, so a connection 50 and 100; an address half as many; all
// together 300 at once, all strangers 200.
AdmissionLimits Small() {
  AdmissionLimits out;
  out.device.calls = {5, 50};
  out.address.calls = {3, 25};
  out.institution.calls = {100, 150};
  out.strangers.calls = {10, 100};
  return out;
}

class Gate : public ::testing::Test {
 protected:
  std::size_t Try(int connection, std::size_t calls, bool is_certified = true, Millis at = kNow) {
    std::size_t admitted = 0;
    for (std::size_t i = 0; i < calls; ++i) {
      admitted += gate.Admits(&connections_[connection], is_certified, at) ? 1 : 0;
    }
    return admitted;
  }

  CountingMeter meter;
  CallGate gate{Small(), meter};

  bool IsFlooding(int connection, Millis at) {
    return gate.IsFlooding(&connections_[connection], at);
  }

 private:
  char connections_[16] = {};
};

TEST_F(Gate, ConnectionBeginsTwiceWhatItsDeviceMayAtOnce) {
  EXPECT_EQ(Try(0, 500), 100U);
  EXPECT_EQ(meter.of_connection, 400U);
  EXPECT_EQ(Try(0, 500, true, kNow + Seconds(1)), 50U) << "ten times its calls a second";
}

TEST_F(Gate, OneOverItsLimitTakesNothingFromTheOthers) {
  EXPECT_EQ(Try(0, 5000), 100U);
  EXPECT_EQ(Try(1, 100), 100U);
  EXPECT_EQ(meter.of_all, 0U);
}

TEST_F(Gate, AllTogetherAreBounded) {
  std::size_t admitted = 0;
  for (int connection = 0; connection < 16; ++connection) {
    admitted += Try(connection, 100);
  }
  EXPECT_EQ(admitted, 300U);
  EXPECT_EQ(meter.of_all, 1300U);
}

TEST_F(Gate, StrangersHaveTheirOwn) {
  EXPECT_EQ(Try(0, 500, false), 50U);
  for (int connection = 1; connection < 10; ++connection) {
    (void)Try(connection, 100, false);
  }
  EXPECT_EQ(Try(10, 1, false), 0U) << "all strangers' are used";
  EXPECT_EQ(Try(11, 100), 100U) << "which whoever has a certificate does not notice";
}

TEST_F(Gate, WhoIsRefusedAndGoesOnIsFloodingAtThatMoment) {
  EXPECT_EQ(Try(0, 300), 100U);
  EXPECT_FALSE(gate.MayHaveFlood()) << "refused 200 times";
  EXPECT_EQ(Try(0, 1), 0U);
  EXPECT_TRUE(gate.MayHaveFlood());
  EXPECT_TRUE(IsFlooding(0, kNow));
  EXPECT_FALSE(IsFlooding(1, kNow)) << "another connection";
  EXPECT_FALSE(IsFlooding(0, kNow + CallGate::kThisMoment)) << "by now it may be another one";
  EXPECT_FALSE(gate.MayHaveFlood());
}

TEST_F(Gate, WhoIsRefusedNowAndThenIsNotFlooding) {
  for (int second = 0; second < 60; ++second) {
    EXPECT_EQ(Try(0, second == 0 ? 120 : 70, true, kNow + Seconds(second)),
              second == 0 ? 100U : 50U);
    EXPECT_FALSE(gate.MayHaveFlood());
  }
}

TEST_F(Gate, ClosedItAdmitsNobodyAndCountsNothing) {
  gate.Close();
  EXPECT_EQ(Try(0, 500), 0U);
  EXPECT_EQ(meter.of_connection, 0U);
}

TEST(KeptGate, LivesUntilItIsLetGo) {
  Meter meter;
  auto gate = std::make_shared<CallGate>(Small(), meter);
  const std::weak_ptr<CallGate> seen = gate;
  CallGate* const kept = CallGate::Keep(std::move(gate));
  ASSERT_FALSE(seen.expired());
  EXPECT_TRUE(kept->Admits(&kNow, true, kNow));
  kept->LetGo();
  EXPECT_TRUE(seen.expired());
}

TEST_F(Gate, LimitsThatAreNoneStayNone) {
  CallGate open(NoLimits(), meter);
  int connection = 0;
  for (int i = 0; i < 100'000; ++i) {
    ASSERT_TRUE(open.Admits(&connection, true, kNow));
  }
}

TEST_F(Gate, MemoryIsBoundedHoweverManyCome) {
  std::vector<char> connections(5 * CallGate::kMaxConnections);
  for (const char& connection : connections) {
    (void)gate.Admits(&connection, true, kNow);
  }
  EXPECT_LE(gate.size(), 2 * CallGate::kMaxConnections);
  EXPECT_GT(gate.size(), CallGate::kMaxConnections / 2);
}

TEST_F(Gate, WhoComesAgainIsNotForgotten) {
  (void)Try(0, 100);
  std::vector<char> connections(CallGate::kMaxConnections);
  for (const char& connection : connections) {
    (void)gate.Admits(&connection, true, kNow);
  }
  EXPECT_EQ(Try(0, 10), 0U);
}

}  // namespace
}  // namespace renkei::server
