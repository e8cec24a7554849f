#include "client/net/retry_info.h"

#include <gtest/gtest.h>

#include "client/core/relay.h"
#include "crypto/base/bytes.h"
#include "renkei/relay/v1/status.pb.h"

namespace renkei::client {
namespace {

std::string Details(std::int64_t seconds, std::int32_t nanos,
                    const std::string& type = "type.googleapis.com/google.rpc.RetryInfo") {
  relay::v1::RetryInfo info;
  info.mutable_retry_delay()->set_seconds(seconds);
  info.mutable_retry_delay()->set_nanos(nanos);
  relay::v1::StatusDetails details;
  details.set_code(8);
  auto& any = *details.add_details();
  any.set_type_url(type);
  any.set_value(info.SerializeAsString());
  return details.SerializeAsString();
}

TEST(RetryInfo, IsReadAndRoundedUp) {
  EXPECT_EQ(RetryDelayOf(Details(90, 0)), Seconds(90));
  EXPECT_EQ(RetryDelayOf(Details(1, 1)), Millis{1001});
  EXPECT_EQ(RetryDelayOf(Details(0, 250'000'000)), Millis{250});
}

// As any other server of google.rpc writes it: code 8 and one RetryInfo of 2.5 seconds.
TEST(RetryInfo, IsTheOneOfGoogleRpcByteForByte) {
  const auto bytes = FromHex(
      "08081a360a28747970652e676f6f676c65617069732e636f6d2f676f6f676c652e7270632e5265"
      "747279496e666f120a0a0808021080cab5ee01");
  ASSERT_TRUE(bytes.ok());
  EXPECT_EQ(RetryDelayOf(ToString(*bytes)), Millis{2500});
  std::string ours = Details(2, 500'000'000);
  EXPECT_EQ(ToString(*bytes), ours);
}

TEST(RetryInfo, NoRelaySilencesAClientForLongerThanAnHour) {
  EXPECT_EQ(RetryDelayOf(Details(INT64_MAX, 999'999'999)), kMaxAskedWait);
  EXPECT_EQ(RetryDelayOf(Details(3600, 999'999'999)), kMaxAskedWait);
  EXPECT_EQ(RetryDelayOf(Details(INT64_MIN, INT32_MIN)), Millis{0});
  EXPECT_EQ(RetryDelayOf(Details(-5, 0)), Millis{0});
}

TEST(RetryInfo, AnythingElseSaysNothing) {
  EXPECT_EQ(RetryDelayOf(""), Millis{0});
  EXPECT_EQ(RetryDelayOf("\xFF\xFF garbage"), Millis{0});
  EXPECT_EQ(RetryDelayOf(Details(9, 0, "type.googleapis.com/google.rpc.QuotaFailure")), Millis{0});
}

std::string Why(const std::string& reason, const std::string& domain) {
  relay::v1::ErrorInfo info;
  info.set_reason(reason);
  info.set_domain(domain);
  relay::v1::StatusDetails details;
  (void)details.ParseFromString(Details(900, 0));
  auto& any = *details.add_details();
  any.set_type_url("type.googleapis.com/google.rpc.ErrorInfo");
  any.set_value(info.SerializeAsString());
  return details.SerializeAsString();
}

TEST(ErrorInfo, SaysThatTheStoreIsFull) {
  EXPECT_TRUE(SaysStoreIsFull(Why("STORED_BYTES", "renkei")));
  EXPECT_EQ(RetryDelayOf(Why("STORED_BYTES", "renkei")), Seconds(900));
}

TEST(ErrorInfo, OfAnotherReasonOrServerDoesNot) {
  EXPECT_FALSE(SaysStoreIsFull(Why("OTHER", "renkei")));
  EXPECT_FALSE(SaysStoreIsFull(Why("STORED_BYTES", "googleapis.com")));
  EXPECT_FALSE(SaysStoreIsFull(Details(900, 0)));
  EXPECT_FALSE(SaysStoreIsFull(""));
  EXPECT_FALSE(SaysStoreIsFull("\xFF\xFF garbage"));
}

}  // namespace
}  // namespace renkei::client
