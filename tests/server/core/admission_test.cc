#include "server/core/admission.h"

#include <gtest/gtest.h>

#include <list>

namespace renkei::server {
namespace {

constexpr Millis kNow = {1'000'000};

Caller CallerOf(std::uint8_t institution, std::uint8_t device) {
  Caller out;
  out.person.institution.bytes.fill(institution);
  out.device.bytes.fill(device);
  return out;
}

AddressKey AddressOf(std::uint32_t number) {
  AddressKey out{};
  for (std::size_t i = 0; i < 4; ++i) {
    out[i] = static_cast<std::uint8_t>(number >> (8 * i));
  }
  return out;
}

const Admission::Refused* RefusedOf(const Admission::Verdict& verdict) {
  return std::get_if<Admission::Refused>(&verdict);
}

// The name of the limit that was met, or "in".
std::string SaidOf(const Admission::Verdict& verdict) {
  const auto* refused = RefusedOf(verdict);
  return refused == nullptr ? "in" : LimitName(refused->limit);
}

AdmissionLimits Small() {
  AdmissionLimits limits = NoLimits();
  limits.device = {{1, 3}, {1, 10}, 2, 1};
  limits.institution = {{1, 5}, {1, 15}, 3, 2};
  limits.address = {{1, 2}, {1, 10}, 1, 0};
  limits.strangers = {{1, 4}, {1, 100}, 2, 0};
  return limits;
}

TEST(Admission, ADeviceHasItsOwnRateAndIsToldWhenToComeAgain) {
  Admission admission(Small());
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(SaidOf(admission.Enter(CallerOf(1, 1), {}, kNow)), "in");
  }
  const auto verdict = admission.Enter(CallerOf(1, 1), {}, kNow);
  ASSERT_EQ(SaidOf(verdict), "device_calls");
  EXPECT_EQ(SaidOf(admission.Enter(CallerOf(1, 2), {}, kNow)), "in") << "a colleague's";
  EXPECT_EQ(SaidOf(admission.Enter(CallerOf(1, 1), {}, kNow + RefusedOf(verdict)->wait)), "in");
}

TEST(Admission, AnInstitutionsDevicesShareARate) {
  Admission admission(Small());
  for (std::uint8_t device = 1; device <= 5; ++device) {
    EXPECT_EQ(SaidOf(admission.Enter(CallerOf(1, device), {}, kNow)), "in");
  }
  EXPECT_EQ(SaidOf(admission.Enter(CallerOf(1, 6), {}, kNow)), "institution_calls");
  EXPECT_EQ(SaidOf(admission.Enter(CallerOf(2, 7), {}, kNow)), "in") << "another institution's";
}

TEST(Admission, WeightCountsAsCalls) {
  Admission admission(Small());
  EXPECT_EQ(SaidOf(admission.Enter(CallerOf(1, 1), {.weight = 3}, kNow)), "in");
  EXPECT_EQ(SaidOf(admission.Enter(CallerOf(1, 1), {}, kNow)), "device_calls");
}

TEST(Admission, BytesOfRequestsAndAnswersCount) {
  Admission admission(Small());
  auto verdict = admission.Enter(CallerOf(1, 1), {.bytes = 4 << 10}, kNow);
  ASSERT_EQ(SaidOf(verdict), "in");
  std::get<Admission::Pass>(verdict).Spend(5 << 10, kNow);
  EXPECT_EQ(SaidOf(admission.Enter(CallerOf(1, 1), {.bytes = 2 << 10}, kNow)), "device_bytes");
  EXPECT_EQ(SaidOf(admission.Enter(CallerOf(1, 1), {.bytes = 1}, kNow)), "in");
  EXPECT_EQ(SaidOf(admission.Enter(CallerOf(1, 2), {.bytes = 8 << 10}, kNow)), "institution_bytes");
}

TEST(Admission, WhatIsUnderWayCountsUntilItEnds) {
  Admission admission(Small());
  std::list<Admission::Verdict> held;  // a pass is moved, never assigned
  held.push_back(admission.Enter(CallerOf(1, 1), {}, kNow));
  held.push_back(admission.Enter(CallerOf(1, 1), {}, kNow));
  EXPECT_EQ(SaidOf(admission.Enter(CallerOf(1, 1), {}, kNow)), "device_under_way");
  held.push_back(admission.Enter(CallerOf(1, 2), {}, kNow));
  EXPECT_EQ(SaidOf(admission.Enter(CallerOf(1, 3), {}, kNow)), "institution_under_way");
  held.erase(held.begin());
  EXPECT_EQ(SaidOf(admission.Enter(CallerOf(1, 1), {}, kNow)), "in");
}

TEST(Admission, StreamsCountBesideCalls) {
  Admission admission(Small());
  const auto stream = admission.Enter(CallerOf(1, 1), {.is_stream = true}, kNow);
  EXPECT_EQ(SaidOf(stream), "in");
  EXPECT_EQ(SaidOf(admission.Enter(CallerOf(1, 1), {.is_stream = true}, kNow)), "device_streams");
  EXPECT_EQ(SaidOf(admission.Enter(CallerOf(1, 1), {}, kNow)), "in") << "a call is no stream";
  const auto second = admission.Enter(CallerOf(1, 2), {.is_stream = true}, kNow);
  EXPECT_EQ(SaidOf(admission.Enter(CallerOf(1, 3), {.is_stream = true}, kNow)),
            "institution_streams");
}

TEST(Admission, MessagesOfAStreamCountAsCallsThatAreNotUnderWay) {
  AdmissionLimits limits = Small();
  limits.device.under_way = 0;
  limits.institution.calls.burst = 4;
  Admission admission(limits);
  const auto stream = admission.Enter(CallerOf(1, 1), {.is_stream = true}, kNow);
  ASSERT_EQ(SaidOf(stream), "in");
  EXPECT_FALSE(admission.Message(CallerOf(1, 1), {.bytes = 5 << 10}, kNow));
  EXPECT_EQ(admission.Message(CallerOf(1, 1), {.bytes = 6 << 10}, kNow)->limit,
            LimitOf(Party::kDevice, Measure::kBytes));
  EXPECT_FALSE(admission.Message(CallerOf(1, 1), {}, kNow));
  const auto refused = admission.Message(CallerOf(1, 1), {}, kNow);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->limit, LimitOf(Party::kDevice, Measure::kCalls));
  EXPECT_GT(refused->wait, Millis{0});
  // The refused ones took nothing: the institution has one left.
  EXPECT_FALSE(admission.Message(CallerOf(1, 2), {}, kNow));
  EXPECT_EQ(admission.Message(CallerOf(1, 3), {}, kNow)->limit,
            LimitOf(Party::kInstitution, Measure::kCalls));
}

