#include "crypto/mls/environment.h"

#include <gtest/gtest.h>

#include <utility>

namespace renkei::mls {
namespace {

class RemembersWhatItWasAsked final : public CredentialPolicy {
 public:
  Status Check(const Credential& credential, ByteView signature_key, Millis now) const override {
    asked = credential;
    key = ToBytes(signature_key);
    at = now;
    return Error(Code::kDenied, "test: unknown");
  }
  mutable Credential asked;
  mutable Bytes key;
  mutable Millis at{};
};

class KnowsNone final : public PskSource {
 public:
  Result<SecretBytes> External(ByteView) const override { return SecretBytes(32); }
};

Credential Named(std::string_view name) {
  Credential credential;
  credential.value = BasicCredential{ToBytes(name)};
  return credential;
}

TEST(CredentialPolicyDefaults, WhoWasThereBeforeIsJudgedLikeWhoComes) {
  const RemembersWhatItWasAsked policy;
  const Status status = policy.CheckExisting(Named("alice"), AsBytes("key"), Millis{7});
  ASSERT_FALSE(status.ok());
  EXPECT_STREQ(status.error().where(), "test: unknown");  // handed on as it is
  EXPECT_EQ(policy.asked, Named("alice"));
  EXPECT_EQ(policy.key, ToBytes("key"));
  EXPECT_EQ(policy.at.value, 7);
}

TEST(CredentialPolicyDefaults, AnythingMayFollowAnything) {
  EXPECT_TRUE(RemembersWhatItWasAsked().CheckSuccessor(Named("alice"), Named("mallory")).ok());
}

TEST(CredentialPolicyDefaults, NoCredentialNamesAClient) {
  EXPECT_TRUE(RemembersWhatItWasAsked().ClientId(Named("alice")).empty());
}

TEST(CredentialPolicyDefaults, MembersAreTheSameByTheirBytes) {
  const RemembersWhatItWasAsked policy;
  EXPECT_TRUE(policy.SameMember(Named("alice"), Named("alice")));
  EXPECT_FALSE(policy.SameMember(Named("alice"), Named("alicf")));
  Credential certificate;
  certificate.value = X509Credential{{ToBytes("alice")}};
  EXPECT_FALSE(policy.SameMember(Named("alice"), certificate));
}

TEST(PskSourceDefaults, ResumptionSecretsOfOtherGroupsAreNotThere) {
  EXPECT_EQ(KnowsNone().Resumption(AsBytes("group"), Epoch{1}).error().code(), Code::kNotFound);
}

TEST(EnvironmentDefaults, LifetimesAreLookedAtAndMayBeOfAnyLength) {
  const RemembersWhatItWasAsked policy;
  const Environment environment{policy, Millis{1}};
  EXPECT_EQ(environment.psks, nullptr);
  EXPECT_EQ(environment.max_lifetime.value, 0);
  EXPECT_TRUE(environment.check_lifetime);
}

}  // namespace
}  // namespace renkei::mls
