// "Welcome": opening group secrets and group info, without the tree (RFC 9420 §12.4.3.1).
#include "crypto/mls/welcome.h"

#include "crypto/mls/key_schedule.h"
#include "crypto/mls/message.h"
#include "crypto/mls/suite.h"
#include "tests/interop/vectors/vectors.h"

namespace renkei::interop {

Verdict RunWelcome(const Json& test_case) {
  const auto key_package = mls::ParseMessage(Hex(test_case, "key_package"));
  const auto message = mls::ParseMessage(Hex(test_case, "welcome"));
  VECTOR_EXPECT(key_package.ok() && message.ok());
  const auto& welcome = std::get<mls::Welcome>(message->value);
  const auto ref = mls::MakeKeyPackageRef(std::get<mls::KeyPackage>(key_package->value));
  const mls::EncryptedGroupSecrets* entry = nullptr;
  for (const auto& secrets : welcome.secrets) {
    entry = secrets.new_member == ref ? &secrets : entry;
  }
  VECTOR_EXPECT(entry != nullptr);

  const auto init_key = mls::HpkeKeyPair::FromPrivate(Hex(test_case, "init_priv"));
  VECTOR_EXPECT(init_key.ok());
  const auto plain = mls::DecryptWithLabel(*init_key, "Welcome", welcome.encrypted_group_info,
                                           entry->encrypted_group_secrets);
  VECTOR_EXPECT(plain.ok());
  const auto secrets = wire::Parse<mls::GroupSecrets>(plain->Expose());
  VECTOR_EXPECT(secrets.ok());
  const mls::JoinedSecret joined(secrets->joiner_secret, mls::ZeroSecret());
  const mls::WelcomeKeys keys = joined.DeriveWelcomeKeys();
  const auto opened = mls::AeadOpen(keys.key, keys.nonce, {}, welcome.encrypted_group_info);
  VECTOR_EXPECT(opened.ok());
  const auto info = wire::Parse<mls::GroupInfo>(opened->Expose());
  VECTOR_EXPECT(info.ok());
  VECTOR_EXPECT(mls::VerifyWithLabel(Hex(test_case, "signer_pub"), "GroupInfoTBS",
                                     mls::GroupInfoTbs(*info), info->signature)
                    .ok());
  const auto secrets_of_epoch =
      mls::EpochSecrets::FromEpochSecret(joined.EpochSecret(wire::Serialize(info->group_context)));
  VECTOR_EXPECT(secrets_of_epoch
                    .VerifyConfirmationTag(info->group_context.confirmed_transcript_hash,
                                           info->confirmation_tag)
                    .ok());
  return {};
}

}  // namespace renkei::interop
