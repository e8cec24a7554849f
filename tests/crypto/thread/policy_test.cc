#include "crypto/thread/policy.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "crypto/thread/encoding.h"
#include "tests/crypto/thread/support/example.h"

namespace renkei::thread {
namespace {

class Policies : public testing::Test {
 protected:
  Policies() {
    for (int i = 0; i < 3; ++i) {
      policy_.stewards.push_back({InstitutionId::Generate(random_), PersonId::Generate(random_)});
    }
    std::sort(policy_.stewards.begin(), policy_.stewards.end());
  }
  Code Refusal() const { return ValidatePolicy(policy_).error().code(); }

  SeededRandom random_{3};
  CasePolicy policy_;
};

TEST_F(Policies, ComeBackAsTheyWereWritten) {
  const auto read = ParsePolicy(SerializePolicy(policy_));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(*read, policy_);
}

TEST_F(Policies, HaveOneEncoding) {
  const Bytes bytes = SerializePolicy(policy_);
  const auto same_again = [&](ByteView changed) {
    const auto read = ParsePolicy(changed);
    return read.ok() && (*read == policy_ || SerializePolicy(*read) != ToBytes(changed));
  };
  EXPECT_EQ(test::CountAcceptedMutations(bytes, same_again), 0U);
}

TEST_F(Policies, NeedASteward) {
  policy_.stewards.clear();
  EXPECT_EQ(Refusal(), Code::kMalformed);
}

TEST_F(Policies, NameStewardsInOrderAndOnce) {
  std::swap(policy_.stewards[0], policy_.stewards[1]);
  EXPECT_EQ(Refusal(), Code::kMalformed);
  policy_.stewards[0] = policy_.stewards[1];
  EXPECT_EQ(Refusal(), Code::kMalformed);
}

TEST_F(Policies, LimitTheStewards) {
  policy_.stewards.clear();
  for (std::uint8_t i = 0; i <= kMaxStewards; ++i) {
    PersonRef person;
    person.person.bytes[0] = static_cast<std::uint8_t>(i + 1);
    policy_.stewards.push_back(person);
  }
  EXPECT_EQ(Refusal(), Code::kTooLarge);
  policy_.stewards.pop_back();
  EXPECT_TRUE(ParsePolicy(SerializePolicy(policy_)).ok());
}

TEST_F(Policies, UnsaidAndUnknownRulesAreRefused) {
  const CasePolicy good = policy_;
  policy_.kind = static_cast<CaseKind>(2);
  EXPECT_EQ(Refusal(), Code::kUnsupported);
  policy_ = good;
  policy_.who_may_add = static_cast<Rule>(0);
  EXPECT_EQ(Refusal(), Code::kMalformed);
  policy_ = good;
  policy_.who_may_remove = static_cast<Rule>(3);
  EXPECT_EQ(Refusal(), Code::kUnsupported);
  policy_ = good;
  policy_.newcomer_history = static_cast<History>(0);
  EXPECT_EQ(Refusal(), Code::kMalformed);
}

TEST_F(Policies, OfALaterVersionAskForAnUpdate) {
  Bytes bytes = SerializePolicy(policy_);
  bytes[1] = 2;
  EXPECT_EQ(ParsePolicy(bytes).error().code(), Code::kUnsupported);
  EXPECT_EQ(ParsePolicy(ByteView(bytes).subspan(2)).error().code(), Code::kMalformed);
}

TEST_F(Policies, OutOfBoundsAreRefused) {
  EXPECT_EQ(ParsePolicy({}).error().code(), Code::kMalformed);
  EXPECT_EQ(ParsePolicy(Bytes(kMaxPolicyBytes + 1)).error().code(), Code::kMalformed);
}

// Another institution could certify the same person id.
TEST_F(Policies, G3_StewardsAreNamedWithTheirInstitution) {
  PersonRef impostor = policy_.stewards[1];
  EXPECT_TRUE(IsSteward(policy_, impostor));
  impostor.institution = InstitutionId::Generate(random_);
  EXPECT_FALSE(IsSteward(policy_, impostor));
}

TEST_F(Policies, EmptyOnesAreMalformedNotOfALaterVersion) {
  EXPECT_EQ(ParsePolicy({}).error().code(), Code::kMalformed);
}

}  // namespace
}  // namespace renkei::thread
