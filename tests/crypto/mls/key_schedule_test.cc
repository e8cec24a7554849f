#include "crypto/mls/key_schedule.h"

#include <gtest/gtest.h>

#include "crypto/mls/limits.h"
#include "crypto/mls/suite.h"
#include "tests/crypto/mls/support/examples.h"

namespace renkei::mls {
namespace {

SecretBytes Secret(std::uint8_t seed) {
  return SecretBytes::CopyOf(test::Filler(32, seed));
}

const Bytes kContext = ToBytes("group context");

EpochSecrets ExampleSecrets() {
  return EpochSecrets::FromEpochSecret(Secret(1));
}

TEST(KeySchedule, JoinerSecretDependsOnAllItComesFrom) {  // RFC 9420 §8
  const SecretBytes joiner = JoinerSecret(Secret(1), Secret(2), kContext);
  EXPECT_TRUE(Equal(joiner, JoinerSecret(Secret(1), Secret(2), kContext)));
  EXPECT_FALSE(Equal(joiner, JoinerSecret(Secret(3), Secret(2), kContext)));
  EXPECT_FALSE(Equal(joiner, JoinerSecret(Secret(1), Secret(3), kContext)));
  EXPECT_FALSE(Equal(joiner, JoinerSecret(Secret(1), Secret(2), {})));
  EXPECT_FALSE(Equal(joiner, JoinerSecret(Secret(2), Secret(1), kContext)));
}

TEST(KeySchedule, EpochSecretDependsOnThePsksAndTheContext) {
  const JoinedSecret joined(Secret(1), ZeroSecret());
  const JoinedSecret with_psk(Secret(1), Secret(2));
  EXPECT_FALSE(Equal(joined.EpochSecret(kContext), with_psk.EpochSecret(kContext)));
  EXPECT_FALSE(Equal(joined.EpochSecret(kContext), joined.EpochSecret({})));
  EXPECT_FALSE(Equal(joined.WelcomeSecret(), with_psk.WelcomeSecret()));
  const WelcomeKeys keys = joined.DeriveWelcomeKeys();
  EXPECT_EQ(keys.key.size(), kAeadKeyBytes);
  EXPECT_EQ(keys.nonce.size(), kAeadNonceBytes);
}

TEST(KeySchedule, EverySecretOfAnEpochIsItsOwn) {
  const EpochSecrets secrets = ExampleSecrets();
  const SecretBytes* all[] = {
      &secrets.sender_data_secret, &secrets.encryption_secret,   &secrets.exporter_secret,
      &secrets.external_secret,    &secrets.confirmation_key,    &secrets.membership_key,
      &secrets.resumption_psk,     &secrets.epoch_authenticator, &secrets.init_secret};
  for (std::size_t i = 0; i < std::size(all); ++i) {
    EXPECT_EQ(all[i]->size(), kHashBytes);
    for (std::size_t j = 0; j < i; ++j) {
      EXPECT_FALSE(Equal(*all[i], *all[j])) << i << " " << j;
    }
  }
}

TEST(KeySchedule, ConfirmationTagIsRefusedForAnotherTranscript) {  // RFC 9420 §6.1
  const EpochSecrets secrets = ExampleSecrets();
  const Hash32 tag = secrets.ConfirmationTag(test::Filler(32, 5));
  EXPECT_TRUE(secrets.VerifyConfirmationTag(test::Filler(32, 5), tag).ok());
  EXPECT_EQ(secrets.VerifyConfirmationTag(test::Filler(32, 6), tag).error().code(),
            Code::kAuthFailed);
  EXPECT_EQ(secrets.VerifyConfirmationTag(test::Filler(32, 5), {}).error().code(),
            Code::kAuthFailed);
}

TEST(KeySchedule, ExporterSeparatesLabelsContextsAndLengths) {  // RFC 9420 §8.5
  const EpochSecrets secrets = ExampleSecrets();
  const SecretBytes one = secrets.Export("one", kContext, 32);
  EXPECT_EQ(one.size(), 32U);
  EXPECT_TRUE(Equal(one, secrets.Export("one", kContext, 32)));
  EXPECT_FALSE(Equal(one, secrets.Export("two", kContext, 32)));
  EXPECT_FALSE(Equal(one, secrets.Export("one", {}, 32)));
  const SecretBytes longer = secrets.Export("one", kContext, 100);
  EXPECT_EQ(longer.size(), 100U);
  EXPECT_FALSE(Equal(one.Expose(), longer.Expose().first(32)));
}

TEST(KeySchedule, ExternalInitGivesBothSidesTheSameSecret) {  // RFC 9420 §8.3
  SeededRandom random(1);
  const HpkeKeyPair external = ExampleSecrets().ExternalKeyPair();
  const auto made = MakeExternalInit(external.public_key(), random);
  ASSERT_TRUE(made.ok());
  const auto opened = OpenExternalInit(external, made->kem_output);
  ASSERT_TRUE(opened.ok());
  EXPECT_TRUE(Equal(*opened, made->init_secret));
  EXPECT_EQ(OpenExternalInit(external, Bytes(31)).error().code(), Code::kAuthFailed);
  EXPECT_EQ(MakeExternalInit(Bytes(32), random).error().code(), Code::kMalformed);
}

std::vector<PskInput> TwoPsks() {
  std::vector<PskInput> psks;
  psks.push_back({test::ExamplePskIds()[0], Secret(1)});
  psks.push_back({test::ExamplePskIds()[1], Secret(2)});
  return psks;
}

TEST(KeySchedule, PskSecretWithoutPsksIsZero) {  // RFC 9420 §8.4
  EXPECT_TRUE(Equal(*PskSecret({}), ZeroSecret()));
}

TEST(KeySchedule, PskSecretDependsOnValuesIdsAndOrder) {  // RFC 9420 §8.4
  const SecretBytes secret = PskSecret(TwoPsks()).value();
  std::vector<PskInput> psks = TwoPsks();
  std::swap(psks[0], psks[1]);
  EXPECT_FALSE(Equal(secret, *PskSecret(psks)));
  psks = TwoPsks();
  psks[1].psk = Secret(3);
  EXPECT_FALSE(Equal(secret, *PskSecret(psks)));
  psks = TwoPsks();
  psks[1].id.psk_nonce[0] ^= 1;
  EXPECT_FALSE(Equal(secret, *PskSecret(psks)));
}

// RFC 9420 §8.4, put together by hand: each PSK with its place and the number of all.
TEST(KeySchedule, PskSecretChainsThePsksWithTheirPlaces) {
  const std::vector<PskInput> psks = TwoPsks();
  SecretBytes expected = ZeroSecret();
  for (std::uint8_t i = 0; i < 2; ++i) {
    Bytes label = wire::Serialize(psks[i].id);
    Append(label, Bytes{0, i, 0, 2});
    const SecretBytes extracted = HkdfExtract(Bytes(32), psks[i].psk.Expose());
    expected = HkdfExtract(ExpandWithLabel(extracted, "derived psk", label, 32).Expose(),
                           expected.Expose());
  }
  EXPECT_TRUE(Equal(*PskSecret(psks), expected));
}

TEST(KeySchedule, MorePsksThanAllowedAreTooLarge) {
  std::vector<PskInput> psks(kMaxPsks + 1);
  EXPECT_EQ(PskSecret(psks).error().code(), Code::kTooLarge);
}

TEST(KeySchedule, StoredSecretsComeBack) {
  EpochSecrets secrets = ExampleSecrets();
  secrets.encryption_secret.Wipe();  // as after the secret tree took it
  const Bytes stored = wire::Serialize(secrets);
  const auto loaded = wire::Parse<EpochSecrets>(stored);
  ASSERT_TRUE(loaded.ok());
  EXPECT_EQ(wire::Serialize(*loaded), stored);
  EXPECT_TRUE(loaded->encryption_secret.empty());
  EXPECT_EQ(wire::Serialize(ExampleSecrets().Clone()), wire::Serialize(ExampleSecrets()));
}

TEST(KeySchedule, StoredSecretOfAnotherLengthIsMalformed) {
  EpochSecrets secrets = ExampleSecrets();
  secrets.membership_key = SecretBytes(31);
  EXPECT_EQ(test::ParseError<EpochSecrets>(wire::Serialize(secrets)), Code::kMalformed);
  secrets = ExampleSecrets();
  secrets.init_secret.Wipe();
  EXPECT_EQ(test::ParseError<EpochSecrets>(wire::Serialize(secrets)), Code::kMalformed);
}

}  // namespace
}  // namespace renkei::mls
