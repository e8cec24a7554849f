// The outside of envelopes and packs (crypto/README.md "Envelope", "Pack"): what the relay sees of
// them and checks against the card. Sealing and opening is crypto/seal's. Functions on values; any
// thread.
#ifndef RENKEI_CRYPTO_THREAD_SEALED_SECRETS_H_
#define RENKEI_CRYPTO_THREAD_SEALED_SECRETS_H_

#include <cstdint>
#include <span>

#include "crypto/base/bytes.h"
#include "crypto/base/hash.h"
#include "crypto/base/ids.h"
#include "crypto/base/result.h"
#include "crypto/thread/card.h"
#include "crypto/thread/names.h"
#include "crypto/thread/notice.h"

namespace renkei::thread {

inline constexpr std::size_t kHpkeEncBytes = 32;
inline constexpr std::size_t kEnvelopeCiphertextBytes = 32 + 16;
inline constexpr std::size_t kMaxEnvelopeBytes = 256;
inline constexpr std::size_t kMaxPackCiphertextBytes = std::size_t{256} << 10U;
inline constexpr std::size_t kMaxPackBytes = kMaxPackCiphertextBytes + 256;

// One epoch's archive_secret for one archive key.
struct Envelope {
  CaseId case_id;
  EpochRef at;
  Hash32 key_id{};
  std::uint32_t key_version = 1;
  ByteArray<kHpkeEncBytes> enc{};
  ByteArray<kEnvelopeCiphertextBytes> ciphertext{};

  friend bool operator==(const Envelope&, const Envelope&) = default;
};

// Bytes of renkei.seal.v1.Envelope. ParseEnvelope: kMalformed, kUnsupported.
Bytes SerializeEnvelope(const Envelope& envelope);
Result<Envelope> ParseEnvelope(ByteView bytes);

// Exactly one envelope for each recipient on the card, in the card's order, of its case and epoch
// (G3). kDenied otherwise.
Status JudgeEnvelopes(std::span<const Envelope> envelopes, const Card& card);

// Earlier epochs' secrets for one archive key.
struct Pack {
  CaseId case_id;
  Hash32 key_id{};
  std::uint32_t key_version = 1;
  DeviceId sender_device;
  ByteArray<kHpkeEncBytes> enc{};
  Bytes ciphertext;  // 17..kMaxPackCiphertextBytes

  friend bool operator==(const Pack&, const Pack&) = default;
};

// Bytes of renkei.seal.v1.Pack. A ciphertext out of bounds is our bug. ParsePack: kMalformed,
// kUnsupported; kTooLarge over kMaxPackBytes.
Bytes SerializePack(const Pack& pack);
Result<Pack> ParsePack(ByteView bytes);

// Whether these pack bytes are the ones that the notice announces: hash, case, key, sender.
// kMalformed, kTooLarge: not a pack. kDenied: another one.
Status MatchPack(ByteView pack_bytes, const PackNotice& notice);

}  // namespace renkei::thread

#endif  // RENKEI_CRYPTO_THREAD_SEALED_SECRETS_H_
