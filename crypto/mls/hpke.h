// HPKE base mode (RFC 9180): DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20Poly1305. One message
// for one context, because that is all MLS and our envelopes need. Functions and values; any
// thread.
#ifndef RENKEI_CRYPTO_MLS_HPKE_H_
#define RENKEI_CRYPTO_MLS_HPKE_H_

#include <string_view>

#include "crypto/base/bytes.h"
#include "crypto/base/random.h"
#include "crypto/base/secret.h"
#include "crypto/mls/commit.h"

namespace renkei::mls {

inline constexpr std::size_t kHpkeKeyBytes = 32;  // public keys, private keys and KEM outputs
using HpkePublicKey = ByteArray<kHpkeKeyBytes>;

// An X25519 key pair.
class HpkeKeyPair {
 public:
  static HpkeKeyPair Generate(Random& random);
  // DeriveKeyPair (RFC 9180 §7.1.3): the same pair for the same `input_key`, which is secret and
  // at least 32 bytes.
  static HpkeKeyPair Derive(ByteView input_key);
  // kMalformed unless 32 bytes.
  static Result<HpkeKeyPair> FromPrivate(ByteView private_key);

  const HpkePublicKey& public_key() const { return public_key_; }
  const SecretBytes& private_key() const { return private_key_; }
  HpkeKeyPair Clone() const;

 private:
  HpkeKeyPair() = default;
  explicit HpkeKeyPair(SecretBytes private_key);

  SecretBytes private_key_;
  HpkePublicKey public_key_{};
};

// What `info` contributes to a context, hashed once for many recipients: a Welcome's is as long as
// the whole tree.
class HpkeInfo {
 public:
  explicit HpkeInfo(ByteView info);

  static constexpr std::size_t kScheduleBytes = 65;  // mode || psk_id_hash || info_hash
  ByteView schedule() const { return schedule_; }

 private:
  ByteArray<kScheduleBytes> schedule_{};
};

// SealBase (RFC 9180 §6.1). kMalformed: `public_key` is not 32 bytes or of small order (§7.1.4: the
// shared secret would be all zero).
Result<HpkeCiphertext> HpkeSeal(ByteView public_key, ByteView info, ByteView aad,
                                ByteView plaintext, Random& random);
Result<HpkeCiphertext> HpkeSeal(ByteView public_key, const HpkeInfo& info, ByteView aad,
                                ByteView plaintext, Random& random);
// The same with an ephemeral key pair of the caller's, for envelopes that everybody can recompute.
// A pair must serve one recipient, one info and one plaintext only: its keys and nonce repeat.
Result<HpkeCiphertext> HpkeSealWith(const HpkeKeyPair& ephemeral, ByteView public_key,
                                    ByteView info, ByteView aad, ByteView plaintext);
// OpenBase. Returns the plaintext (secret). kAuthFailed for anything that does not open.
Result<SecretBytes> HpkeOpen(const HpkeKeyPair& recipient, const HpkeCiphertext& ciphertext,
                             ByteView info, ByteView aad);

// SetupBaseS/R followed by Context.Export (RFC 9180 §5.3): a secret both sides derive. `length`
// 1..8160. Codes as for sealing and opening.
struct HpkeExport {
  Bytes kem_output;
  SecretBytes secret;
};
Result<HpkeExport> HpkeExportTo(ByteView public_key, ByteView info,
                                std::string_view exporter_context, std::size_t length,
                                Random& random);
Result<SecretBytes> HpkeExportFrom(const HpkeKeyPair& recipient, ByteView kem_output, ByteView info,
                                   std::string_view exporter_context, std::size_t length);

}  // namespace renkei::mls

#endif  // RENKEI_CRYPTO_MLS_HPKE_H_
