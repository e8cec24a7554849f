// Cipher suite 0x0003, MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519 (RFC 9420 §5, §17.1):
// every cryptographic operation MLS asks its suite for. Labels are given without "MLS 1.0 ".
// Functions; any thread.
#ifndef RENKEI_CRYPTO_MLS_SUITE_H_
#define RENKEI_CRYPTO_MLS_SUITE_H_

#include <string_view>

#include "crypto/base/bytes.h"
#include "crypto/base/hash.h"
#include "crypto/base/random.h"
#include "crypto/base/secret.h"
#include "crypto/base/sign.h"
#include "crypto/mls/commit.h"
#include "crypto/mls/framing.h"
#include "crypto/mls/hpke.h"
#include "crypto/mls/key_package.h"
#include "crypto/mls/types.h"

namespace renkei::mls {

inline constexpr CipherSuite kSuite = CipherSuite::kX25519ChaCha20Sha256Ed25519;
inline constexpr std::size_t kAeadKeyBytes = 32;    // AEAD.Nk
inline constexpr std::size_t kAeadNonceBytes = 12;  // AEAD.Nn
inline constexpr std::size_t kAeadTagBytes = 16;
// The one answer for everything whose tag or signature is wrong.
inline constexpr Error kAuthenticationFailed{Code::kAuthFailed, "authentication failed"};

// --- KDF (§8). `secret` 32 bytes; results are secret. -------------------------------------------

// `length` 1..8160 bytes; `label` up to 16,000 bytes.
SecretBytes ExpandWithLabel(const SecretBytes& secret, std::string_view label, ByteView context,
                            std::size_t length);
SecretBytes DeriveSecret(const SecretBytes& secret, std::string_view label);
// §9.1.
SecretBytes DeriveTreeSecret(const SecretBytes& secret, std::string_view label,
                             Generation generation, std::size_t length);
SecretBytes ZeroSecret();  // 32 zero bytes: the `0` of the key schedule

// --- AEAD. `key` 32, `nonce` 12 bytes. ----------------------------------------------------------

Bytes AeadSeal(const SecretBytes& key, const SecretBytes& nonce, ByteView aad, ByteView plaintext);
// Turns plaintext || 16 free bytes into ciphertext || tag where it stands. `buffer` >= 16 bytes.
void AeadSealInPlace(const SecretBytes& key, const SecretBytes& nonce, ByteView aad,
                     MutableByteView buffer);
// Returns the plaintext (secret). kAuthFailed.
Result<SecretBytes> AeadOpen(const SecretBytes& key, const SecretBytes& nonce, ByteView aad,
                             ByteView ciphertext);

// --- MAC: HMAC-SHA256 (§5.1). -------------------------------------------------------------------

Hash32 Mac(const SecretBytes& key, ByteView data);
// kAuthFailed; in constant time.
Status VerifyMac(const SecretBytes& key, ByteView data, ByteView tag);

// --- Signatures (§5.1.2) ------------------------------------------------------------------------

Bytes SignWithLabel(const SigningKey& key, std::string_view label, ByteView content);
// kMalformed unless key 32 and signature 64 bytes; kAuthFailed.
Status VerifyWithLabel(ByteView public_key, std::string_view label, ByteView content,
                       ByteView signature);

// --- Public-key encryption (§5.1.3) -------------------------------------------------------------

// kMalformed: the public key is not 32 bytes or of small order.
Result<HpkeCiphertext> EncryptWithLabel(ByteView public_key, std::string_view label,
                                        ByteView context, ByteView plaintext, Random& random);
// The same for many recipients: label and context are taken in once.
HpkeInfo EncryptionInfo(std::string_view label, ByteView context);
Result<HpkeCiphertext> EncryptWithInfo(ByteView public_key, const HpkeInfo& info,
                                       ByteView plaintext, Random& random);
// Returns the plaintext (secret). kAuthFailed.
Result<SecretBytes> DecryptWithLabel(const HpkeKeyPair& key, std::string_view label,
                                     ByteView context, const HpkeCiphertext& ciphertext);

// --- Hash references (§5.2) ---------------------------------------------------------------------

// `label` is the whole label here, prefix included.
Hash32 RefHash(std::string_view label, ByteView value);
KeyPackageRef MakeKeyPackageRef(const KeyPackage& key_package);
ProposalRef MakeProposalRef(const AuthenticatedContent& proposal);

}  // namespace renkei::mls

#endif  // RENKEI_CRYPTO_MLS_SUITE_H_
