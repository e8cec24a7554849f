#include "server/limit_settings.h"

#include <gtest/gtest.h>

namespace renkei::server {
namespace {

void ExpectRate(const Rate& rate, std::uint32_t per_second, std::uint32_t burst) {
  EXPECT_EQ(rate.per_second, per_second);
  EXPECT_EQ(rate.burst, burst);
}

// What tests and benches use without a file is what an operator gets without one.
TEST(LimitSettings, DefaultsAreTheOnesOfAdmission) {
  const AdmissionLimits from_file = LimitsOf(Settings());
  const AdmissionLimits by_code;
  const auto expect_same = [](const Allowance& a, const Allowance& b) {
    ExpectRate(a.calls, b.calls.per_second, b.calls.burst);
    ExpectRate(a.kib, b.kib.per_second, b.kib.burst);
    ExpectRate(a.news, b.news.per_second, b.news.burst);
    EXPECT_EQ(a.under_way, b.under_way);
    EXPECT_EQ(a.streams, b.streams);
  };
  expect_same(from_file.device, by_code.device);
  expect_same(from_file.institution, by_code.institution);
  expect_same(from_file.address, by_code.address);
  expect_same(from_file.strangers, by_code.strangers);
}

TEST(LimitSettings, StoredBytesAreMebibytesAndTheirDefaultsThoseOfTheCore) {
  EXPECT_EQ(StoredLimitsOf(Settings()).device_bytes, StoredLimits().device_bytes);
  EXPECT_EQ(StoredLimitsOf(Settings()).institution_bytes, StoredLimits().institution_bytes);
  Settings settings;
  settings.stored_mib = 2;
  settings.institution_stored_mib = 1'000'000'000;
  EXPECT_EQ(StoredLimitsOf(settings).device_bytes, std::uint64_t{2} << 20U);
  EXPECT_EQ(StoredLimitsOf(settings).institution_bytes, std::uint64_t{1'000'000'000} << 20U);
}

TEST(LimitSettings, SharesOfReadersFollowFromTheWhole) {
  const ReaderShares by_code;
  const ReaderShares shares = ReaderSharesOf(Settings());
  EXPECT_EQ(shares.all, by_code.all);
  EXPECT_EQ(shares.institution, by_code.institution);
  EXPECT_EQ(shares.device, by_code.device);
  Settings settings;
  settings.unread_mib = 160;
  EXPECT_EQ(ReaderSharesOf(settings).institution, std::size_t{40} << 20U);
  EXPECT_EQ(ReaderSharesOf(settings).device, std::size_t{10} << 20U);
}

TEST(LimitSettings, WhoRaisesADevicesCallsRaisesWhatFollowsFromThem) {
  Settings settings;
  settings.calls_per_second = 1000;
  settings.calls_burst = 5000;
  const AdmissionLimits limits = LimitsOf(settings);
  ExpectRate(limits.device.calls, 1000, 5000);
  ExpectRate(limits.device.kib, 40'000, 640'000);
  ExpectRate(limits.institution.calls, 10'000, 50'000);
  ExpectRate(limits.institution.kib, 400'000, 6'400'000);
}

TEST(LimitSettings, WhatIsSetIsTakenAsItIs) {
  Settings settings;
  settings.kib_per_second = 7;
  settings.institution_kib_per_second = 8;
  settings.institution_calls_under_way = 9;
  settings.address_calls_burst = 10;
  settings.strangers_calls_under_way = 11;
  const AdmissionLimits limits = LimitsOf(settings);
  EXPECT_EQ(limits.device.kib.per_second, 7U);
  EXPECT_EQ(limits.institution.kib.per_second, 8U);
  EXPECT_EQ(limits.institution.under_way, 9U);
  EXPECT_EQ(limits.address.calls.burst, 10U);
  EXPECT_EQ(limits.strangers.under_way, 11U);
}

// Settings at their largest overflow nothing.
TEST(LimitSettings, TheLargestSettingsAreStillLimits) {
  Settings settings;
  settings.calls_per_second = 100'000;
  settings.calls_burst = 1'000'000;
  settings.kib_burst = 100'000'000;
  settings.calls_under_way = 1'000'000;
  const AdmissionLimits limits = LimitsOf(settings);
  EXPECT_EQ(limits.institution.kib.burst, 1'000'000'000U);
  EXPECT_EQ(limits.institution.under_way, 10'000'000U);
  settings.kib_burst = 4'000'000'000;
  EXPECT_EQ(LimitsOf(settings).institution.kib.burst, UINT32_MAX);
}

}  // namespace
}  // namespace renkei::server
