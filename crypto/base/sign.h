// Ed25519 with the shape of MLS's SignContent (RFC 9420 §5.1.2), for MLS and for everything of
// ours: what is signed is  opaque label<V> || opaque content<V>,  so that a signature made for one
// purpose is never valid for another. Labels of ours stand in crypto/base/labels.h. Functions;
// any thread.
#ifndef RENKEI_CRYPTO_BASE_SIGN_H_
#define RENKEI_CRYPTO_BASE_SIGN_H_

#include <string_view>

#include "crypto/base/bytes.h"
#include "crypto/base/random.h"
#include "crypto/base/secret.h"

namespace renkei {

inline constexpr std::size_t kPublicKeyBytes = 32;
inline constexpr std::size_t kSignatureBytes = 64;
inline constexpr std::size_t kSeedBytes = 32;
using PublicKey = ByteArray<kPublicKeyBytes>;
using Signature = ByteArray<kSignatureBytes>;

// An Ed25519 key pair made from its 32-byte seed (the private key of RFC 8032).
class SigningKey {
 public:
  static SigningKey Generate(Random& random);
  // kMalformed unless 32 bytes.
  static Result<SigningKey> FromSeed(ByteView seed);

  const PublicKey& public_key() const { return public_key_; }
  // The seed, to be stored in a vault.
  SecretBytes Seed() const;
  SigningKey Clone() const;

  // Signs SignContent(label, content). `label` is the whole label, prefix included, 1..63 bytes.
  Signature SignLabelled(std::string_view label, ByteView content) const;

 private:
  SigningKey() = default;

  SecretBytes expanded_;  // 64 bytes: libsodium's seed || public key
  PublicKey public_key_{};
};

// kMalformed unless key is 32 and signature 64 bytes; kAuthFailed if it does not verify.
Status VerifyLabelled(ByteView public_key, std::string_view label, ByteView content,
                      ByteView signature);

// opaque label<V> || opaque content<V> (RFC 9420 §2.1.2 length prefixes).
Bytes SignContent(std::string_view label, ByteView content);

}  // namespace renkei

#endif  // RENKEI_CRYPTO_BASE_SIGN_H_
