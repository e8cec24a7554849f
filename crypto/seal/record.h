// Sealing and opening records (crypto/README.md "Sealed record"): XChaCha20-Poly1305 under the
// epoch's record key, the sender's signature inside. Functions on values; any thread.
#ifndef RENKEI_CRYPTO_SEAL_RECORD_H_
#define RENKEI_CRYPTO_SEAL_RECORD_H_

#include <cstdint>
#include <functional>
#include <optional>

#include "crypto/base/bytes.h"
#include "crypto/base/clock.h"
#include "crypto/base/hash.h"
#include "crypto/base/random.h"
#include "crypto/base/result.h"
#include "crypto/base/secret.h"
#include "crypto/base/sign.h"
#include "crypto/thread/card.h"
#include "crypto/thread/names.h"
#include "crypto/thread/record_header.h"

namespace renkei::seal {

inline constexpr std::size_t kMaxContentBytes = std::size_t{512} << 10U;

struct RecordDraft {
  thread::RecordHeader header;       // epoch_id must be EpochId(archive_secret)
  std::uint32_t kind = 0;            // 1..: the field set in renkei.care.v1.Content.body
  Millis created_at;                 // the sender's clock
  Hash32 certificate_hash{};         // SHA-256 of the sender's signing certificate (DER)
  ByteView content;                  // secret; 1..kMaxContentBytes
  std::optional<Hash32> trust_head;  // reserved
};

// Bytes of renkei.seal.v1.SealedRecord. `key` is the sender's device signing key.
//   kTooLarge   content over kMaxContentBytes: tell the user
//   kMalformed  no content, no kind, or an epoch_id of another secret
Result<Bytes> SealRecord(const RecordDraft& draft, const SecretBytes& archive_secret,
                         const SigningKey& key, Random& random);

struct OpenedRecord {
  thread::RecordHeader header;
  std::uint32_t kind = 0;
  Millis created_at;
  SecretBytes content;    // without padding
  thread::Signer sender;  // what the lookup said
  std::optional<Hash32> trust_head;
};

// The verified certificate with this hash, as of the entry's received_at. Its error is passed on.
using SignerLookup = std::function<Result<thread::Signer>(const Hash32& certificate_hash)>;

// `bytes` as the relay delivered them, `archive_secret` of their epoch, `card` of the same epoch,
// accepted before. Who sealed it must stand on the card with exactly the certificate that signed:
// whoever holds the secret only to read (an institution's archive key) forges nothing (G2).
//   kMalformed, kTooLarge, kUnsupported  as ParseSealedRecord, or not what SealRecord makes
//   kAuthFailed  tag, signature, epoch_id, sender or certificate, on purpose not told apart
//   and the lookup's errors
Result<OpenedRecord> OpenRecord(ByteView bytes, const SecretBytes& archive_secret,
                                const thread::Card& card, const SignerLookup& lookup);

}  // namespace renkei::seal

#endif  // RENKEI_CRYPTO_SEAL_RECORD_H_
