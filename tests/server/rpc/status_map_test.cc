#include "server/rpc/status_map.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace renkei::test
