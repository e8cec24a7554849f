// Envelopes (crypto/README.md "Envelope"): one epoch's archive_secret sealed to one archive key.
// HPKE's ephemeral key pair is derived from the secret itself, so every member recomputes every
// envelope byte for byte, a retry is identical, and any member can repair a wrong one. Functions on
// values; any thread.
#ifndef RENKEI_CRYPTO_SEAL_ENVELOPE_H_
#define RENKEI_CRYPTO_SEAL_ENVELOPE_H_

#include <cstdint>

#include "crypto/base/hash.h"
#include "crypto/base/ids.h"
#include "crypto/base/result.h"
#include "crypto/base/secret.h"
#include "crypto/base/sign.h"
#include "crypto/thread/names.h"
#include "crypto/thread/sealed_secrets.h"

namespace renkei::seal {

// Whose archive key, taken from its verified certificate.
struct ArchiveKeyRef {
  Hash32 key_id{};  // SHA-256 of the archive key certificate's DER
  std::uint32_t version = 1;
  PublicKey public_key{};  // X25519
};

// kMalformed: the public key is no key (small order).
Result<thread::Envelope> SealEnvelope(const SecretBytes& archive_secret, const ArchiveKeyRef& to,
                                      const CaseId& case_id, const thread::EpochRef& at);

// Recomputes it: whether `envelope` is what SealEnvelope makes for this secret and key.
// kAuthFailed: it is not; the recipient could not read. Say so loudly and repair it.
Status CheckEnvelope(const thread::Envelope& envelope, const SecretBytes& archive_secret,
                     const ArchiveKeyRef& to);

// `private_key`: X25519, 32 bytes, of the archive key that the envelope names. `epoch_id`: from the
// accepted card of that epoch. Returns the archive_secret.
//   kAuthFailed  not for this key, altered, or a secret that is not the card's
//   kMalformed   private_key is not 32 bytes
Result<SecretBytes> OpenEnvelope(const thread::Envelope& envelope, const SecretBytes& private_key,
                                 const Hash32& epoch_id);

}  // namespace renkei::seal

#endif  // RENKEI_CRYPTO_SEAL_ENVELOPE_H_
