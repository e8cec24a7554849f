#include "client/net/retry_info.h"

#include <algorithm>

#include "client/core/relay.h"
#include "renkei/relay/v1/status.pb.h"

namespace renkei::client {
namespace {

constexpr std::string_view kRetryInfo = "/google.rpc.RetryInfo";
constexpr std::string_view kErrorInfo = "/google.rpc.ErrorInfo";

}  // namespace

Millis RetryDelayOf(const std::string& details) {
  relay::v1::StatusDetails parsed;
  if (!parsed.ParseFromString(details)) {
    return Millis{0};
  }
  for (const auto& detail : parsed.details()) {
    relay::v1::RetryInfo info;
    if (detail.type_url().ends_with(kRetryInfo) && info.ParseFromString(detail.value())) {
      const std::int64_t seconds =
          std::clamp<std::int64_t>(info.retry_delay().seconds(), 0, kMaxAskedWait.value / 1000);
      const std::int64_t nanos =
          std::clamp<std::int64_t>(info.retry_delay().nanos(), 0, 999'999'999);
      // Rounded up: no sooner than this.
      return std::min(Millis{seconds * 1000 + (nanos + 999'999) / 1'000'000}, kMaxAskedWait);
    }
  }
  return Millis{0};
}

bool SaysStoreIsFull(const std::string& details) {
  relay::v1::StatusDetails parsed;
  if (!parsed.ParseFromString(details)) {
    return false;
  }
  return std::any_of(parsed.details().begin(), parsed.details().end(), [](const auto& detail) {
    relay::v1::ErrorInfo info;
    return detail.type_url().ends_with(kErrorInfo) && info.ParseFromString(detail.value()) &&
           info.domain() == "renkei" && info.reason() == "STORED_BYTES";
  });
}

}  // namespace renkei::client
