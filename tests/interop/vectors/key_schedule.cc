// "Key Schedule" (RFC 9420 §8).
#include "crypto/mls/key_schedule.h"

#include "crypto/mls/group_context.h"
#include "crypto/mls/suite.h"
#include "tests/interop/vectors/vectors.h"

namespace renkei::interop {
namespace {

Verdict CheckSecrets(const mls::EpochSecrets& secrets, const Json& epoch) {
  VECTOR_EXPECT(Same(secrets.init_secret, Hex(epoch, "init_secret")));
  VECTOR_EXPECT(Same(secrets.sender_data_secret, Hex(epoch, "sender_data_secret")));
  VECTOR_EXPECT(Same(secrets.encryption_secret, Hex(epoch, "encryption_secret")));
  VECTOR_EXPECT(Same(secrets.exporter_secret, Hex(epoch, "exporter_secret")));
  VECTOR_EXPECT(Same(secrets.epoch_authenticator, Hex(epoch, "epoch_authenticator")));
  VECTOR_EXPECT(Same(secrets.external_secret, Hex(epoch, "external_secret")));
  VECTOR_EXPECT(Same(secrets.confirmation_key, Hex(epoch, "confirmation_key")));
  VECTOR_EXPECT(Same(secrets.membership_key, Hex(epoch, "membership_key")));
  VECTOR_EXPECT(Same(secrets.resumption_psk, Hex(epoch, "resumption_psk")));
  VECTOR_EXPECT(Same(secrets.ExternalKeyPair().public_key(), Hex(epoch, "external_pub")));
  const Json& exporter = epoch.at("exporter");
  VECTOR_EXPECT(
      Same(secrets.Export(exporter.at("label").get<std::string>(), Hex(exporter, "context"),
                          exporter.at("length").get<std::size_t>()),
           Hex(exporter, "secret")));
  return {};
}

}  // namespace

Verdict RunKeySchedule(const Json& test_case) {
  SecretBytes init_secret = HexSecret(test_case, "initial_init_secret");
  mls::GroupContext context;
  context.group_id = Hex(test_case, "group_id");
  for (const Json& epoch : test_case.at("epochs")) {
    context.tree_hash = Hex(epoch, "tree_hash");
    context.confirmed_transcript_hash = Hex(epoch, "confirmed_transcript_hash");
    const Bytes encoded = wire::Serialize(context);
    VECTOR_EXPECT(Same(encoded, Hex(epoch, "group_context")));
    const SecretBytes joiner =
        mls::JoinerSecret(init_secret, HexSecret(epoch, "commit_secret"), encoded);
    VECTOR_EXPECT(Same(joiner, Hex(epoch, "joiner_secret")));
    const mls::JoinedSecret joined(joiner, HexSecret(epoch, "psk_secret"));
    VECTOR_EXPECT(Same(joined.WelcomeSecret(), Hex(epoch, "welcome_secret")));
    const auto secrets = mls::EpochSecrets::FromEpochSecret(joined.EpochSecret(encoded));
    VECTOR_TRY(CheckSecrets(secrets, epoch));
    init_secret = secrets.init_secret.Clone();
    ++context.epoch.value;
  }
  return {};
}

}  // namespace renkei::interop
