#include "crypto/thread/leave.h"

#include <gtest/gtest.h>

#include "tests/crypto/thread/support/example.h"

namespace renkei::thread {
namespace {

class LeaveRequests : public testing::Test {
 protected:
  Bytes Make() const { return MakeLeaveRequest(request_, device_.key); }
  Status Verify(ByteView bytes, const Signer& signer) const {
    const auto parsed = ParseLeaveRequest(bytes);
    return parsed.ok() ? VerifyLeaveRequest(*parsed, signer) : parsed.error();
  }

  test::ExampleCase example_{13};
  PersonRef doctor_ = example_.NewPerson(example_.NewInstitution());
  test::ExampleDevice device_ = example_.NewDevice(doctor_, 0);
  LeaveRequest request_{example_.case_id, {0, 4}, doctor_, device_.id, test::kExampleTime};
};

TEST_F(LeaveRequests, ComeBackAsTheyWereMade) {
  const auto parsed = ParseLeaveRequest(Make());
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->request, request_);
  EXPECT_TRUE(VerifyLeaveRequest(*parsed, device_.Signer()).ok());
}

TEST_F(LeaveRequests, EveryChangedByteIsRefused) {
  const auto accepts = [&](ByteView bytes) { return Verify(bytes, device_.Signer()).ok(); };
  EXPECT_EQ(test::CountAcceptedMutations(Make(), accepts), 0U);
}

TEST_F(LeaveRequests, G3_NobodyAsksForAnother) {
  Signer other = device_.Signer();
  other.person = example_.NewPerson(doctor_.institution);
  EXPECT_EQ(Verify(Make(), other).error().code(), Code::kDenied);
  other = device_.Signer();
  other.device = DeviceId::Generate(example_.random());
  EXPECT_EQ(Verify(Make(), other).error().code(), Code::kDenied);
  other = device_.Signer();
  other.key = SigningKey::Generate(example_.random()).public_key();
  EXPECT_EQ(Verify(Make(), other).error().code(), Code::kAuthFailed);
}

TEST_F(LeaveRequests, TooLongAreRefused) {
  EXPECT_EQ(ParseLeaveRequest(Bytes(kMaxSignedLeaveBytes + 1)).error().code(), Code::kMalformed);
}

}  // namespace
}  // namespace renkei::thread
