#include "server/limit_settings.h"

#include <algorithm>
#include <cstdint>

namespace renkei::server {
namespace {

std::uint32_t Or(std::uint32_t setting, std::uint64_t derived) {
  return setting != 0 ? setting
                      : static_cast<std::uint32_t>(std::min<std::uint64_t>(derived, UINT32_MAX));
}

}  // namespace

AdmissionLimits LimitsOf(const Settings& from) {
  constexpr std::uint64_t kDevices = 10;
  AdmissionLimits out;
  const Rate calls = {from.calls_per_second, from.calls_burst};
  const Rate kib = {Or(from.kib_per_second, std::uint64_t{40} * calls.per_second),
                    Or(from.kib_burst, std::uint64_t{128} * calls.burst)};
  out.device = {calls, kib, from.calls_under_way, from.streams};
  out.institution = {{Or(from.institution_calls_per_second, kDevices * calls.per_second),
                      Or(from.institution_calls_burst, kDevices * calls.burst)},
                     {Or(from.institution_kib_per_second, kDevices * kib.per_second),
                      Or(from.institution_kib_burst, kDevices * kib.burst)},
                     Or(from.institution_calls_under_way, kDevices * from.calls_under_way),
                     from.institution_streams};
  out.address.calls = {from.address_calls_per_second, from.address_calls_burst};
  out.address.under_way = from.address_calls_under_way;
  out.strangers.calls = {from.strangers_calls_per_second, from.strangers_calls_burst};
  out.strangers.under_way = from.strangers_calls_under_way;
  return out;
}

StoredLimits StoredLimitsOf(const Settings& from) {
  return {std::uint64_t{from.stored_mib} << 20U, std::uint64_t{from.institution_stored_mib} << 20U};
}

ReaderShares ReaderSharesOf(const Settings& from) {
  ReaderShares out;
  out.all = std::size_t{from.unread_mib} << 20U;
  out.institution = out.all / 4;
  out.device = out.all / 16;
  return out;
}

}  // namespace renkei::server