TEST(Admission, WhatEveryDeviceWouldReadIsScarcer) {
  AdmissionLimits limits = NoLimits();
  limits.institution.news = {1, 10};
  Admission admission(limits);
  EXPECT_EQ(SaidOf(admission.Enter(CallerOf(1, 1), {.news = 8}, kNow)), "in");
  const auto verdict = admission.Enter(CallerOf(1, 2), {.news = 8}, kNow);
  ASSERT_EQ(SaidOf(verdict), "institution_news");
  EXPECT_GT(RefusedOf(verdict)->wait, Seconds(5));
  EXPECT_EQ(SaidOf(admission.Enter(CallerOf(1, 2), {}, kNow)), "in") << "other calls go on";
  EXPECT_EQ(SaidOf(admission.Enter(CallerOf(2, 3), {.news = 8}, kNow)), "in");
}

TEST(Admission, WhoIsRefusedByOneLimitTakesNothingFromTheOthers) {
  AdmissionLimits limits = Small();
  limits.institution.calls.burst = 1;
  Admission admission(limits);
  EXPECT_EQ(SaidOf(admission.Enter(CallerOf(1, 1), {}, kNow)), "in");
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(SaidOf(admission.Enter(CallerOf(1, 2), {}, kNow)), "institution_calls");
  }
  // Had the refused calls cost the device anything, it would be in debt now.
  EXPECT_EQ(SaidOf(admission.Enter(CallerOf(1, 2), {}, kNow + Seconds(1))), "in");
}

TEST(Admission, StrangersHaveARateEachAndOneTogether) {
  Admission admission(Small());
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(SaidOf(admission.EnterStranger(AddressOf(1), {}, kNow)), "in");
  }
  EXPECT_EQ(SaidOf(admission.EnterStranger(AddressOf(1), {}, kNow)), "address_calls");
  EXPECT_EQ(SaidOf(admission.EnterStranger(AddressOf(2), {}, kNow)), "in");
  EXPECT_EQ(SaidOf(admission.EnterStranger(AddressOf(3), {}, kNow)), "in");
  EXPECT_EQ(SaidOf(admission.EnterStranger(AddressOf(4), {}, kNow)), "strangers_calls");
  EXPECT_EQ(SaidOf(admission.Enter(CallerOf(1, 1), {}, kNow)), "in") << "with a certificate";
}

TEST(Admission, RemembersAFixedNumberOfAddresses) {
  AdmissionLimits limits = NoLimits();
  limits.address.calls = {0, 1};
  Admission admission(limits);
  for (std::uint32_t i = 0; i < 3 * Admission::kMaxAddresses; ++i) {
    EXPECT_EQ(SaidOf(admission.EnterStranger(AddressOf(i), {}, kNow)), "in");
  }
  EXPECT_EQ(admission.size(), Admission::kMaxAddresses);
  EXPECT_EQ(SaidOf(admission.EnterStranger(AddressOf(3 * Admission::kMaxAddresses - 1), {}, kNow)),
            "address_calls")
      << "the newest is remembered";
}

TEST(Admission, WhoHasACallUnderWayIsNotForgotten) {
  AdmissionLimits limits = NoLimits();
  limits.address.under_way = 1;
  Admission admission(limits);
  const auto held = admission.EnterStranger(AddressOf(0), {}, kNow);
  for (std::uint32_t i = 1; i < 2 * Admission::kMaxAddresses; ++i) {
    EXPECT_EQ(SaidOf(admission.EnterStranger(AddressOf(i), {}, kNow)), "in");
  }
  EXPECT_EQ(SaidOf(admission.EnterStranger(AddressOf(0), {}, kNow)), "address_under_way");
}

}  // namespace
}  // namespace renkei::server
