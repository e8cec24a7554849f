#include "server/rpc/status_map.h"

#include "renkei/relay/v1/status.pb.h"
#include "server/core/usage.h"
#include "tests/server/rpc/live_relay.h"

namespace renkei::test {
namespace {

grpc::StatusCode Of(const Error& error) {
  return server::StatusOf(error).error_code();
}

TEST(StatusMap, EachCodeIsTheStatusThatSaysWhatTheCallerDoesNext) {
  using grpc::StatusCode;
  // The request is wrong: the same again will not do.
  EXPECT_EQ(Of(Error(Code::kMalformed, "x")), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(Of(Error(Code::kTooLarge, "x")), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(Of(Error(Code::kUnsupported, "x")), StatusCode::INVALID_ARGUMENT);
  // Who calls.
  EXPECT_EQ(Of(Error(Code::kAuthFailed, "x")), StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(Of(Error(Code::kDenied, "x")), StatusCode::PERMISSION_DENIED);
  // Later.
  EXPECT_EQ(Of(Error(Code::kThrottled, "x")), StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(Of(Error(Code::kUnavailable, "x")), StatusCode::UNAVAILABLE);
  EXPECT_EQ(Of(Error(Code::kCorrupt, "x")), StatusCode::UNAVAILABLE);
  // Outcomes are arms of the response: as an error they are our bug.
  EXPECT_EQ(Of(Error(Code::kStaleEpoch, "x")), StatusCode::INTERNAL);
  EXPECT_EQ(Of(Error(Code::kFutureEpoch, "x")), StatusCode::INTERNAL);
  EXPECT_EQ(Of(Error(Code::kNotFound, "x")), StatusCode::INTERNAL);
  EXPECT_EQ(Of(Error(Code::kConflict, "x")), StatusCode::INTERNAL);
  EXPECT_EQ(Of(Error(Code::kInternal, "x")), StatusCode::INTERNAL);
}

TEST(StatusMap, MessageIsTheLiteralAndNothingElse) {
  const grpc::Status status = server::StatusOf(Error(Code::kDenied, "caller: not yours"));
  EXPECT_EQ(status.error_message(), "caller: not yours");
  EXPECT_TRUE(status.error_details().empty());
}

TEST(StatusMap, WhoIsOverALimitIsToldWhenToComeAgain) {
  EXPECT_EQ(RetryDelayOf(server::Throttled("device_calls", Millis{90'001})), Millis{90'001});
  EXPECT_EQ(RetryDelayOf(server::StatusOf(Error(Code::kThrottled, "ticket: too many"))),
            server::kQuotaWait);
  EXPECT_EQ(RetryDelayOf(server::StatusOf(Error(Code::kThrottled, "store: too much waits"))),
            server::kQueueWait);
  EXPECT_FALSE(RetryDelayOf(server::StatusOf(Error(Code::kUnavailable, "store: x"))));
}

TEST(StatusMap, WhoHasTooMuchInTheStoreIsToldThatToo) {
  for (const Error& error : {Error(Code::kThrottled, server::kDeviceIsFull),
                             Error(Code::kThrottled, server::kInstitutionIsFull)}) {
    const grpc::Status status = server::StatusOf(error);
    EXPECT_EQ(RetryDelayOf(status), server::kFullWait);
    relay::v1::StatusDetails details;
    ASSERT_TRUE(details.ParseFromString(status.error_details()));
    ASSERT_EQ(details.details_size(), 2);
    EXPECT_EQ(details.details(1).type_url(), "type.googleapis.com/google.rpc.ErrorInfo");
    relay::v1::ErrorInfo info;
    ASSERT_TRUE(info.ParseFromString(details.details(1).value()));
    EXPECT_EQ(info.reason(), server::kStoreFullReason);
    EXPECT_EQ(info.domain(), "renkei");
  }
}

}  // namespace
}  // namespace renkei::test
