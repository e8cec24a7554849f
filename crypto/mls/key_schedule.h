// From one epoch's secrets to the next (RFC 9420 §8). `group_context` is always the encoded
// GroupContext of the epoch being entered. Secrets of 32 bytes throughout. Functions and values;
// one thread at a time.
#ifndef RENKEI_CRYPTO_MLS_KEY_SCHEDULE_H_
#define RENKEI_CRYPTO_MLS_KEY_SCHEDULE_H_

#include <string_view>
#include <vector>

#include "crypto/base/bytes.h"
#include "crypto/base/hash.h"
#include "crypto/base/random.h"
#include "crypto/base/secret.h"
#include "crypto/mls/hpke.h"
#include "crypto/mls/psk.h"
#include "crypto/mls/types.h"

namespace renkei::mls {

// joiner_secret, from the last epoch's init_secret and this commit's commit_secret.
SecretBytes JoinerSecret(const SecretBytes& init_secret, const SecretBytes& commit_secret,
                         ByteView group_context);

// welcome_key and welcome_nonce (§12.4.3.1), with which GroupInfo is sealed in a Welcome.
struct WelcomeKeys {
  SecretBytes key;
  SecretBytes nonce;
};

// The value under both welcome_secret and epoch_secret; to be dropped once both are derived.
class JoinedSecret {
 public:
  // `psk_secret` is ZeroSecret() without pre-shared keys.
  JoinedSecret(const SecretBytes& joiner_secret, const SecretBytes& psk_secret);

  SecretBytes WelcomeSecret() const;
  WelcomeKeys DeriveWelcomeKeys() const;
  SecretBytes EpochSecret(ByteView group_context) const;

 private:
  SecretBytes secret_;
};

// What an epoch is made of (§8, table "Epoch-Derived Secrets").
struct EpochSecrets {
  SecretBytes sender_data_secret;
  SecretBytes encryption_secret;  // moved into the SecretTree, and then empty
  SecretBytes exporter_secret;
  SecretBytes external_secret;
  SecretBytes confirmation_key;
  SecretBytes membership_key;
  SecretBytes resumption_psk;
  SecretBytes epoch_authenticator;
  SecretBytes init_secret;

  static EpochSecrets FromEpochSecret(const SecretBytes& epoch_secret);

  // MAC over the confirmed transcript hash (§6.1).
  Hash32 ConfirmationTag(ByteView confirmed_transcript_hash) const;
  // kAuthFailed.
  Status VerifyConfirmationTag(ByteView confirmed_transcript_hash, ByteView tag) const;
  // MLS-Exporter (§8.5). `length` 1..8160 bytes.
  SecretBytes Export(std::string_view label, ByteView context, std::size_t length) const;
  // external_priv and external_pub (§8).
  HpkeKeyPair ExternalKeyPair() const;

  EpochSecrets Clone() const;
};
// For the vault, secret; ours. Decode: kMalformed unless each is 32 bytes (encryption_secret may
// be empty).
void Encode(wire::Writer& out, const EpochSecrets& value);
Status Decode(wire::Reader& in, EpochSecrets& value);

// External initialization (§8.3): the joiner's new init_secret and the kem_output for its
// ExternalInit proposal. kMalformed: `external_pub` is no usable key.
struct ExternalInitSecret {
  Bytes kem_output;
  SecretBytes init_secret;
};
Result<ExternalInitSecret> MakeExternalInit(ByteView external_pub, Random& random);
// The members' side. kAuthFailed.
Result<SecretBytes> OpenExternalInit(const HpkeKeyPair& external_key, ByteView kem_output);

// psk_secret (§8.4), over all PSKs in the order of the proposals. kTooLarge above kMaxPsks. Without
// any it is ZeroSecret().
struct PskInput {
  PreSharedKeyId id;
  SecretBytes psk;
};
Result<SecretBytes> PskSecret(const std::vector<PskInput>& psks);

}  // namespace renkei::mls

#endif  // RENKEI_CRYPTO_MLS_KEY_SCHEDULE_H_
