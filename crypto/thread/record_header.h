// The outside of a sealed record (crypto/README.md "Sealed record"): what the relay sees of it and
// checks. Opening it is crypto/seal's. Functions on values; any thread.
#ifndef RENKEI_CRYPTO_THREAD_RECORD_HEADER_H_
#define RENKEI_CRYPTO_THREAD_RECORD_HEADER_H_

#include <cstdint>
#include <optional>

#include "crypto/base/bytes.h"
#include "crypto/base/hash.h"
#include "crypto/base/ids.h"
#include "crypto/base/result.h"
#include "crypto/thread/card.h"
#include "crypto/thread/chain.h"
#include "crypto/thread/names.h"

namespace renkei::thread {

inline constexpr std::size_t kRecordNonceBytes = 24;
inline constexpr std::size_t kMinCiphertextBytes = 1024 + 16;
inline constexpr std::size_t kMaxCiphertextBytes = std::size_t{1} << 20U;
inline constexpr std::size_t kMaxSealedRecordBytes = kMaxCiphertextBytes + 4096;

enum class Urgency : std::uint8_t { kNormal = 0, kUrgent = 1 };

struct RecordHeader {
  CaseId case_id;
  EpochRef at;
  Hash32 epoch_id{};
  RecordId record_id;
  DeviceId sender_device;
  Urgency urgency = Urgency::kNormal;
  Hash32 alert_plan_hash{};    // zeros: no plan
  std::uint64_t seen_seq = 0;  // 0: nothing yet; seen_hash is StartOf(case_id).hash then
  Hash32 seen_hash{};

  friend bool operator==(const RecordHeader&, const RecordHeader&) = default;
};

struct SealedRecord {
  RecordHeader header;
  ByteArray<kRecordNonceBytes> nonce{};
  Bytes ciphertext;  // padded body and 16 bytes of tag, kMinCiphertextBytes..kMaxCiphertextBytes
};

// The associated data: every outer field but nonce and ciphertext in a fixed layout of
// kRecordDataBytes bytes. The sender's signature covers it too.
inline constexpr std::size_t kRecordDataBytes =
    24 + 1 + 16 + 4 + 8 + 32 + 16 + 16 + 1 + 32 + 8 + 32;
Bytes RecordData(const RecordHeader& header);

// Bytes of renkei.seal.v1.SealedRecord. A ciphertext out of bounds is our bug.
Bytes SerializeSealedRecord(const SealedRecord& record);

// kMalformed: not the one encoding, a length out of bounds. kTooLarge: over
// kMaxSealedRecordBytes. kUnsupported: a later version.
Result<SealedRecord> ParseSealedRecord(ByteView bytes);
// The same checks; its header alone, without a copy of the ciphertext.
Result<RecordHeader> ParseRecordHeader(ByteView bytes);

// Whether a record may be the next entry of its thread (G2, G4, G6). Tell a retry apart before.
//   in_force  the card of the newest commit before it
//   seen_hash the chain's hash at header.seen_seq (the start's for 0), none if the thread does not
//             reach there
//   kStaleEpoch, kFutureEpoch  not the epoch in force: sync, seal again
//   kDenied       the sender is not on the card
//   kConflict     the position it claims to have seen is not on this chain
//   kMalformed    another case, or epoch_id is not the card's
Status JudgeRecord(const RecordHeader& header, const Card& in_force,
                   const std::optional<Hash32>& seen_hash);

}  // namespace renkei::thread

#endif  // RENKEI_CRYPTO_THREAD_RECORD_HEADER_H_
