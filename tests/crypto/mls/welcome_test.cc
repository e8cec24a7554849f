#include "crypto/mls/welcome.h"

#include "crypto/mls/limits.h"
#include "tests/crypto/mls/support/examples.h"

namespace renkei::mls {
namespace {

TEST(Welcomes, AreCanonical) {
  test::ExpectCanonicalAndEqual(test::ExampleWelcome());
}

TEST(Welcomes, GroupSecretsWithAndWithoutPathSecretAreCanonical) {
  for (const bool with_path_secret : {false, true}) {
    const GroupSecrets secrets = test::ExampleGroupSecrets(with_path_secret);
    test::ExpectCanonical(secrets);
    const auto decoded = wire::Parse<GroupSecrets>(SerializeGroupSecrets(secrets).Expose());
    ASSERT_TRUE(decoded.ok());
    EXPECT_TRUE(Equal(decoded->joiner_secret, secrets.joiner_secret));
    EXPECT_EQ(decoded->path_secret.has_value(), with_path_secret);
    EXPECT_EQ(decoded->psks, secrets.psks);
  }
}

TEST(Welcomes, SecretsSerializeTheSameEitherWay) {
  const GroupSecrets secrets = test::ExampleGroupSecrets(true);
  EXPECT_TRUE(Equal(SerializeGroupSecrets(secrets).Expose(), wire::Serialize(secrets)));
}

TEST(Welcomes, MoreJoinersThanATreeHasLeavesAreTooLarge) {
  Welcome welcome = test::ExampleWelcome();
  welcome.secrets.assign(kMaxLeaves, {});
  EXPECT_TRUE(wire::Parse<Welcome>(wire::Serialize(welcome)).ok());
  welcome.secrets.emplace_back();
  EXPECT_EQ(test::ParseError<Welcome>(wire::Serialize(welcome)), Code::kTooLarge);
}

TEST(Welcomes, MorePresharedKeysThanAllowedAreTooLarge) {
  GroupSecrets secrets = test::ExampleGroupSecrets(false);
  secrets.psks.resize(kMaxPsks + 1, test::ExamplePskIds()[0]);
  EXPECT_EQ(test::ParseError<GroupSecrets>(wire::Serialize(secrets)), Code::kTooLarge);
}

}  // namespace
}  // namespace renkei::mls
